// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { formatImage, isErased, parseImage } from "../../../hosts/node/image.js";

const script = "/* Größe ✓ */ module.exports = 1;\n";
const image = formatImage("firmware", "xs", script);

/** In a partition of which it is not the whole. */
function inPartition(bytes: Uint8Array): Uint8Array {
  const partition = new Uint8Array(bytes.length + 5_000).fill(255);
  partition.set(bytes);
  return partition;
}

function refusal(bytes: Uint8Array): unknown {
  try {
    parseImage(bytes, "firmware", "xs", "ota_1");
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("image", () => {
  test("is read back, also in a partition that is larger", () => {
    expect(parseImage(image, "firmware", "xs", "ota_1")).toEqual({ script, length: image.length });
    expect(parseImage(inPartition(image), "firmware", "xs", "ota_1")).toEqual({ script, length: image.length });
  });

  test.each<[string, Uint8Array, string]>([
    ["an erased partition", inPartition(new Uint8Array()), "ota_1 is empty"],
    ["an empty file", new Uint8Array(), "ota_1 is empty"],
    ["a chip's image", inPartition(Uint8Array.of(0xe9, 6, 2, 2)), "npm run package"],
    ["a line of other JSON", inPartition(Buffer.from('{"xsthing":1}\n')), "npm run package"],
    ["null", inPartition(Buffer.from("null\n")), "npm run package"],
    ["application code", formatImage("application", "xs", script), "application where firmware belongs"],
    ["one for V8", formatImage("firmware", "node", script), "--engine node, this is xs"],
    ["one that was cut short", image.subarray(0, -1), `${image.length - image.indexOf(10) - 2} of the script's`],
  ])("%s is image-refused", (_name, bytes, text) => {
    expect(refusal(bytes)).toMatchObject({ reason: "image-refused", message: expect.stringContaining(text) });
  });

  test("no bit of the script can be another, and none of what names it", () => {
    for (let index = 0; index < image.length; index++) {
      const changed = inPartition(image);
      changed[index] = (changed[index] ?? 0) ^ 2;
      expect(refusal(changed)).toMatchObject({ reason: "image-refused" });
    }
  });

  test("a place is erased where nothing of an image's first line is", () => {
    expect(isErased(inPartition(new Uint8Array()))).toBe(true);
    expect(isErased(inPartition(Uint8Array.of(255, 255, 0)))).toBe(false);
  });
});
