import type { EventListener } from "../events.js";
import type { RpcRecord, RpcStatus } from "../store/rpc-records.js";
import { type RpcOptions, type RpcOutcome, type RpcRequest, remainingTime, responseJson } from "./rpc-request.js";
import type { Session } from "./sessions.js";

export interface RpcQueueOptions extends RpcOptions {
  readonly deviceName: string;
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
  /** Until the PUBACK, or with one strategy until the answer. */
  waiting: NodeJS.Timeout | undefined;
  wasSent: boolean;
  isDelivered: boolean;
  retries: number;
}

/** The server-side RPCs of one device: numbered from 0, and sent again at every subscription. */
export class RpcQueue {
  readonly #options: RpcQueueOptions;
  readonly #pending = new Map<number, PendingRpc>();
  #nextId = 0;

  constructor(options: RpcQueueOptions) {
    this.#options = options;
  }

  submit(request: RpcRequest): Promise<RpcOutcome> {
    return new Promise((resolve) => {
      const isNext = this.#isNextFree();
      const pending = this.#add(request, resolve);
      this.#report("rpc.requested", pending);
      if (isNext) this.#send(pending, true);
    });
  }

  /** Takes up a persistent request of an earlier process. */
  restore(request: RpcRequest): void {
    this.#add(request, () => {});
  }

  /** Also sends what was delivered before but not answered, if all may be sent at once. */
  resend(): void {
    if (this.#options.submitStrategy === "BURST")
      for (const pending of [...this.#pending.values()]) this.#send(pending);
    else this.#sendFirst();
  }

  answer(id: number, payload: string): void {
    const pending = this.#pending.get(id);
    if (!pending || pending.request.isOneway) return;
    this.#report("rpc.answered", pending);
    this.#finish(pending, { kind: "answered", payload }, "SUCCESSFUL", responseJson(payload));
  }

  cancel(rpcId: string): void {
    for (const pending of this.#pending.values()) {
      if (pending.record?.id !== rpcId) continue;
      this.#forget(pending);
      this.#goOnAfter(pending);
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
    const pending: PendingRpc = {
      id,
      request,
      resolve,
      expiry: setTimeout(() => this.#expire(pending), remainingTime(request)).unref(),
      record: request.record,
      waiting: undefined,
      wasSent: false,
      isDelivered: false,
      retries: 0,
    };
    this.#pending.set(id, pending);
    return pending;
  }

  #isNextFree(): boolean {
    const { submitStrategy } = this.#options;
    if (submitStrategy === "BURST") return true;
    if (submitStrategy === "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE") return this.#pending.size === 0;
    return [...this.#pending.values()].every(({ isDelivered }) => isDelivered);
  }

  #send(pending: PendingRpc, isNew = false): void {
    const session = this.#options.session();
    if (!session?.isSubscribedToRpc) return;
    const { method, params, isOneway } = pending.request;
    const delivery = session.sendRpc({ id: pending.id, method, params }, () => this.#delivered(pending));
    pending.wasSent = true;
    this.#report("rpc.sent", pending);
    if (!pending.record && isOneway && (isNew || this.#options.submitStrategy === "BURST")) {
      this.#forget(pending);
      pending.resolve({ kind: "sent" });
    } else if (delivery === "done") {
      this.#delivered(pending);
    } else {
      this.#setStatus(pending, "SENT");
      clearTimeout(pending.waiting);
      if (delivery === "unknown") return;
      const timeout = Math.min(this.#options.deliveryTimeout, remainingTime(pending.request));
      this.#wait(pending, timeout, () => this.#undelivered(pending));
    }
  }

  /** With a sequence, the first request that is not delivered, or the first of all if it must be answered first. */
  #sendFirst(): void {
    const isOnResponse = this.#options.submitStrategy === "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE";
    const first = [...this.#pending.values()].find(({ isDelivered }) => isOnResponse || !isDelivered);
    if (first && !first.isDelivered) this.#send(first);
  }

  #goOn(): void {
    // Not at once: at QoS 0 each request that is sent lets the next one go.
    if (this.#options.submitStrategy !== "BURST") setImmediate(() => this.#sendFirst());
  }

  /** A request that was delivered holds up the others only if its answer is waited for. */
  #goOnAfter({ isDelivered }: PendingRpc): void {
    if (!isDelivered || this.#options.submitStrategy === "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE") this.#goOn();
  }

  #delivered(pending: PendingRpc): void {
    if (this.#pending.get(pending.id) !== pending) return;
    clearTimeout(pending.waiting);
    if (pending.request.isOneway) {
      this.#finish(pending, { kind: "sent" }, "DELIVERED");
      return;
    }
    pending.isDelivered = true;
    this.#setStatus(pending, "DELIVERED");
    if (this.#options.submitStrategy === "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE") {
      this.#wait(pending, this.#options.responseTimeout, () => this.#unanswered(pending));
    } else {
      this.#goOn();
    }
  }

  #undelivered(pending: PendingRpc): void {
    const { maxRetries } = pending.request;
    if (pending.retries < maxRetries) {
      pending.retries += 1;
      this.#setStatus(pending, "TIMEOUT");
      this.#goOn();
    } else if (this.#options.closesSessionOnDeliveryTimeout) {
      pending.retries = 0;
      this.#setStatus(pending, "QUEUED");
      this.#options.session()?.close("RPC delivery timeout");
    } else {
      const error = `There was a Timeout and all retry attempts have been exhausted. Retry attempts set: ${maxRetries}`;
      this.#finish(pending, { kind: "timeout" }, "FAILED", JSON.stringify({ error }));
    }
  }

  #unanswered(pending: PendingRpc): void {
    const error = "There was a timeout awaiting for RPC response from device.";
    this.#finish(pending, { kind: "timeout" }, "FAILED", JSON.stringify({ error }));
  }

  #expire(pending: PendingRpc): void {
    this.#report("rpc.expired", pending);
    this.#finish(pending, { kind: pending.wasSent ? "timeout" : "noConnection" }, "EXPIRED");
  }

  #finish(pending: PendingRpc, outcome: RpcOutcome, status: RpcStatus, response?: string): void {
    this.#forget(pending);
    this.#setStatus(pending, status, response);
    pending.resolve(outcome);
    this.#goOnAfter(pending);
  }

  #wait(pending: PendingRpc, timeout: number, onTimeout: () => void): void {
    clearTimeout(pending.waiting);
    pending.waiting = setTimeout(onTimeout, timeout).unref();
  }

  #forget(pending: PendingRpc): void {
    clearTimeout(pending.expiry);
    clearTimeout(pending.waiting);
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
