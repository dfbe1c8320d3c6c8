import type { JsonObject } from "../json/json.js";
import { optionalString } from "./request.js";

/** The one tenant there is. */
export const tenantEntity = { entityType: "TENANT", id: "2f6c4f90-0000-11ee-8000-000000000001" } as const;

/** ThingsBoard's id for "none". */
const nullId = "13814000-1dd2-11b2-8080-808080808080";

export function customerEntity(customerId: string | null): object {
  return { entityType: "CUSTOMER", id: customerId ?? nullId };
}

/**
 * The uuid in a member like `{"entityType": "DEVICE", "id": "…"}`.
 * @throws {RestError} 400, the id is no string
 */
export function entityId(body: JsonObject, member: string): string | undefined {
  const entity = body.get(member);
  return entity instanceof Map ? optionalString(entity, "id") : undefined;
}
