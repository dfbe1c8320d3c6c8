/** A server-side RPC on its way to the device. */
export interface RpcMessage {
  readonly id: number;
  readonly method: string;
  /** JSON text. */
  readonly params: string;
}

/** What is known of the delivery of what was sent: it is done, a PUBACK will tell, or nothing ever will. */
export type Delivery = "done" | "to be acknowledged" | "unknown";

/** What the server's parts need of a connected device. */
export interface Session {
  readonly deviceId: string;
  readonly isSubscribedToAttributes: boolean;
  readonly isSubscribedToRpc: boolean;
  /** Sends the JSON text of an attribute update or deletion. */
  sendAttributeUpdate(json: string): void;
  /** @param onAcknowledged called at the PUBACK of what is to be acknowledged */
  sendRpc(rpc: RpcMessage, onAcknowledged: () => void): Delivery;
  close(reason: string): void;
}

/** The live sessions: one per device, a newer one takes over. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  open(session: Session): void {
    this.#sessions.get(session.deviceId)?.close("taken over by a newer session of the device");
    this.#sessions.set(session.deviceId, session);
  }

  remove(session: Session): void {
    if (this.of(session.deviceId) === session) this.#sessions.delete(session.deviceId);
  }

  of(deviceId: string): Session | undefined {
    return this.#sessions.get(deviceId);
  }
}
