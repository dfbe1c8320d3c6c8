// SPDX-License-Identifier: Apache-2.0
// Takes commands in the XS machine: no bytes asks for the names of the cases, four bytes run the case of that number.

import { caseNames, runCase } from "./globals.js";

interface Reply {
  /** The engine waits for promises to settle before it takes the result out. */
  result: ArrayBuffer;
}

const encoder = new TextEncoder();

function toBuffer(text: string): ArrayBuffer {
  return encoder.encode(text).buffer as ArrayBuffer;
}

function handle(command: ArrayBuffer): Reply {
  if (command.byteLength === 0) return { result: toBuffer(JSON.stringify(caseNames())) };
  const reply = { result: toBuffer("the case never settled") };
  runCase(new DataView(command).getUint32(0)).then(
    () => {
      reply.result = new ArrayBuffer(0);
    },
    (error: unknown) => {
      reply.result = toBuffer(error instanceof Error ? `${error.stack ?? error}` : String(error));
    },
  );
  return reply;
}

Object.assign(globalThis, { handleCommand: handle });
