// SPDX-License-Identifier: Apache-2.0

import { equal, throws } from "../check.js";
import type { HostCase } from "./case.js";

export const storageCases: readonly HostCase[] = [
  {
    name: "a value is read back as it was written, also the empty one and the longest",
    run: ({ storage }, done) => {
      const values = [new Uint8Array(0), new Uint8Array([0, 255, 10]), new Uint8Array(1_984).fill(9)];
      for (const value of values) {
        storage.write("value", value);
        equal(storage.read("value"), value, `value of ${value.length} bytes`);
      }
      done();
    },
  },
  {
    name: "a key that was never written is absent, and so is a deleted one",
    run: ({ storage }, done) => {
      equal(storage.read("never"), undefined, "never written");
      equal(storage.delete("never"), false, "delete of what is not there");
      storage.write("gone", new Uint8Array([1]));
      equal(storage.delete("gone"), true, "delete");
      equal(storage.read("gone"), undefined, "deleted");
      done();
    },
  },
  {
    name: "keys that differ in case or punctuation only are different keys",
    run: ({ storage }, done) => {
      const keys = ["key", "Key", "k.y", "k/y", "k%y", "..", "k y"];
      keys.forEach((key, index) => {
        storage.write(key, new Uint8Array([index]));
      });
      keys.forEach((key, index) => {
        equal(storage.read(key), new Uint8Array([index]), key);
      });
      done();
    },
  },
  {
    name: "a key of 15 characters is taken, one of 16, an empty one and one beyond ASCII are not",
    run: ({ storage }, done) => {
      storage.write("fifteen.letters", new Uint8Array([1]));
      for (const key of ["sixteen.letters.", "", "schl\u00fcssel"]) {
        throws(() => storage.write(key, new Uint8Array(1)), RangeError, `write "${key}"`);
        throws(() => storage.read(key), RangeError, `read "${key}"`);
      }
      done();
    },
  },
  {
    name: "a value over 1,984 bytes is refused and the old one stays",
    run: ({ storage }, done) => {
      storage.write("limit", new Uint8Array([5]));
      throws(() => storage.write("limit", new Uint8Array(1_985)), RangeError, "too long");
      equal(storage.read("limit"), new Uint8Array([5]), "old value");
      done();
    },
  },
];
