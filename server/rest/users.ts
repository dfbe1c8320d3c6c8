import type { Context } from "hono";

export type Authority = "TENANT_ADMIN" | "CUSTOMER_USER";

export interface User {
  readonly username: string;
  readonly password: string;
  readonly authority: Authority;
  readonly customerId: string | null;
}

/** The one customer there is, by ThingsBoard's demo name. */
export const demoCustomer = { id: "2f6c4f90-0000-11ee-8000-000000000003", title: "Customer A" } as const;

/** ThingsBoard's own demo accounts. */
export const demoLogin = { username: "tenant@thingsboard.org", password: "tenant" } as const;
export const demoCustomerLogin = { username: "customer@thingsboard.org", password: "customer" } as const;

export const users: readonly User[] = [
  { ...demoLogin, authority: "TENANT_ADMIN", customerId: null },
  { ...demoCustomerLogin, authority: "CUSTOMER_USER", customerId: demoCustomer.id },
];

/** The user whose request it is. */
export function userOf(c: Context): User {
  return c.get("user") as User;
}
