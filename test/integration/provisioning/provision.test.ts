// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { ProvisioningConfig, ServerConfig } from "../../../modules/device/config-server.js";
import type { ServerOptions } from "../../../server/server.js";
import { makeAuthority } from "../../fakes/certificates.js";
import { flashFolder } from "../board.js";
import { type Fixture, startFixture } from "../server/fixture.js";
import { profileBody } from "../server/profile.js";
import { Board, losingReplies, stored } from "./fixture.js";

const authority = makeAuthority("Test authority");
const identity = authority.issue({ commonName: "server", hosts: ["127.0.0.1"] });

interface Provisioned extends Fixture {
  readonly folder: string;
  readonly profileId: string;
  /** Of plain TCP, and of TLS. */
  readonly plain: ServerConfig;
  readonly secure: ServerConfig;
}

/** A server with a profile that provisions, and a board without credentials. */
async function provisioningFixture(
  provisionType = "ALLOW_CREATE_NEW_DEVICES",
  options: ServerOptions = {},
): Promise<Provisioned> {
  const fixture = await startFixture({ tls: { port: 0, ...identity }, ...options });
  const { id } = await fixture.rest.call("POST", "/deviceProfile", profileBody({ provisionType }));
  const host = "127.0.0.1";
  return {
    ...fixture,
    ...{ folder: flashFolder(), profileId: id.id },
    plain: { host, port: fixture.server.mqttPort },
    secure: { host, port: fixture.server.tlsPort ?? 0, tls: { ca: authority.certificate } },
  };
}

