// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../../modules/core/ports.js";
import { equal } from "../check.js";
import type { HostCase } from "./case.js";

interface Sample {
  readonly text: string;
  readonly bytes: readonly number[];
}

const samples: readonly Sample[] = [
  { text: "", bytes: [] },
  { text: "abc", bytes: [0x61, 0x62, 0x63] },
  { text: "\u00e9", bytes: [0xc3, 0xa9] },
  { text: "\u20ac", bytes: [0xe2, 0x82, 0xac] },
  { text: "\ud83d\ude00!", bytes: [0xf0, 0x9f, 0x98, 0x80, 0x21] },
  { text: "\ufeffx", bytes: [0xef, 0xbb, 0xbf, 0x78] },
  { text: "a\u0000b", bytes: [0x61, 0x00, 0x62] },
];

const malformed: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: "a lone continuation byte", bytes: [0x61, 0x80, 0x62] },
  { name: "a byte that never occurs", bytes: [0x61, 0xff, 0x62] },
  { name: "a sequence that ends early", bytes: [0x61, 0xc3, 0x62] },
];

/** Asks for the text alone, so that fakes of it can be held to the same. */
export const textCases: readonly HostCase<{ readonly text: Text }>[] = [
  {
    name: "text is encoded at the offset, and the bytes around it stay",
    run: ({ text }, done) => {
      for (const sample of samples) {
        const into = new Uint8Array(sample.bytes.length + 3).fill(7);
        equal(text.encodeInto(sample.text, into, 2), sample.bytes.length, `bytes of ${JSON.stringify(sample.text)}`);
        equal(into, new Uint8Array([7, 7, ...sample.bytes, 7]), JSON.stringify(sample.text));
      }
      done();
    },
  },
  {
    name: "text that fits exactly is taken, and with one byte less it is -1",
    run: ({ text }, done) => {
      for (const sample of samples) {
        const { length } = sample.bytes;
        equal(text.encodeInto(sample.text, new Uint8Array(length), 0), length, `${JSON.stringify(sample.text)} fits`);
        if (length === 0) continue;
        equal(text.encodeInto(sample.text, new Uint8Array(length - 1), 0), -1, JSON.stringify(sample.text));
        equal(text.encodeInto(sample.text, new Uint8Array(length), 1), -1, `${JSON.stringify(sample.text)} at 1`);
      }
      done();
    },
  },
  {
    name: "decoding gives back what was encoded, of the given range only",
    run: ({ text }, done) => {
      for (const sample of samples) {
        const bytes = new Uint8Array([0x3c, ...sample.bytes, 0x3e]);
        equal(text.decode(bytes, 1, bytes.length - 1) === sample.text, true, JSON.stringify(sample.text));
      }
      done();
    },
  },
  {
    name: "malformed bytes become U+FFFD and what is around them is kept",
    run: ({ text }, done) => {
      for (const { name, bytes } of malformed) {
        equal(text.decode(new Uint8Array(bytes), 0, bytes.length) === "a\ufffdb", true, name);
      }
      done();
    },
  },
  {
    name: "a lone surrogate is encoded as U+FFFD, a pair made of two strings as its character",
    run: ({ text }, done) => {
      const [high, low] = ["\ud83d", "\ude00"];
      for (const { lone, bytes } of [
        { lone: `a${high}`, bytes: [0x61, 0xef, 0xbf, 0xbd] },
        { lone: `${low}${high}b`, bytes: [0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd, 0x62] },
        { lone: high + low, bytes: [0xf0, 0x9f, 0x98, 0x80] },
        { lone: "\ud7ff", bytes: [0xed, 0x9f, 0xbf] },
      ]) {
        const into = new Uint8Array(bytes.length);
        equal(text.encodeInto(lone, into, 0), bytes.length, "length");
        equal(into, new Uint8Array(bytes), "bytes");
        equal(text.byteLength(lone), bytes.length, "byteLength");
      }
      done();
    },
  },
  {
    name: "byteLength counts bytes, not characters",
    run: ({ text }, done) => {
      for (const sample of samples)
        equal(text.byteLength(sample.text), sample.bytes.length, JSON.stringify(sample.text));
      done();
    },
  },
];
