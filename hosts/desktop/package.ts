// SPDX-License-Identifier: Apache-2.0
// npm run package: an image of the firmware, or of application code, as the server hands it to devices on this host.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { choice, flag, readOptions, required, runProgram, text, UsageError } from "../node/options.js";
import { firmwarePartitions } from "../node/partitions.js";
import { applicationImage, firmwareImage } from "./bundle.js";
import { Console } from "./console.js";

const options = {
  kind: choice("firmware", "application"),
  engine: choice("xs", "node"),
  program: text,
  out: text,
  json: flag,
} as const;

const kinds = Object.freeze({
  firmware: { program: "main.ts", partition: "ota_0", create: firmwareImage },
  application: { program: "application/application.ts", partition: "xs", create: applicationImage },
} as const);

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  const kind = required(values.kind, "kind");
  const path = resolve(required(values.out, "out"));
  const { engine = "xs" } = values;
  const { partition, create, program } = kinds[kind];
  const image = await create(engine, values.program ?? program).catch((error: Error) => {
    throw new UsageError(`--program: ${error.message}`);
  });
  const limit = firmwarePartitions().get(partition) ?? 0;
  if (image.length > limit) throw new UsageError(`--program: ${image.length} bytes, the partition has ${limit}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, image);
  const line = {
    ...{ time: new Date().toISOString(), level: "info", event: "package.written" },
    ...{ path, kind, engine, size: image.length, sha256: createHash("sha256").update(image).digest("hex") },
  };
  new Console(values.json ?? false).relay("", JSON.stringify(line));
});
