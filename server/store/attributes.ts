import type { Value } from "../json/value.js";
import type { Point } from "./point.js";

export const attributeScopes = ["CLIENT_SCOPE", "SHARED_SCOPE", "SERVER_SCOPE"] as const;
export type AttributeScope = (typeof attributeScopes)[number];

export interface Attribute extends Value {
  readonly key: string;
  readonly lastUpdateTs: number;
}

/** The attributes of all devices, by scope. */
export class Attributes {
  readonly #scopes = new Map<string, Map<string, Attribute>>();

  get(deviceId: string, scope: AttributeScope, key: string): Attribute | undefined {
    return this.#scopes.get(`${deviceId}/${scope}`)?.get(key);
  }

  all(deviceId: string, scope: AttributeScope): Attribute[] {
    return [...(this.#scopes.get(`${deviceId}/${scope}`)?.values() ?? [])];
  }

  put(deviceId: string, scope: AttributeScope, points: readonly Point[]): void {
    const id = `${deviceId}/${scope}`;
    const attributes = this.#scopes.get(id) ?? new Map<string, Attribute>();
    this.#scopes.set(id, attributes);
    for (const [key, lastUpdateTs, type, text] of points) attributes.set(key, { key, lastUpdateTs, type, text });
  }

  delete(deviceId: string, scope: AttributeScope, keys: readonly string[]): void {
    const attributes = this.#scopes.get(`${deviceId}/${scope}`);
    for (const key of keys) attributes?.delete(key);
  }

  deleteDevice(deviceId: string): void {
    for (const scope of attributeScopes) this.#scopes.delete(`${deviceId}/${scope}`);
  }
}
