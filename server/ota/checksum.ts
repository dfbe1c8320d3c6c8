import { createHash } from "node:crypto";
import { crc32 } from "./crc32.js";
import { murmur3x32, murmur3x128 } from "./murmur3.js";

export const checksumAlgorithms = ["MD5", "SHA256", "SHA384", "SHA512", "CRC32", "MURMUR3_32", "MURMUR3_128"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** A checksum as ThingsBoard writes it: lower-case hex, and of numbers the lowest byte first. */
export function checksumOf(algorithm: ChecksumAlgorithm, data: Buffer): string {
  switch (algorithm) {
    case "CRC32": {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(crc32(data));
      return bytes.toString("hex");
    }
    case "MURMUR3_32":
      return murmur3x32(data).toString("hex");
    case "MURMUR3_128":
      return murmur3x128(data).toString("hex");
    default:
      return createHash(algorithm.toLowerCase()).update(data).digest("hex");
  }
}
