export const rpcStatuses = ["QUEUED", "SENT", "DELIVERED", "SUCCESSFUL", "TIMEOUT", "EXPIRED", "FAILED"] as const;
export type RpcStatus = (typeof rpcStatuses)[number];

/** A persistent RPC as its caller sees it. Request and response are JSON texts. */
export interface RpcRecord {
  readonly id: string;
  readonly deviceId: string;
  readonly createdTime: number;
  readonly expirationTime: number;
  readonly status: RpcStatus;
  readonly isOneway: boolean;
  readonly method: string;
  readonly params: string;
  readonly maxRetries: number;
  readonly response: string | null;
  readonly additionalInfo: string | null;
}

/** The persistent RPCs of all devices. */
export class RpcRecords {
  readonly #records = new Map<string, RpcRecord>();

  get(rpcId: string): RpcRecord | undefined {
    return this.#records.get(rpcId);
  }

  all(): RpcRecord[] {
    return [...this.#records.values()];
  }

  put(record: RpcRecord): void {
    this.#records.set(record.id, record);
  }

  delete(rpcId: string): void {
    this.#records.delete(rpcId);
  }

  deleteDevice(deviceId: string): void {
    for (const record of this.all()) if (record.deviceId === deviceId) this.#records.delete(record.id);
  }
}
