/** That one device has to do with another. */
export interface Relation {
  readonly fromId: string;
  readonly toId: string;
  readonly type: string;
}

/** Relations between devices, each once. */
export class Relations {
  readonly #relations = new Map<string, Relation>();

  all(): Relation[] {
    return [...this.#relations.values()];
  }

  put(relation: Relation): void {
    const { fromId, toId, type } = relation;
    this.#relations.set(`${fromId}/${toId}/${type}`, relation);
  }

  deleteDevice(deviceId: string): void {
    for (const [key, { fromId, toId }] of this.#relations) {
      if (fromId === deviceId || toId === deviceId) this.#relations.delete(key);
    }
  }
}
