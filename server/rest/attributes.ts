import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import { valueEntries } from "../core/payload.js";
import { writeJson } from "../json/json.js";
import { valueJson } from "../json/value.js";
import { type Attribute, type AttributeScope, attributeScopes } from "../store/attributes.js";
import type { Store } from "../store/store.js";
import { badRequest } from "./errors.js";
import { deviceById, keysQuery, objectBody } from "./request.js";

/** Below `/api/plugins/telemetry`, where ThingsBoard keeps its attributes. */
export function attributeRoutes(context: ServerContext): Hono {
  return new Hono()
    .get("/DEVICE/:id/keys/attributes/:scope?", (c) => {
      const attributes = listAttributes(context.store, c.req.param("id"), c.req.param("scope"));
      return c.json([...new Set(attributes.map(({ key }) => key))]);
    })
    .get("/DEVICE/:id/values/attributes/:scope?", (c) => {
      const keys = keysQuery(c);
      const attributes = listAttributes(context.store, c.req.param("id"), c.req.param("scope"));
      const found = attributes.filter(({ key }) => !keys || keys.includes(key));
      return c.body(writeJson(found.map(attributeJson)), 200, { "Content-Type": "application/json" });
    })
    .post("/DEVICE/:id/attributes/:scope", (c) => saveAttributes(c, context, c.req.param()))
    .post("/DEVICE/:id/:scope", (c) => saveAttributes(c, context, c.req.param()))
    .post("/:id/:scope", (c) => saveAttributes(c, context, c.req.param()))
    .delete("/DEVICE/:id/:scope", (c) => deleteAttributes(c, context, c.req.param()))
    .delete("/:id/:scope", (c) => deleteAttributes(c, context, c.req.param()));
}

interface Target {
  readonly id: string;
  readonly scope: string;
}

function listAttributes(store: Store, id: string, scope: string | undefined): Attribute[] {
  const device = deviceById(store, id);
  const scopes = scope === undefined ? attributeScopes : [scopeOf(scope, attributeScopes)];
  return scopes.flatMap((one) => store.attributes.all(device.id, one));
}

async function saveAttributes(c: Context, { store, data }: ServerContext, target: Target): Promise<Response> {
  const device = deviceById(store, target.id);
  const scope = scopeOf(target.scope, ["SHARED_SCOPE", "SERVER_SCOPE"]);
  data.saveAttributes(device.id, scope, valueEntries(await objectBody(c)));
  return c.body(null, 200);
}

function deleteAttributes(c: Context, { store, data }: ServerContext, target: Target): Response {
  const device = deviceById(store, target.id);
  const keys = keysQuery(c);
  if (!keys) throw badRequest("Empty keys: ");
  data.deleteAttributes(device.id, scopeOf(target.scope, attributeScopes), keys);
  return c.body(null, 200);
}

function scopeOf(text: string, allowed: readonly AttributeScope[]): AttributeScope {
  const scope = allowed.find((candidate) => candidate === text);
  if (!scope) throw badRequest(`Invalid scope: ${text}`);
  return scope;
}

function attributeJson(attribute: Attribute) {
  const { lastUpdateTs, key } = attribute;
  return { lastUpdateTs, key, value: valueJson(attribute) };
}