/** The device's own REST view: its profile, credentials and server attributes. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what the tests assert
async function shown({ rest }: Fixture, name: string): Promise<any> {
  const device = await rest.call("GET", `/tenant/devices?deviceName=${encodeURIComponent(name)}`);
  const credentials = await rest.call("GET", `/device/${device.id.id}/credentials`);
  return { ...device, credentials, attributes: await rest.attributes(device.id.id, "SERVER_SCOPE") };
}

const kinds: readonly [string, Partial<ProvisioningConfig>, object][] = [
  ["a token that the server made", { credentials: "server" }, { credentialsType: "ACCESS_TOKEN" }],
  ["a token that the device made", {}, { credentialsType: "ACCESS_TOKEN" }],
  ["a token of the configuration", { credentials: { token: "mine" } }, { credentialsId: "mine" }],
  ["a client identifier", { credentials: { clientId: "c" } }, { credentialsType: "MQTT_BASIC" }],
  ["user name and password", { credentials: { userName: "u", password: "p" } }, { credentialsType: "MQTT_BASIC" }],
  [
    "all three",
    { credentials: { clientId: "c", userName: "u", password: "p" } },
    { credentialsValue: '{"clientId":"c","userName":"u","password":"p"}' },
  ],
];

describe.each(["plain", "secure"] as const)("over %s TCP a new device", (way) => {
  test.each(kinds)(
    "gets %s, is live with it, and is again after a restart, without asking",
    async (_, wanted, seen) => {
      const fixture = await provisioningFixture();
      const options = { folder: fixture.folder, server: fixture[way], provisioning: { deviceName: "New", ...wanted } };
      const first = new Board(options);
      await first.logged("provisioning.verified");
      expect(await shown(fixture, "New")).toMatchObject({
        ...{ deviceProfileId: { id: fixture.profileId }, credentials: seen },
        attributes: { provisionState: "provisioned", active: true },
      });
      expect(stored(fixture.folder, "cred")).toBeDefined();
      expect(stored(fixture.folder, "cred.new")).toBeUndefined();
      first.stop();
      const second = new Board(options);
      await second.logged("session.live");
      expect([first.attempts, second.attempts]).toEqual([1, 0]);
    },
  );
});

describe("a device with a certificate", () => {
  const own = authority.issue({ commonName: "device" });
  const provisioning = { deviceName: "New", credentials: own };

  test("has it registered, and shows it from then on", async () => {
    const fixture = await provisioningFixture();
    const options = { folder: fixture.folder, server: fixture.secure, provisioning };
    const first = new Board(options);
    await first.logged("provisioning.verified");
    const { credentials } = await shown(fixture, "New");
    expect(credentials.credentialsType).toBe("X509_CERTIFICATE");
    first.stop();
    const second = new Board(options);
    await second.logged("session.live");
    expect(second.attempts).toBe(0);
  });

  test("that was entered in advance is known by it", async () => {
    const fixture = await provisioningFixture("CHECK_PRE_PROVISIONED_DEVICES");
    const { rest, profileId } = fixture;
    const { id } = await rest.call("POST", "/device", { name: "New", deviceProfileId: { id: profileId } });
    const wanted = { credentialsType: "X509_CERTIFICATE", credentialsValue: own.certificate };
    await rest.setCredentials(id.id, wanted);
    await new Board({ folder: fixture.folder, server: fixture.secure, provisioning }).logged("provisioning.verified");
  });

  test("does not take another device's", async () => {
    const fixture = await provisioningFixture("CHECK_PRE_PROVISIONED_DEVICES");
    const { rest, profileId } = fixture;
    const { id } = await rest.call("POST", "/device", { name: "New", deviceProfileId: { id: profileId } });
    const { certificate } = authority.issue({ commonName: "device" });
    await rest.setCredentials(id.id, { credentialsType: "X509_CERTIFICATE", credentialsValue: certificate });
    const board = new Board({ folder: fixture.folder, server: fixture.secure, provisioning });
    const { detail } = await board.logged("provisioning.failed");
    expect(detail).toContain("SUCCESS, but of no use to the device");
    await board.logged("provisioning.unaccepted");
    expect(stored(fixture.folder, "cred")).toBeUndefined();
  });
});

describe("a device that was entered in advance", () => {
  test.each([
    ["its token", { credentialsType: "ACCESS_TOKEN", credentialsId: "known" }],
    [
      "its user name and password",
      { credentialsType: "MQTT_BASIC", credentialsValue: '{"clientId":null,"userName":"u","password":"p"}' },
    ],
  ])("gets %s", async (_, wanted) => {
    const fixture = await provisioningFixture("CHECK_PRE_PROVISIONED_DEVICES");
    const { rest, profileId } = fixture;
    const { id } = await rest.call("POST", "/device", { name: "Known", deviceProfileId: { id: profileId } });
    await rest.setCredentials(id.id, wanted);
    const options = { folder: fixture.folder, server: fixture.plain, provisioning: { deviceName: "Known" } };
    const first = new Board(options);
    await first.logged("provisioning.verified");
    first.stop();
    await new Board(options).logged("session.live");
    expect((await shown(fixture, "Known")).attributes).toMatchObject({ provisionState: "provisioned" });
  });

  test("is refused where nobody entered it", async () => {
    const fixture = await provisioningFixture("CHECK_PRE_PROVISIONED_DEVICES");
    const board = new Board({ folder: fixture.folder, server: fixture.plain });
    expect(await board.logged("provisioning.failed")).toMatchObject({
      reason: "provisioning-refused",
      detail: "FAILURE: Failed to provision device!, count 1",
    });
  });
});

describe("a new device", () => {
  test("becomes a gateway where it asks for that", async () => {
    const fixture = await provisioningFixture();
    const provisioning = { deviceName: "New", gateway: true };
    await new Board({ folder: fixture.folder, server: fixture.plain, provisioning }).logged("provisioning.verified");
    expect((await shown(fixture, "New")).additionalInfo).toEqual({ gateway: true });
  });

  test("has its identity for a name, or one of the server's", async () => {
    const fixture = await provisioningFixture();
    await new Board({ folder: fixture.folder, server: fixture.plain }).logged("provisioning.verified");
    const nameless = { folder: flashFolder(), server: fixture.plain, provisioning: { deviceName: "" } };
    await new Board(nameless).logged("provisioning.verified");
    const { data } = await fixture.rest.call("GET", "/tenant/devices?pageSize=9&page=0");
    const names = data.map(({ name }: { name: string }) => name);
    expect(names).toContainEqual(expect.stringMatching(/^[0-9a-f]{12}$/));
    expect(names).toContainEqual(expect.stringMatching(/^[A-Za-z0-9]{20}$/));
  });

  test("with a wrong secret is told so, tries its own token once and then waits for long", async () => {
    const fixture = await provisioningFixture();
    const board = new Board({ folder: fixture.folder, server: fixture.plain, provisioning: { secret: "x" } });
    expect(await board.logged("provisioning.failed")).toMatchObject({
      reason: "provisioning-refused",
      detail: "NOT_FOUND: Provision data was not found!, count 1",
    });
    const { detail } = await board.logged("provisioning.waiting", 2);
    expect(Number(/(\d+) ms/.exec(detail)?.[1])).toBeGreaterThanOrEqual(600_000);
    expect(board.attempts).toBe(1);
  });

  test("with a token of its own survives lost replies, each at the cost of one attempt", async () => {
    const fixture = await provisioningFixture();
    const port = await losingReplies(fixture.server.mqttPort, 2);
    const board = new Board({ folder: fixture.folder, server: port, provisioning: { deviceName: "New" } });
    await board.logged("provisioning.verified");
    const { credentials } = await shown(fixture, "New");
    expect(stored(fixture.folder, "cred.own")).toContain(credentials.credentialsId);
    expect(board.attempts).toBe(3);
  });

  test("with a token of the server's that was lost waits for the operator", async () => {
    const fixture = await provisioningFixture();
    const port = await losingReplies(fixture.server.mqttPort, 1);
    const provisioning = { deviceName: "New", credentials: "server" } as const;
    const board = new Board({ folder: fixture.folder, server: port, provisioning });
    expect((await board.logged("provisioning.failed", 2)).detail).toContain("FAILURE");
    board.stop();
    await fixture.rest.call("DELETE", `/device/${(await shown(fixture, "New")).id.id}`);
    await new Board({ folder: fixture.folder, server: port, provisioning }).logged("provisioning.verified");
  });

  test("that does not trust the certificate of the server asks it for nothing", async () => {
    const fixture = await provisioningFixture();
    const server = { ...fixture.secure, tls: { ca: makeAuthority("Elsewhere").certificate } };
    const board = new Board({ folder: fixture.folder, server });
    expect((await board.logged("provisioning.failed")).reason).toBe("tls-untrusted");
    expect(fixture.events.map(({ event }) => event)).not.toContain("provision.answered");
  });
});

describe("credentials that the server refuses", () => {
  test("are asked for again by policy, and stay until the new ones are verified", async () => {
    const fixture = await provisioningFixture();
    const { folder, plain, rest } = fixture;
    const provisioning = { deviceName: "New", credentials: "server", whenRefused: "reprovision" } as const;
    const first = new Board({ folder, server: plain, provisioning });
    await first.logged("provisioning.verified");
    first.stop();
    const old = stored(folder, "cred");
    await rest.call("DELETE", `/device/${(await shown(fixture, "New")).id.id}`);
    const seen: (string | undefined)[][] = [];
    const onLog = ({ event }: { event: string }): void => {
      if (event === "session.connected" || event === "provisioning.verified")
        seen.push([stored(folder, "cred"), stored(folder, "cred.new")]);
    };
    const second = new Board({ folder, server: plain, provisioning, haste: 50, onLog });
    await second.logged("provisioning.verified");
    const renewed = stored(folder, "cred");
    expect(seen).toEqual([
      [old, renewed],
      [renewed, undefined],
    ]);
    expect(renewed).toContain((await shown(fixture, "New")).credentials.credentialsId);
  }, 30_000);
});
