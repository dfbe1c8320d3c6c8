// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { startProgram } from "../../../hosts/desktop/children.js";
import { type EngineName, type ImageKind, parseImage } from "../../../hosts/node/image.js";

const patience = 30_000;

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xsthing-"));
  out = join(folder, "new/image");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Exit code, and what was printed. */
function run(...args: readonly string[]): Promise<readonly [number | null, string]> {
  let said = "";
  const child = startProgram("hosts/desktop/package.ts", [...args, `--out=${out}`], (line) => {
    said += line;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve([code, said])));
}

function program(content: string): string {
  const path = join(folder, "program.ts");
  writeFileSync(path, content);
  return path;
}

describe("npm run package", () => {
  test.each<[ImageKind, EngineName]>([
    ["firmware", "xs"],
    ["firmware", "node"],
    ["application", "xs"],
    ["application", "node"],
  ])(
    "makes an image of %s for %s, and tells its size and checksum",
    async (kind, engine) => {
      const path = program("export default function main(): void {}\nexport const framework = String(1);\n");
      const [code, said] = await run(`--kind=${kind}`, `--engine=${engine}`, `--program=${path}`, "--json");
      expect(code).toBe(0);
      const image = readFileSync(out);
      const sha256 = createHash("sha256").update(image).digest("hex");
      expect(JSON.parse(said)).toMatchObject({
        ...{ event: "package.written", path: out, kind, engine, size: image.length, sha256 },
      });
      expect(parseImage(image, kind, engine, "out").script).toContain("function main()");
    },
    patience,
  );

  test(
    "refuses what the partition has no room for, and what cannot be built, and leaves nothing",
    async () => {
      const large = program(`export default "${"x".repeat(100_000)}";`);
      expect((await run("--kind=application", `--program=${large}`))[0]).toBe(2);
      expect((await run("--kind=application", `--program=${program("import 'nowhere';")}`))[0]).toBe(2);
      expect((await run(`--program=${large}`))[0]).toBe(2);
      expect(existsSync(out)).toBe(false);
    },
    patience,
  );
});
