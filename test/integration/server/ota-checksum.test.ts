import { expect, test } from "@jest/globals";
import { startFixture } from "./fixture.js";
import { createPackage, describePackage } from "./ota-package.js";

const digits = "123456789";
const fox = "The quick brown fox jumps over the lazy dog";

// Those of the fox are from the tests of Guava, which ThingsBoard computes them with, and of the digest standards.
test.each([
  ["MD5", digits, "25f9e794323b453885f5181f1b624d0b"],
  ["MD5", fox, "9e107d9d372bb6826bd81d3542a419d6"],
  ["SHA256", fox, "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"],
  ["SHA384", fox, "ca737f1014a48f4c0b6dd43cb177b0afd9e5169367544c494011e3317dbf9a509cb1e5dc1e85a941bbee3d7f2afbc9b1"],
  [
    "SHA512",
    fox,
    "07e547d9586f6a73f73fbac0435ed76951218fb7d0c8d788a309d785436bbb642e93a252a954f23912547d1e8a3b5ed6e1bfd7097821233fa0538f3db854fee6",
  ],
  ["CRC32", digits, "2639f4cb"],
  ["CRC32", fox, "39a34f41"],
  ["CRC32", "\0", "8def02d2"],
  ["MURMUR3_32", digits, "82f3feb4"],
  ["MURMUR3_32", fox, "23f74f2e"],
  ["MURMUR3_32", `${fox}.`, "fc8bc4d5"],
  ["MURMUR3_128", digits, "a4cc66db5e64843c05a11e3ac7faf899"],
  ["MURMUR3_128", fox, "6c1b07bc7bbc4be347939ac4a93c437a"],
  ["MURMUR3_128", `${fox}.`, "c902e99e1f4899cde7b68789a3a15d69"],
])("%s of %j is generated", async (algorithm, text, checksum) => {
  const { rest } = await startFixture();
  const info = await createPackage(rest, Buffer.from(text), { algorithm });
  expect(info).toMatchObject({ checksum, checksumAlgorithm: algorithm, dataSize: text.length });
});

test("a checksum that is given must be that of the file, to the letter", async () => {
  const { rest } = await startFixture();
  const { id } = await describePackage(rest);
  const upload = (checksum: string): Promise<Response> =>
    rest.upload(`/otaPackage/${id.id}?checksumAlgorithm=crc32&checksum=${checksum}`, Buffer.from(digits));
  for (const wrong of ["cbf43926", "2639F4CB"]) {
    const response = await upload(wrong);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ message: "Wrong otaPackage file!", errorCode: 31 }),
    ]);
  }
  expect(await rest.call("GET", `/otaPackage/info/${id.id}`)).toMatchObject({ hasData: false, checksum: null });
  expect(await (await upload("2639f4cb")).json()).toMatchObject({ hasData: true, checksum: "2639f4cb" });
});
