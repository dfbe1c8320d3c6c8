// SPDX-License-Identifier: Apache-2.0

import type { Digest, DigestAlgorithm, DigestFactory } from "../../../modules/core/ports.js";
import { equal, throws } from "../check.js";
import type { HostCase } from "./case.js";
import { type DigestVector, digestVectors } from "./digest-vectors.js";

/** A host need not have digests; those it has must be right. */
interface Digesting {
  readonly digest?: DigestFactory;
}

/** Longer than two blocks of any algorithm. */
const sample = Uint8Array.from({ length: 300 }, (_, index) => (index * 167) ^ (index >> 3));

export const digestCases: readonly HostCase<Digesting>[] = [
  {
    name: "digests are the published ones",
    run: ({ digest }, done) => {
      for (const vector of digestVectors) {
        const bytes = bytesOf(vector.message);
        withDigest(digest, vector, (opened) => opened.update(bytes, 0, bytes.length));
      }
      done();
    },
  },
  {
    name: "digests are the published ones for bytes that come one by one, and from the middle of a buffer",
    run: ({ digest }, done) => {
      for (const vector of digestVectors) {
        const bytes = bytesOf(`<${vector.message}>`);
        withDigest(digest, vector, (opened) => {
          for (let index = 1; index < bytes.length - 1; index++) opened.update(bytes, index, index + 1);
        });
        const part = bytesOf(`< ${vector.message}>`).subarray(1);
        withDigest(digest, vector, (opened) => opened.update(part, 1, part.length - 1));
      }
      done();
    },
  },
  {
    name: "a digest is the same wherever its bytes are cut in two, and nothing changes it",
    run: ({ digest }, done) => {
      forEachAlgorithm(digest, (open) => {
        const whole = digestOf(open(), [0, sample.length]);
        for (let cut = 0; cut <= sample.length; cut++)
          equal(digestOf(open(), [0, cut, cut, sample.length]), whole, `cut at ${cut}`);
      });
      done();
    },
  },
  {
    name: "two digests at a time have nothing to do with each other",
    run: ({ digest }, done) => {
      forEachAlgorithm(digest, (open) => {
        const one = open();
        const other = open();
        for (let index = 0; index < sample.length; index++) {
          one.update(sample, index, index + 1);
          if (index < 100) other.update(sample, index, index + 1);
        }
        equal(one.finish(), digestOf(open(), [0, sample.length]), "one");
        equal(other.finish(), digestOf(open(), [0, 100]), "other");
      });
      done();
    },
  },
  {
    name: "a digest takes no bytes from where there are none",
    run: ({ digest }, done) => {
      forEachAlgorithm(digest, (open) => {
        const opened = open();
        const { length } = sample;
        const parts = [
          [-1, 2],
          [2, 1],
          [0, length + 1],
          [length + 1, length + 1],
          [0.5, 2],
          [0, Number.NaN],
        ];
        for (const [start = 0, end = 0] of parts)
          throws(() => opened.update(sample, start, end), RangeError, `${start} to ${end}`);
        opened.update(sample, length, length);
        equal(opened.finish(), digestOf(open(), [0, 0]), "digest of nothing");
      });
      done();
    },
  },
  {
    name: "there is no digest by a name that is no algorithm's",
    run: ({ digest }, done) => {
      for (const name of ["", "md5", "SHA1", "SHA224", "GHASH", "constructor"])
        equal(digest?.(name as DigestAlgorithm), undefined, name);
      done();
    },
  },
];

function withDigest(factory: DigestFactory | undefined, vector: DigestVector, feed: (digest: Digest) => void): void {
  const digest = factory?.(vector.algorithm);
  if (digest === undefined) return;
  feed(digest);
  equal(digest.finish(), vector.digest, `${vector.algorithm} of "${vector.message}"`);
}

function forEachAlgorithm(factory: DigestFactory | undefined, step: (open: () => Digest) => void): void {
  for (const algorithm of new Set(digestVectors.map((vector) => vector.algorithm))) {
    if (factory?.(algorithm) === undefined) continue;
    step(() => factory(algorithm) as Digest);
  }
}

/** Of the parts of the sample between the even and the odd borders. */
function digestOf(digest: Digest, borders: readonly number[]): string {
  for (let index = 0; index < borders.length; index += 2)
    digest.update(sample, borders[index] as number, borders[index + 1] as number);
  return digest.finish();
}

function bytesOf(ascii: string): Uint8Array {
  return Uint8Array.from({ length: ascii.length }, (_, index) => ascii.charCodeAt(index));
}
