// SPDX-License-Identifier: Apache-2.0

export type Role = "read:assets" | "write:assets" | "write:attributes";

/** "write" is all of them, "read" what begins with it. */
export type GrantedRole = Role | "read" | "write";

/** A service user, the only kind that gets in by MQTT. */
export interface ServiceUser {
  readonly realm: string;
  username: string;
  secret: string;
  isEnabled: boolean;
  readonly isRestricted: boolean;
  readonly isSuperUser: boolean;
  roles: readonly GrantedRole[];
  /** Assets linked to it. */
  readonly links: Set<string>;
}

export function hasRole({ roles, isSuperUser }: ServiceUser, role: Role): boolean {
  return (
    isSuperUser || roles.includes(role) || roles.includes("write") || (role === "read:assets" && roles.includes("read"))
  );
}
