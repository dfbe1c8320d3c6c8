/** MurmurHash3 in the two variants that ThingsBoard offers, with seed 0. Results are little-endian, as Guava's are. */

/** The variant x86_32. @returns 4 bytes */
export function murmur3x32(data: Buffer): Buffer {
  const blocksEnd = data.length & ~3;
  let hash = 0;
  for (let offset = 0; offset < blocksEnd; offset += 4) {
    hash = rotate32(hash ^ scramble32(data.readUInt32LE(offset)), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  const tail = data.subarray(blocksEnd);
  if (tail.length > 0) hash ^= scramble32(tail.readUIntLE(0, tail.length));
  const result = Buffer.alloc(4);
  result.writeUInt32LE(finish32(hash ^ data.length) >>> 0);
  return result;
}

/** The variant x64_128. @returns 16 bytes */
export function murmur3x128(data: Buffer): Buffer {
  const blocksEnd = data.length & ~15;
  let [first, second] = [0n, 0n];
  for (let offset = 0; offset < blocksEnd; offset += 16) {
    first = rotate64(first ^ scrambleFirst(data.readBigUInt64LE(offset)), 27n);
    first = int64((first + second) * 5n + 0x52dce729n);
    second = rotate64(second ^ scrambleSecond(data.readBigUInt64LE(offset + 8)), 31n);
    second = int64((second + first) * 5n + 0x38495ab5n);
  }
  const tail = Buffer.alloc(16);
  data.copy(tail, 0, blocksEnd);
  const length = BigInt(data.length);
  first = first ^ scrambleFirst(tail.readBigUInt64LE(0)) ^ length;
  second = second ^ scrambleSecond(tail.readBigUInt64LE(8)) ^ length;
  first = int64(first + second);
  second = int64(second + first);
  first = finish64(first);
  second = finish64(second);
  first = int64(first + second);
  second = int64(second + first);
  const result = Buffer.alloc(16);
  result.writeBigUInt64LE(first, 0);
  result.writeBigUInt64LE(second, 8);
  return result;
}

function rotate32(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function scramble32(block: number): number {
  return Math.imul(rotate32(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function finish32(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

const factorFirst = 0x87c37b91114253d5n;
const factorSecond = 0x4cf5ad432745937fn;

function int64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate64(value: bigint, by: bigint): bigint {
  return int64(value << by) | (value >> (64n - by));
}

function scrambleFirst(block: bigint): bigint {
  return int64(rotate64(int64(block * factorFirst), 31n) * factorSecond);
}

function scrambleSecond(block: bigint): bigint {
  return int64(rotate64(int64(block * factorSecond), 33n) * factorFirst);
}

function finish64(hash: bigint): bigint {
  const once = int64((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  const twice = int64((once ^ (once >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return twice ^ (twice >> 33n);
}
