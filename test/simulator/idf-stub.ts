// SPDX-License-Identifier: Apache-2.0

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Processes } from "./processes.js";

/** Takes the place of every tool that makes files: the file after -o, or the archive, comes to be and stays empty. */
const compiler = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in -o) : > "$2";; *.a) : > "$1";; esac
  shift
done
`;

/** Answers "reconfigure" with a header from the merged configuration, and nothing else. */
const idf = `#!/bin/sh
for argument in "$@"; do
  case "$argument" in
    SDKCONFIG_HEADER=*|-DSDKCONFIG_HEADER=*) header="\${argument#*=}";;
    SDKCONFIG_DEFAULTS=*|-DSDKCONFIG_DEFAULTS=*) defaults="\${argument#*=}";;
    build|flash) echo "no ESP-IDF here" >&2; exit 1;;
  esac
done
[ -n "$header" ] || exit 0
mkdir -p "$(dirname "$header")"
sed -nE 's/^(CONFIG_[A-Za-z0-9_]+)=y$/#define \\1 1/p; s/^(CONFIG_[A-Za-z0-9_]+)=([^yn].*)$/#define \\1 \\2/p' "$defaults" > "$header"
`;

/** Folders of headers that a manifest of ours names, which the SDK wants to see. */
const headers = [
  "components/mbedtls/port/include",
  "components/mbedtls/port/psa_driver/include",
  "components/mbedtls/mbedtls/tf-psa-crypto/include",
  "components/mbedtls/mbedtls/tf-psa-crypto/drivers/builtin/include",
];

const prefixes = ["xtensa-esp32-elf", "xtensa-esp32s2-elf", "xtensa-esp32s3-elf", "riscv32-esp-elf"];
const suffixes = ["gcc", "g++", "ar", "objcopy", "objdump"];

/**
 * Makes a folder that the SDK takes for an ESP-IDF, up to the point where one is really needed: JavaScript is compiled and
 * linked for the chip, no C is. Returns the environment to build with.
 */
export async function createIdfStub(
  folder: string,
  version: string,
  processes: Processes,
): Promise<Readonly<Record<string, string>>> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const names = prefixes.flatMap((prefix) => suffixes.map((suffix) => `${prefix}-${suffix}`));
  await Promise.all(names.map((name) => writeTool(join(bin, name), compiler)));
  await writeTool(join(bin, "idf.py"), idf);
  await writeFile(join(folder, "export.sh"), "");
  await Promise.all(headers.map((path) => mkdir(join(folder, path), { recursive: true })));
  const identity = ["-c", "user.name=stub", "-c", "user.email=stub@localhost"];
  const git = async (...args: readonly string[]): Promise<void> => {
    const { code, output } = await processes.run("git", [...identity, ...args], folder, {});
    if (code !== 0) throw new Error(`git ${args[0]}: ${output}`);
  };
  await git("init", "--quiet");
  await git("commit", "--quiet", "--allow-empty", "--no-verify", "--no-gpg-sign", "--message", "stub");
  // The SDK asks `git describe` for the version, which sees annotated tags only.
  await git("tag", "--annotate", "--no-sign", "--message", "stub", version);
  return { IDF_PATH: folder, PATH: `${bin}:${process.env.PATH}` };
}

async function writeTool(path: string, content: string): Promise<void> {
  await writeFile(path, content);
  await chmod(path, 0o755);
}
