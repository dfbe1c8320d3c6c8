// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import type { ProvisionedAsset } from "../../../modules/cloud/dialect.js";
import { JsonScanner } from "../../../modules/cloud/json-scanner.js";
import { OpenRemoteProvisioning } from "../../../modules/cloud/openremote-provisioning.js";
import { CertificatePrelude } from "../../../modules/provisioning/certificate-prelude.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";
const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const response = "provisioning/device1/response";
const encoder = new TextEncoder();

let clock: FakeClock;
let told: string[];
let hasRoom: boolean;
let isWelcome: boolean;
let assets: ProvisionedAsset[];
let prelude: CertificatePrelude;

const connection = {
  subscribe: (filter: string) => {
    if (hasRoom) told.push(`subscribe ${filter}`);
    return hasRoom;
  },
  publish: (topic: string, payload: Uint8Array, byteLength: number) => {
    if (hasRoom) told.push(`publish ${topic} ${text.decode(payload, 0, byteLength)}`);
    return hasRoom;
  },
  finish: () => told.push("finish"),
  fail: (reason: string) => told.push(`fail ${reason}`),
};

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  hasRoom = true;
  isWelcome = true;
  assets = [];
  prelude = preludeOf(certificate);
});

function preludeOf(pem: string): CertificatePrelude {
  const dialect = new OpenRemoteProvisioning(text, new JsonScanner({ text }), "device1", pem);
  return new CertificatePrelude({
    ...{ clock, text, log: new FakeLog(), dialect },
    onProvisioned: (asset) => {
      assets.push(asset);
      return isWelcome;
    },
  });
}

function receive(json: string, topic = response): void {
  const bytes = encoder.encode(json);
  prelude.onMessage(topic, bytes, bytes.length);
}

function ask(): void {
  prelude.begin(connection);
  prelude.onSubscribed(true);
  told.length = 0;
}

describe("CertificatePrelude", () => {
  test("asks when the response is subscribed, not before", () => {
    prelude.begin(connection);
    expect(told).toEqual([`subscribe ${response}`]);
    prelude.onSubscribed(true);
    expect(told[1]).toBe(`publish provisioning/device1/request ${JSON.stringify({ type: "x509", cert: certificate })}`);
    expect(String(told[1]).length - "publish provisioning/device1/request ".length).toBeLessThanOrEqual(
      prelude.maxPayload,
    );
    expect(prelude.attempts).toBe(1);
  });

  test.each([
    ["lines that end in CR LF", certificate.replaceAll("\n", "\r\n").repeat(3)],
    ["what openssl writes before it", `friendlyName: "Gerät"\n\tlocalKeyID: 1\n${certificate}`],
  ])("sends the certificate whole with %s", (_, pem) => {
    prelude = preludeOf(pem);
    prelude.begin(connection);
    prelude.onSubscribed(true);
    const [, , , json = ""] = String(told[1]).match(/^(publish) (\S+) (.*)$/s) ?? [];
    expect(JSON.parse(json)).toEqual({ type: "x509", cert: pem });
    expect(text.byteLength(json)).toBeLessThanOrEqual(prelude.maxPayload);
  });

  test("takes the asset and its values", () => {
    ask();
    const attributes = { level: { name: "level", value: 3 }, note: { name: "note", value: null }, bare: {} };
    receive(JSON.stringify({ type: "success", realm: "building", asset: { id, attributes } }));
    expect(assets).toEqual([{ realm: "building", assetId: id, values: new Map([["level", 3]]) }]);
    expect(told).toEqual(["finish"]);
  });

  test("ends where the asset is of no use", () => {
    isWelcome = false;
    ask();
    receive(JSON.stringify({ type: "success", realm: "building", asset: { id } }));
    expect(told).toEqual(["fail provisioning-refused"]);
  });

  test("waits for room, with either step", () => {
    hasRoom = false;
    prelude.begin(connection);
    hasRoom = true;
    prelude.onRoom();
    hasRoom = false;
    prelude.onSubscribed(true);
    expect(told).toEqual([`subscribe ${response}`]);
    hasRoom = true;
    prelude.onRoom();
    prelude.onRoom();
    expect(told).toHaveLength(2);
  });

  test("does not wait for ever", () => {
    ask();
    clock.advance(29_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(["fail request-timeout"]);
  });

  test("is silent when the connection is over, and begins anew with the next one", () => {
    ask();
    prelude.end();
    clock.advance(60_000);
    expect(told).toEqual([]);
    prelude.begin(connection);
    expect(told).toEqual([`subscribe ${response}`]);
  });

  test("is busy where the response belongs to another connection", () => {
    prelude.begin(connection);
    prelude.onSubscribed(false);
    expect(told[1]).toBe("fail provisioning-busy");
  });

  test("passes over what is no response", () => {
    ask();
    receive('{"type":"success"}', "provisioning/device2/response");
    expect(told).toEqual([]);
  });

  test.each([
    ["MESSAGE_INVALID", "provisioning-invalid"],
    ["CERTIFICATE_INVALID", "provisioning-invalid"],
    ["UNIQUE_ID_MISMATCH", "provisioning-invalid"],
    ["UNAUTHORIZED", "provisioning-refused"],
    ["CONFIG_DISABLED", "provisioning-refused"],
    ["USER_DISABLED", "provisioning-refused"],
    ["ASSET_ERROR", "provisioning-refused"],
    ["FORBIDDEN", "provisioning-refused"],
    ["SERVER_ERROR", "provisioning-failed"],
    ["SERVER_BUSY", "provisioning-failed"],
    ["TEAPOT", "provisioning-failed"],
  ])("takes %s for %s", (word, reason) => {
    ask();
    receive(JSON.stringify({ type: "error", error: word }));
    expect(told).toEqual([`fail ${reason}`]);
  });

  test.each([
    ["nonsense", "provisioning-failed"],
    ['{"type":"x509"}', "provisioning-failed"],
    ['{"type":"success","realm":"building"}', "provisioning-refused"],
    [`{"type":"success","asset":{"id":"${id}"}}`, "provisioning-refused"],
    [`{"type":"success","realm":"","asset":{"id":"${id}"}}`, "provisioning-refused"],
    [`{"type":"success","realm":7,"asset":{"id":"${id}"}}`, "provisioning-refused"],
    [`{"type":"success","realm":"a/#","asset":{"id":"${id}"}}`, "provisioning-refused"],
    [`{"type":"success","realm":"${"r".repeat(41)}","asset":{"id":"${id}"}}`, "provisioning-refused"],
    ['{"type":"success","realm":"building","asset":{"id":"lamp"}}', "provisioning-failed"],
  ])("fails with %s", (json, reason) => {
    ask();
    receive(json);
    expect(told).toEqual([`fail ${reason}`]);
    expect(assets).toEqual([]);
  });
});
