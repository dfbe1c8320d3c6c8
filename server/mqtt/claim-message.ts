import { gsonLong, gsonText } from "../core/gson.js";
import { parseObjectPayload } from "../core/payload.js";
import type { JsonObject } from "../json/json.js";

export interface ClaimMessage {
  readonly secretKey: string;
  /** 0: as long as the server says. */
  readonly duration: number;
}

/** @throws {PayloadFault | TransportFault} not empty and no object, or members of the wrong kind */
export function parseClaim(payload: string): ClaimMessage {
  if (payload === "") return { secretKey: "", duration: 0 };
  return claimOf(parseObjectPayload(payload));
}

/** @throws {PayloadFault | TransportFault} members of the wrong kind */
export function claimOf(claim: JsonObject): ClaimMessage {
  const secretKey = claim.get("secretKey");
  const duration = claim.get("durationMs");
  return {
    secretKey: secretKey === undefined ? "" : gsonText(secretKey, "secretKey"),
    duration: duration === undefined ? 0 : gsonLong(duration, "durationMs"),
  };
}
