// SPDX-License-Identifier: Apache-2.0

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { beforeAll, expect, test } from "@jest/globals";
import { type Bundle, bundleForXs } from "../../hosts/desktop/bundle.js";
import { formatImage } from "../../hosts/node/image.js";
import { describeOnXs } from "./engine-required.js";
import { XsDevice } from "./xs-device.js";

const message = Buffer.from("message");
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const settings = {
  publicKey: publicKey.export({ type: "spki", format: "pem" }),
  digest: [...createHash("sha256").update(message).digest()],
  signature: [...sign("sha256", message, privateKey)],
};

describeOnXs("application slot on XS", () => {
  let bundle: Bundle;

  beforeAll(async () => {
    bundle = await bundleForXs("test/xs/application-entry.ts");
  });

  /** What the machine tells of an image in the slot. */
  async function outcome(image: Uint8Array): Promise<readonly (string | undefined)[]> {
    const device = new XsDevice();
    device.machine.openFlash("xs").write(image, 0);
    await device.bootBundle(bundle, settings);
    const { detail, reason } = await device.step("application");
    device.stop();
    return [detail, reason];
  }

  test("gives what the module in it exports", async () => {
    const script = 'module.exports = { framework: "0.1", default: () => typeof engine };';
    expect(await outcome(formatImage("application", "xs", script))).toEqual(["0.1 undefined", undefined]);
  });

  test("what the module throws comes out, with its lines in the image", async () => {
    const script = '"use strict";\n\nfunction stumble() {\n  throw new RangeError("a defect");\n}\nstumble();\n';
    const [detail] = await outcome(formatImage("application", "xs", script));
    expect(detail).toMatch(/^RangeError RangeError: a defect\s+at stumble \(xs:5\)/);
  });

  test("what is for another engine is image-refused", async () => {
    const [detail, reason] = await outcome(formatImage("application", "node", ""));
    expect(reason).toBe("image-refused");
    expect(detail).toContain("for --engine node, this is xs");
  });

  test("signatures are checked by the board", async () => {
    const device = new XsDevice();
    await device.bootBundle(bundle, settings);
    await device.step("application");
    const said = device.entries.filter(({ event }) => event === "signature").map(({ detail }) => detail);
    expect(said).toEqual(["true", "false", "RangeError: publicKey: not a public key in PEM"]);
    device.stop();
  });
});
