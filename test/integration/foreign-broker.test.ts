// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Aedes } from "aedes";
import { createMachine, type Machine } from "../../hosts/node/machine.js";
import { Session } from "../../modules/session/session.js";

let broker: Aedes;
let listener: Server;
let folder: string;
let machine: Machine;
let session: Session;

beforeEach(async () => {
  broker = await Aedes.createBroker();
  listener = createServer(broker.handle);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  folder = mkdtempSync(join(tmpdir(), "xsthing-broker-"));
  const ignore = () => undefined;
  machine = createMachine({
    folder,
    format: String,
    writeLine: ignore,
    onEnd: ignore,
    engine: "V8",
    measureEngine: ignore,
  });
  const { clock, random, text, connect, log } = machine;
  session = new Session({
    ...{ clock, random, text, connect, log },
    server: { host: "127.0.0.1", port: (listener.address() as AddressInfo).port },
    credentials: { clientId: "foreign" },
  });
});

afterEach(async () => {
  session.stop();
  machine.stop();
  await new Promise<void>((resolve) => broker.close(resolve));
  listener.close();
  rmSync(folder, { recursive: true });
});

test("a session with a broker that is not ours hears its own message, and has it acknowledged", async () => {
  const payload = new TextEncoder().encode('{"a":1}');
  const heard = new Promise<string>((resolve) => {
    session.subscribe({
      filter: "room/+/temperature",
      QoS: 1,
      onMessage: (topic, bytes, byteLength) => resolve(`${topic} ${machine.text.decode(bytes, 0, byteLength)}`),
    });
  });
  const acknowledged = new Promise<number>((resolve) => {
    const publisher = { onAcknowledged: resolve, onLost: () => undefined };
    session.join({
      onOpen: () => {
        session.publish("room/7/temperature", payload, payload.length, publisher, 42);
      },
      onLive: () => undefined,
      onClosed: () => undefined,
      onRoom: () => undefined,
    });
  });
  session.start();
  session.setNetwork(true);
  expect(await heard).toBe('room/7/temperature {"a":1}');
  expect(await acknowledged).toBe(42);
});
