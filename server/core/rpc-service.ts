import { randomUUID } from "node:crypto";
import type { EventListener } from "../events.js";
import type { RpcRecord } from "../store/rpc-records.js";
import type { Store } from "../store/store.js";
import { RpcQueue } from "./rpc-queue.js";
import type { RpcOptions, RpcOutcome, RpcRequest } from "./rpc-request.js";
import type { Sessions } from "./sessions.js";

/** Upper bound of a request's own retry count, and its default. */
const maxRetries = 5;

/** A request as it comes from a caller. */
export interface NewRpcRequest extends Omit<RpcRequest, "record" | "maxRetries"> {
  readonly retries: number | undefined;
}

export interface PersistentRpcRequest extends NewRpcRequest {
  /** JSON text. */
  readonly additionalInfo: string | null;
}

/** Server-side RPC: one queue per device, and the records of the persistent requests. */
export class RpcService {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #onEvent: EventListener;
  readonly #options: RpcOptions;
  readonly #queues = new Map<string, RpcQueue>();

  constructor(store: Store, sessions: Sessions, onEvent: EventListener, options: RpcOptions) {
    this.#store = store;
    this.#sessions = sessions;
    this.#onEvent = onEvent;
    this.#options = options;
    for (const record of store.rpcs.all()) {
      if (record.status === "QUEUED") this.#queue(record.deviceId).restore(requestOf(record));
    }
  }

  /** Resolves when the request is answered, expired or, if it is one-way, sent. */
  call(deviceId: string, { retries, ...request }: NewRpcRequest): Promise<RpcOutcome> {
    return this.#queue(deviceId).submit({ ...request, maxRetries: retriesOf(retries) });
  }

  /** Stores the request and returns at once. */
  persist(deviceId: string, request: PersistentRpcRequest): RpcRecord {
    const { method, params, isOneway, expirationTime, additionalInfo } = request;
    const record: RpcRecord = {
      id: randomUUID(),
      deviceId,
      createdTime: Date.now(),
      expirationTime,
      status: "QUEUED",
      isOneway,
      method,
      params,
      maxRetries: retriesOf(request.retries),
      response: null,
      additionalInfo,
    };
    this.#store.commit({ op: "rpc", record });
    void this.#queue(deviceId).submit(requestOf(record));
    return record;
  }

  delete(record: RpcRecord): void {
    this.#queues.get(record.deviceId)?.cancel(record.id);
    this.#store.commit({ op: "rpcDeleted", rpcId: record.id });
  }

  resend(deviceId: string): void {
    this.#queues.get(deviceId)?.resend();
  }

  answer(deviceId: string, id: number, payload: string): void {
    this.#queues.get(deviceId)?.answer(id, payload);
  }

  forgetDevice(deviceId: string): void {
    this.#queues.get(deviceId)?.close();
    this.#queues.delete(deviceId);
  }

  close(): void {
    for (const deviceId of [...this.#queues.keys()]) this.forgetDevice(deviceId);
  }

  #queue(deviceId: string): RpcQueue {
    const existing = this.#queues.get(deviceId);
    if (existing) return existing;
    const queue = new RpcQueue({
      deviceName: this.#store.devices.get(deviceId)?.name ?? deviceId,
      ...this.#options,
      session: () => this.#sessions.of(deviceId),
      saveRecord: (record) => this.#store.commit({ op: "rpc", record }),
      onEvent: this.#onEvent,
    });
    this.#queues.set(deviceId, queue);
    return queue;
  }
}

function retriesOf(wanted: number | undefined): number {
  return Math.min(wanted ?? maxRetries, maxRetries);
}

function requestOf(record: RpcRecord): RpcRequest {
  const { method, params, isOneway, expirationTime, maxRetries } = record;
  return { method, params, isOneway, expirationTime, maxRetries, record };
}
