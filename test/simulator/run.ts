// SPDX-License-Identifier: Apache-2.0
// `npm run test:sim`: the firmware in Moddable's simulator and its builds for the chips, with a Moddable SDK.

import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkApplicationSlot } from "./application-slot.js";
import { Checks } from "./checks.js";
import { boards, buildForBoard, checkOmissions, generateForEveryBoard } from "./chip-build.js";
import { checkFirmware } from "./firmware-run.js";
import { checkGateway } from "./gateway-run.js";
import { checkHostContract } from "./host-contract.js";
import { createIdfStub } from "./idf-stub.js";
import { checkOpenRemote } from "./openremote-run.js";
import { Processes } from "./processes.js";
import { root, Sdk } from "./sdk.js";
import { openDisplay } from "./simulator.js";

/** Manifests that leave out a feature each. */
const omissions = [
  "hosts/without-tls/manifest.json",
  "modules/without-gateway/manifest.json",
  "modules/without-openremote/manifest.json",
];

async function checkBoards(checks: Checks, processes: Processes, sdk: Sdk, folder: string): Promise<void> {
  let environment: Readonly<Record<string, string>> = {};
  if (!process.env.IDF_PATH) {
    const stub = join(folder, "idf");
    await mkdir(stub);
    environment = await createIdfStub(stub, await sdk.expectedIdf(), processes);
  }
  for (const board of boards) {
    let image = "";
    const isBuilt = await checks.run(
      `mcconfig -m -p ${board}: types, bytecode, link, partitions, rollback`,
      async () => {
        image = await buildForBoard(sdk, board, join(folder, board.replace("/", "-")), environment);
      },
    );
    if (isBuilt) console.log(`        ${image}`);
  }
  await checks.run("every board of the SDK, for release and for debugging: partitions, rollback", async () => {
    const count = await generateForEveryBoard(sdk, join(folder, "boards"), environment);
    console.log(`        ${count} generated`);
  });
  await checks.run(`mcconfig -m -p ${boards[0]}: without TLS, gateway and OpenRemote`, async () => {
    const source = join(folder, "small-source");
    await mkdir(source);
    const include = ["manifest.json", ...omissions].map((path) => join(root, path));
    await writeFile(join(source, "manifest.json"), JSON.stringify({ include }));
    const output = join(folder, "small");
    const image = await buildForBoard(sdk, boards[0], output, environment, source);
    await checkOmissions(output);
    console.log(`        ${image}`);
  });
  for (const example of await readdir(join(root, "examples")))
    await checks.run(`mcconfig -m -p ${boards[0]}, example ${example}`, async () => {
      const source = join(root, "examples", example);
      const image = await buildForBoard(sdk, boards[0], join(folder, example), environment, source);
      console.log(`        ${image}`);
    });
}

async function checkSimulator(checks: Checks, processes: Processes, sdk: Sdk, folder: string): Promise<void> {
  if (process.platform !== "linux") {
    console.log("skipped: the simulator is driven on Linux only; `mcconfig -d -m` starts it");
    return;
  }
  let display = "";
  const hasDisplay = await checks.run("there is a display for the simulator", async () => {
    display = await openDisplay(processes);
  });
  if (!hasDisplay) return;
  const hasTls =
    (await processes.run("cc", ["-xc", "-E", "-include", "mbedtls/ssl.h", "/dev/null"], folder, {})).code === 0;
  if (!hasTls) console.log("skipped: TLS in the simulator; the compiler finds no mbedtls/ssl.h");
  const bench = { processes, sdk, folder, display, tls: hasTls ? "tls" : "without-tls" } as const;
  await checkFirmware(checks, bench);
  await checkGateway(checks, bench);
  await checkOpenRemote(checks, bench);
  await checkHostContract(checks, bench);
  await checkApplicationSlot(checks, bench);
}

async function run(moddable: string): Promise<Checks> {
  const checks = new Checks();
  const processes = new Processes();
  const folder = await mkdtemp(join(tmpdir(), "xsthing-sim-"));
  const cleanUp = async (): Promise<void> => {
    await processes.killAll();
    await rm(folder, { recursive: true, force: true });
  };
  process.once("SIGINT", () => void cleanUp().then(() => process.exit(130)));
  try {
    const sdk = new Sdk(moddable, processes);
    if (await checks.run("the SDK's tools are there", () => sdk.check())) {
      await checkBoards(checks, processes, sdk, folder);
      await checkSimulator(checks, processes, sdk, folder);
    }
  } finally {
    await cleanUp();
  }
  return checks;
}

const { MODDABLE } = process.env;
if (MODDABLE) {
  const checks = await run(MODDABLE);
  console.log(checks.summary);
  process.exit(checks.hasFailed ? 1 : 0);
} else {
  console.log("skipped: MODDABLE is not set; it names the folder of a Moddable SDK whose tools have been built");
}
