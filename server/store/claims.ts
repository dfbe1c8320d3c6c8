/** A device's permission to be claimed by a customer who knows the secret. */
export interface Claim {
  readonly deviceId: string;
  readonly createdTime: number;
  readonly secretKey: string;
  readonly expirationTime: number;
}

/** The devices that can be claimed. */
export class Claims {
  readonly #claims = new Map<string, Claim>();

  get(deviceId: string): Claim | undefined {
    return this.#claims.get(deviceId);
  }

  all(): Claim[] {
    return [...this.#claims.values()];
  }

  put(claim: Claim): void {
    this.#claims.set(claim.deviceId, claim);
  }

  delete(deviceId: string): void {
    this.#claims.delete(deviceId);
  }
}
