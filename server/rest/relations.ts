import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { Relation } from "../store/relations.js";
import type { Store } from "../store/store.js";
import { badRequest, notFound } from "./errors.js";
import { deviceById } from "./request.js";

/** The relations from a device (`?fromId=…&fromType=DEVICE`) or to one, of one type or of all. */
export function relationRoutes({ store }: ServerContext): Hono {
  return new Hono().get("/relations", (c) => c.json(relationsOf(c, store).map(relationJson)));
}

function relationsOf(c: Context, store: Store): Relation[] {
  const from = deviceIdQuery(c, store, "from");
  const to = deviceIdQuery(c, store, "to");
  if (from === undefined && to === undefined) throw badRequest("Required request parameter 'fromId' is not present");
  const wanted = c.req.query("relationType");
  return store.relations.all().filter(({ fromId, toId, type }) => {
    return fromId === (from ?? fromId) && toId === (to ?? toId) && type === (wanted ?? type);
  });
}

function deviceIdQuery(c: Context, store: Store, end: "from" | "to"): string | undefined {
  const id = c.req.query(`${end}Id`);
  if (id === undefined) return undefined;
  const type = c.req.query(`${end}Type`);
  if (type === undefined) throw badRequest(`Required request parameter '${end}Type' is not present`);
  if (type !== "DEVICE") throw notFound();
  return deviceById(store, id).id;
}

function relationJson({ fromId, toId, type }: Relation): object {
  return {
    from: { entityType: "DEVICE", id: fromId },
    to: { entityType: "DEVICE", id: toId },
    type,
    typeGroup: "COMMON",
    version: 1,
    additionalInfo: null,
  };
}
