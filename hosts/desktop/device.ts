// SPDX-License-Identifier: Apache-2.0
// npm run device: the firmware alone, against any server.

import { resetToFactory } from "../node/boot-loader.js";
import { checkOpenRemoteExample, example } from "../node/example.js";
import { exitCodes } from "../node/exit-codes.js";
import { type FirmwareValues, firmwareOptions, folderOf } from "../node/firmware-process.js";
import { flag, handOn, readOptions, runProgram, text } from "../node/options.js";
import { settingsOf, settingsOptions } from "../node/settings.js";
import { Console } from "./console.js";
import { chooseEngine } from "./engine-choice.js";
import { Supervisor } from "./supervisor.js";

const exitFailed = 1;

const options = { ...firmwareOptions, factory: flag } as const;

runProgram(() => {
  const args = process.argv.slice(2);
  const values = readOptions(options, args);
  settingsOf(values);
  if (values.platform === "openremote" && values.example !== undefined)
    checkOpenRemoteExample(values.example, values["gateway-api"] === true);
  if (values.factory) resetToFactory(folderOf(values));
  runDevice(values, handOn({ ...settingsOptions, example, state: text }, options, args));
});

function runDevice(values: FirmwareValues, args: readonly string[]): void {
  const console = new Console(values.json ?? false);
  let isLive = false;
  const supervisor = new Supervisor({
    engine: chooseEngine(values.engine, console),
    args,
    onLine: (line) => {
      const event = console.relay("device", line)?.event;
      if (event === "session.live") isLive = true;
      if (event === "device.misconfigured") end(exitCodes.usage);
    },
    onRestart: (code, pause) =>
      console.say("warning", "run.restart", `firmware ended with ${code}, next boot in ${pause} ms`),
    onEnd: (code) => process.exit(values.for !== undefined && !isLive ? exitFailed : code),
  });
  const end = (code: number): void => void supervisor.stop().then(() => process.exit(code));
  process.once("SIGINT", () => end(0));
  process.once("SIGTERM", () => end(0));
  if (values.for !== undefined) {
    setTimeout(() => {
      if (!isLive) console.say("error", "run.failed", "the session did not become live");
      end(isLive ? 0 : exitFailed);
    }, values.for * 1_000);
  }
  supervisor.start();
}
