/** What the server's parts need of a connected device. */
export interface Session {
  readonly deviceId: string;
  readonly isSubscribedToAttributes: boolean;
  readonly isSubscribedToRpc: boolean;
  /** Sends the JSON text of an attribute update or deletion. */
  sendAttributeUpdate(json: string): void;
  /**
   * Sends a server-side RPC.
   * @param onAcknowledged called at the PUBACK; never called at QoS 0
   * @returns the QoS it is sent with
   */
  sendRpc(id: number, json: string, onAcknowledged: () => void): 0 | 1;
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
