// SPDX-License-Identifier: Apache-2.0

/** What the engine of @agoric/xsnap offers beyond ECMAScript, as far as it is used here. */
interface EngineGlobals {
  /** Asks the process that started the engine, and waits for its answer. */
  issueCommand(request: ArrayBuffer): ArrayBuffer;
  /** Called by the engine with every delivery. */
  handleCommand?: (delivery: ArrayBuffer) => ArrayBuffer;
}

export const engine = globalThis as unknown as EngineGlobals;
