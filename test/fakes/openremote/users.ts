// SPDX-License-Identifier: Apache-2.0

import type { GrantedRole, ServiceUser } from "./user.js";

export interface UserSpec {
  readonly realm: string;
  readonly username: string;
  readonly secret: string;
  /** Default all. */
  readonly roles?: readonly GrantedRole[];
  /** Sees and writes only assets linked to it, and of them only attributes that are open to it. */
  readonly isRestricted?: boolean;
  readonly isSuperUser?: boolean;
  /** Ids of assets linked to it from the start. */
  readonly links?: readonly string[];
}

/** The realms and their service users. */
export class Users {
  readonly #realms = new Set<string>(["master"]);
  readonly #users: ServiceUser[] = [];

  addRealm(name: string): void {
    this.#realms.add(name);
  }

  /** @throws {RangeError} no such realm, or the user exists */
  add(spec: UserSpec): ServiceUser {
    const { realm, username, secret, roles = ["write"], isRestricted = false, isSuperUser = false } = spec;
    if (!this.#realms.has(realm)) throw new RangeError(`no realm ${realm}`);
    if (this.find(realm, username)) throw new RangeError(`user ${realm}:${username} exists`);
    const links = new Set(spec.links);
    const user = { realm, username, secret, roles, isRestricted, isSuperUser, isEnabled: true, links };
    this.#users.push(user);
    return user;
  }

  find(realm: string, username: string): ServiceUser | undefined {
    return this.#users.find((user) => user.realm === realm && user.username === username);
  }

  has(user: ServiceUser): boolean {
    return this.#users.includes(user);
  }

  remove(user: ServiceUser): void {
    const index = this.#users.indexOf(user);
    if (index >= 0) this.#users.splice(index, 1);
  }

  /** @param name of a CONNECT: `{realm}:{username}`, split at the first colon */
  authenticate(name: string, secret: string): ServiceUser | undefined {
    const colon = name.indexOf(":");
    if (colon < 1) return undefined;
    const user = this.find(name.slice(0, colon), name.slice(colon + 1));
    return user?.isEnabled && user.secret === secret ? user : undefined;
  }
}
