// SPDX-License-Identifier: Apache-2.0
// npm run openremote: the fake of OpenRemote's manager on its own, with assets for the default firmware and the examples.

import { createInterface } from "node:readline";
import { flag, port, readOptions, runProgram, text, UsageError } from "../../../hosts/node/options.js";
import { addDemo, commandsOf, demoAsset, demoRealm } from "./demo.js";
import { demoCertificates } from "./demo-certificates.js";
import { OpenRemote } from "./open-remote.js";
import { Report } from "./report.js";
import { readWriteLine } from "./write-line.js";

const options = { "mqtt-port": port, "tls-port": port, state: text, json: flag } as const;

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  const { "mqtt-port": mqttPort = 1_883, "tls-port": tlsPort = 8_883, state = ".xsthing/openremote" } = values;
  const files = demoCertificates(state);
  const report = new Report(values.json ?? false);
  const manager = await OpenRemote.start({
    port: mqttPort,
    tls: { ...files.server, port: tlsPort },
    prepare: (manager) => addDemo(manager, files.trusted),
    onStored: ({ asset, name, value, timestamp, isLate }) => {
      report.stored({ asset: asset.name, attribute: name, value, timestamp, isLate });
      manager.forget();
    },
    onPresence: ({ clientId, isOpen, user }) =>
      report.presence({ clientId, isConnected: isOpen, user: user?.username }),
    onLog: (entry) => report.log(entry),
  }).catch((error: NodeJS.ErrnoException & { port?: number }) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new UsageError(`port ${error.port} is in use; choose another with --mqtt-port or --tls-port`);
  });
  report.listening(manager, commandsOf(manager, files));
  createInterface({ input: process.stdin }).on("line", (line) => {
    const write = readWriteLine(line, manager.assets(demoRealm), demoAsset);
    if (typeof write === "string") report.refused(line, write);
    else manager.write(write.assetId, write.attribute, write.value);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void manager.close().then(() => process.exit(0)));
});
