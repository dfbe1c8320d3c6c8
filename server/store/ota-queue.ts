import type { OtaPackageType } from "./ota-packages.js";

/** A device that is to be told of its package. */
export interface QueuedUpdate {
  readonly id: string;
  readonly deviceId: string;
  readonly packageId: string;
  readonly type: OtaPackageType;
}

/** The updates that devices are still to be told of, in order. */
export class OtaQueue {
  readonly #updates = new Map<string, QueuedUpdate>();

  first(): QueuedUpdate | undefined {
    return this.#updates.values().next().value;
  }

  all(): QueuedUpdate[] {
    return [...this.#updates.values()];
  }

  put(update: QueuedUpdate): void {
    this.#updates.set(update.id, update);
  }

  delete(updateId: string): void {
    this.#updates.delete(updateId);
  }
}
