// SPDX-License-Identifier: Apache-2.0

import type { DigestAlgorithm } from "../../../modules/core/ports.js";

export interface DigestVector {
  readonly algorithm: DigestAlgorithm;
  /** ASCII. */
  readonly message: string;
  readonly digest: string;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const lettersAndDigits = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${letters}0123456789`;
const eighty = "1234567890".repeat(8);
/** Messages of 448 and of 896 bits in the examples of FIPS 180. */
const twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const twoLongBlocks =
  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
const date = "19 Jan 2038 at 3:14:07 AM";
const fox = "The quick brown fox jumps over the lazy dog.";
/** What ThingsBoard shows for it. */
const nine = "123456789";

const table: readonly (readonly [DigestAlgorithm, string, string])[] = [
  // RFC 1321
  ["MD5", "", "d41d8cd98f00b204e9800998ecf8427e"],
  ["MD5", "a", "0cc175b9c0f1b6a831c399e269772661"],
  ["MD5", "abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["MD5", "message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  ["MD5", letters, "c3fcd3d76192e4007dfb496cca67e13b"],
  ["MD5", lettersAndDigits, "d174ab98d277d9f5a5611c2c9f419d9f"],
  ["MD5", eighty, "57edf4a22be3c955ac49da2e2107b67a"],
  ["MD5", nine, "25f9e794323b453885f5181f1b624d0b"],
  // FIPS 180
  ["SHA256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["SHA256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["SHA256", twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
  ["SHA256", nine, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  ["SHA384", "", "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"],
  ["SHA384", "abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"],
  [
    "SHA384",
    twoLongBlocks,
    "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039",
  ],
  ["SHA384", nine, "eb455d56d2c1a69de64e832011f3393d45f3fa31d6842f21af92d2fe469c499da5e3179847334a18479c8d1dedea1be3"],
  [
    "SHA512",
    "",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  ],
  [
    "SHA512",
    "abc",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  ],
  [
    "SHA512",
    twoLongBlocks,
    "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
  ],
  [
    "SHA512",
    nine,
    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
  ],
  // Known as cbf43926.
  ["CRC32", "", "00000000"],
  ["CRC32", nine, "2639f4cb"],
  // Known as 248bfa47 and so on.
  ["MURMUR3_32", "", "00000000"],
  ["MURMUR3_32", "hello", "47fa8b24"],
  ["MURMUR3_32", "hello, world", "7fbb9b14"],
  ["MURMUR3_32", date, "708a1ee3"],
  ["MURMUR3_32", fox, "fc8bc4d5"],
  ["MURMUR3_32", nine, "82f3feb4"],
  // Known as cbd8a7b341bd9b02 5b1e906a48ae1d19 and so on.
  ["MURMUR3_128", "", "00000000000000000000000000000000"],
  ["MURMUR3_128", "hello", "029bbd41b3a7d8cb191dae486a901e5b"],
  ["MURMUR3_128", "hello, world", "8ebc5e3a62ac2f344d41429607bcdc4c"],
  ["MURMUR3_128", date, "fcaf37b788599eb8cbb2310295c24f66"],
  ["MURMUR3_128", fox, "c902e99e1f4899cde7b68789a3a15d69"],
  ["MURMUR3_128", nine, "a4cc66db5e64843c05a11e3ac7faf899"],
];

export const digestVectors: readonly DigestVector[] = table.map(([algorithm, message, digest]) => ({
  algorithm,
  message,
  digest,
}));
