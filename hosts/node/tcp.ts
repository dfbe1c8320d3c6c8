// SPDX-License-Identifier: Apache-2.0

import { Socket } from "node:net";
import { socketReason } from "./socket-reason.js";
import type { Transport } from "./transport.js";

export const tcp: Transport = {
  readyEvent: "connect",
  // @types/node does not list the stream options that net.Socket hands on to Duplex.
  open: ({ host, port }, sendLimit) => new Socket({ writableHighWaterMark: sendLimit } as object).connect(port, host),
  reasonOf: ({ code }, _stream, { isReady }) => socketReason(code, isReady),
};
