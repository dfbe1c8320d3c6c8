import type { EventListener } from "../events.js";
import type { RpcRecord, RpcStatus } from "../store/rpc-records.js";
import type { Session } from "./sessions.js";

/** The longest timer Node has, 24 days: a request that lives longer expires then. */
const maxTimer = 2 ** 31 - 1;

export interface RpcRequest {
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  readonly isOneway: boolean;
  readonly expirationTime: number;
  /** Present: the RPC is persistent, and this is its state. */
  readonly record?: RpcRecord;
}

/** How a request that is not persistent ends for its caller. */
export type RpcOutcome =
  | { readonly kind: "answered"; readonly payload: string }
  | { readonly kind: "sent" }
  | { readonly kind: "timeout" }
  | { readonly kind: "noConnection" };

export interface RpcQueueOptions {
  readonly deviceName: string;
  /** A persistent RPC that is not acknowledged this long after it was sent counts as not delivered. */
  readonly deliveryTimeout: number;
  readonly session: () => Session | undefined;
  readonly saveRecord: (record: RpcRecord) => void;
  readonly onEvent: EventListener;
}

interface PendingRpc {
  readonly id: number;
  readonly request: RpcRequest;
  readonly resolve: (outcome: RpcOutcome) => void;
  readonly expiry: NodeJS.Timeout;
  record: RpcRecord | undefined;
  delivery: NodeJS.Timeout | undefined;
  wasSent: boolean;
  retries: number;
}

/** The server-side RPCs of one device: numbered from 0, all sent at once, sent again at every subscription. */
export class RpcQueue {
  readonly #options: RpcQueueOptions;
  readonly #pending = new Map<number, PendingRpc>();
  #nextId = 0;

  constructor(options: RpcQueueOptions) {
    this.#options = options;
  }

  submit(request: RpcRequest): Promise<RpcOutcome> {
    return new Promise((resolve) => {
      const pending = this.#add(request, resolve);
      this.#report("rpc.requested", pending);
      this.#send(pending);
    });
  }

  /** Takes up a persistent request of an earlier process. */
  restore(request: RpcRequest): void {
    this.#add(request, () => {});
  }

  /** Also sends what was delivered before but not answered. */
  resend(): void {
    for (const pending of [...this.#pending.values()]) this.#send(pending);
  }

  answer(id: number, payload: string): void {
    const pending = this.#pending.get(id);
    if (!pending || pending.request.isOneway) return;
    this.#report("rpc.answered", pending);
    this.#finish(pending, { kind: "answered", payload }, "SUCCESSFUL", responseJson(payload));
  }

  cancel(rpcId: string): void {
    for (const pending of this.#pending.values()) {
      if (pending.record?.id === rpcId) this.#forget(pending);
    }
  }

  close(): void {
    for (const pending of [...this.#pending.values()]) {
      this.#forget(pending);
      pending.resolve({ kind: "noConnection" });
    }
  }

  #add(request: RpcRequest, resolve: (outcome: RpcOutcome) => void): PendingRpc {
    const id = this.#nextId++;
    const expiry = setTimeout(() => this.#expire(pending), remainingTime(request)).unref();
    const { record } = request;
    const pending: PendingRpc = {
      id,
      request,
      resolve,
      expiry,
      record,
      delivery: undefined,
      wasSent: false,
      retries: 0,
    };
    this.#pending.set(id, pending);
    return pending;
  }

  #send(pending: PendingRpc): void {
    const session = this.#options.session();
    if (!session?.isSubscribedToRpc) return;
    const { method, params, isOneway } = pending.request;
    const json = `{"method":${JSON.stringify(method)},"params":${params}}`;
    const qos = session.sendRpc(pending.id, json, () => this.#delivered(pending));
    pending.wasSent = true;
    this.#report("rpc.sent", pending);
    if (!pending.record) {
      if (isOneway) this.#finish(pending, { kind: "sent" });
    } else if (qos === 0) {
      this.#delivered(pending);
    } else {
      this.#setStatus(pending, "SENT");
      clearTimeout(pending.delivery);
      const timeout = Math.min(this.#options.deliveryTimeout, remainingTime(pending.request));
      pending.delivery = setTimeout(() => this.#undelivered(pending), timeout).unref();
    }
  }

  #delivered(pending: PendingRpc): void {
    if (!pending.record || this.#pending.get(pending.id) !== pending) return;
    clearTimeout(pending.delivery);
    if (pending.request.isOneway) this.#finish(pending, { kind: "sent" }, "DELIVERED");
    else this.#setStatus(pending, "DELIVERED");
  }

  #undelivered(pending: PendingRpc): void {
    const maxRetries = pending.record?.maxRetries ?? 0;
    if (pending.retries++ < maxRetries) {
      this.#setStatus(pending, "TIMEOUT");
      return;
    }
    const error = `There was a Timeout and all retry attempts have been exhausted. Retry attempts set: ${maxRetries}`;
    this.#finish(pending, { kind: "timeout" }, "FAILED", JSON.stringify({ error }));
  }

  #expire(pending: PendingRpc): void {
    this.#report("rpc.expired", pending);
    this.#finish(pending, { kind: pending.wasSent ? "timeout" : "noConnection" }, "EXPIRED");
  }

  #finish(pending: PendingRpc, outcome: RpcOutcome, status?: RpcStatus, response?: string): void {
    this.#forget(pending);
    if (status) this.#setStatus(pending, status, response);
    pending.resolve(outcome);
  }

  #forget(pending: PendingRpc): void {
    clearTimeout(pending.expiry);
    clearTimeout(pending.delivery);
    this.#pending.delete(pending.id);
  }

  #setStatus(pending: PendingRpc, status: RpcStatus, response?: string): void {
    if (!pending.record) return;
    pending.record = { ...pending.record, status, response: response ?? pending.record.response };
    this.#options.saveRecord(pending.record);
  }

  #report(event: "rpc.requested" | "rpc.sent" | "rpc.answered" | "rpc.expired", { id, request }: PendingRpc): void {
    this.#options.onEvent({ event, device: this.#options.deviceName, id, method: request.method });
  }
}

function remainingTime({ expirationTime }: RpcRequest): number {
  return Math.min(maxTimer, Math.max(0, expirationTime - Date.now()));
}

/** What a persistent RPC keeps of an answer: its JSON, or the text as an error if it is none. */
function responseJson(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return JSON.stringify({ error: payload });
  }
}
