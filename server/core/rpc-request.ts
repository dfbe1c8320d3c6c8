import type { RpcRecord } from "../store/rpc-records.js";

/** The longest timer Node has, 24 days: a request that lives longer expires then. */
const maxTimer = 2 ** 31 - 1;

export interface RpcRequest {
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  readonly isOneway: boolean;
  readonly expirationTime: number;
  /** So often it may go without a PUBACK and still be sent again. */
  readonly maxRetries: number;
  /** Present: the RPC is persistent, and this is its state. */
  readonly record?: RpcRecord;
}

/** How a request that is not persistent ends for its caller. */
export type RpcOutcome =
  | { readonly kind: "answered"; readonly payload: string }
  | { readonly kind: "sent" }
  | { readonly kind: "timeout" }
  | { readonly kind: "noConnection" };

/** When the next of several requests is sent: at once, when the one before is acknowledged, or when it is answered. */
export type SubmitStrategy = "BURST" | "SEQUENTIAL_ON_ACK_FROM_DEVICE" | "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE";

export interface RpcOptions {
  readonly submitStrategy: SubmitStrategy;
  /** A request that is not acknowledged this long after it was sent counts as not delivered. */
  readonly deliveryTimeout: number;
  /** SEQUENTIAL_ON_RESPONSE_FROM_DEVICE: so long the next request waits for the answer to one that was delivered. */
  readonly responseTimeout: number;
  /** A request that was not delivered stays in the queue, and the session is closed instead. */
  readonly closesSessionOnDeliveryTimeout: boolean;
}

export function remainingTime({ expirationTime }: RpcRequest): number {
  return Math.min(maxTimer, Math.max(0, expirationTime - Date.now()));
}

/** What a persistent RPC keeps of an answer: its JSON, or the text as an error if it is none. */
export function responseJson(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return JSON.stringify({ error: payload });
  }
}
