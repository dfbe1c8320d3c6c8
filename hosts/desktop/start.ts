// SPDX-License-Identifier: Apache-2.0
// npm start: the local server and, against it, the firmware.

import { join } from "node:path";
import { resetToFactory } from "../node/boot-loader.js";
import { example } from "../node/example.js";
import { folderOf } from "../node/firmware-process.js";
import { choice, flag, port, readOptions, runProgram, seconds, text, UsageError } from "../node/options.js";
import { Console } from "./console.js";
import { chooseEngine } from "./engine-choice.js";
import { isPortFree } from "./free-port.js";
import { Run } from "./run.js";

const options = {
  for: seconds,
  engine: choice("xs", "node"),
  example,
  "mqtt-port": port,
  "http-port": port,
  state: text,
  factory: flag,
  json: flag,
} as const;

const defaultPorts = Object.freeze({ "mqtt-port": 1_883, "http-port": 8_080 } as const);

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  const console = new Console(values.json ?? false);
  const state = folderOf(values);
  if (values.factory) resetToFactory(state);
  const run = new Run(console, {
    engine: chooseEngine(values.engine, console),
    example: values.example,
    mqttPort: await choosePort("mqtt-port", values["mqtt-port"], console),
    httpPort: await choosePort("http-port", values["http-port"], console),
    deviceState: state,
    serverState: join(state, "server"),
  });
  process.once("SIGINT", () => run.stop(0));
  process.once("SIGTERM", () => run.stop(0));
  await run.start();
  if (values.for !== undefined) setTimeout(() => void run.finish(), values.for * 1_000);
});

/** A port that was asked for must be free; in the place of a default port that is taken, any free one. */
async function choosePort(name: keyof typeof defaultPorts, wanted: number | undefined, console: Console) {
  const chosen = wanted ?? defaultPorts[name];
  if (await isPortFree(chosen)) return chosen;
  if (wanted !== undefined) throw new UsageError(`--${name}: port ${wanted} is taken`);
  console.say("warning", "run.port", `port ${chosen} is taken, using a free one (--${name} chooses)`);
  return 0;
}
