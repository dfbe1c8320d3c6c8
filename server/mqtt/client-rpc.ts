import { TransportFault } from "../core/faults.js";
import { parseObjectPayload } from "../core/payload.js";
import { type Json, type JsonOutput, writeJson } from "../json/json.js";
import type { Flavour } from "./topics.js";

/** Answers a method that devices call: the part a customised rule chain plays on a real server. */
export type RpcRule = (params: unknown) => JsonOutput;

export interface ClientRpcOptions {
  readonly rules: Readonly<Record<string, RpcRule>>;
  readonly timeout: number;
  /** Answer of the only built-in method, `getSessionLimits`. */
  readonly sessionLimits: JsonOutput;
  readonly respond: (id: number, json: string) => void;
}

export interface ClientRpcRequest {
  readonly method: string;
  readonly params: Json;
}

/** Device-to-server RPC of one session. Like ThingsBoard it answers what it does not know with a timeout. */
export class ClientRpc {
  readonly #options: ClientRpcOptions;
  readonly #waiting = new Set<number>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: ClientRpcOptions) {
    this.#options = options;
  }

  call(id: number, { method, params }: ClientRpcRequest, flavour: Flavour): void {
    const { rules, sessionLimits, respond } = this.#options;
    const rule = Object.hasOwn(rules, method) ? rules[method] : undefined;
    if (method === "getSessionLimits" && flavour === "v1") respond(id, writeJson(sessionLimits));
    else if (rule) respond(id, writeJson(rule(JSON.parse(writeJson(params)))));
    else this.#await(id);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Faithful: a timer is never cancelled, so a second call with the same id gets the timeout of the first. */
  #await(id: number): void {
    this.#waiting.add(id);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#waiting.delete(id)) this.#options.respond(id, writeJson({ error: "timeout" }));
    }, this.#options.timeout).unref();
    this.#timers.add(timer);
  }
}

/** @throws {PayloadFault | TransportFault} no object, or no method in it */
export function parseClientRpc(payload: string): ClientRpcRequest {
  const request = parseObjectPayload(payload);
  const method = request.get("method");
  if (typeof method !== "string") throw new TransportFault("an RPC request needs a method");
  return { method, params: request.get("params") ?? null };
}
