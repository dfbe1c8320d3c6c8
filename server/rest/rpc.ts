import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { RpcOutcome } from "../core/rpc-request.js";
import type { NewRpcRequest } from "../core/rpc-service.js";
import { JsonNumber, type JsonObject, writeJson } from "../json/json.js";
import { type RpcRecord, rpcStatuses } from "../store/rpc-records.js";
import { tenantEntity } from "./entity.js";
import { badRequest, notFound } from "./errors.js";
import { pageData } from "./page-data.js";
import { deviceById, objectBody, optionalInteger, uuidOf } from "./request.js";

const defaultTimeout = 10_000;

export interface RpcRoutesOptions {
  /** Shorter timeouts of requests are raised to this. */
  readonly minRpcTimeout: number;
  /** How the two failures are answered; ThingsBoard's two versions of the API differ in nothing else. */
  readonly statusOf: Readonly<Record<"timeout" | "noConnection", 408 | 409 | 504>>;
}

export function rpcRoutes(context: ServerContext, options: RpcRoutesOptions): Hono {
  return new Hono()
    .get("/persistent/device/:id", (c) => c.body(writeJson(recordsPage(c, context)), 200, jsonHeaders))
    .get("/persistent/:rpcId", (c) => c.body(writeJson(recordJson(recordOf(c, context))), 200, jsonHeaders))
    .delete("/persistent/:rpcId", (c) => {
      context.rpc.delete(recordOf(c, context));
      return c.body(null, 200);
    })
    .post("/oneway/:id", (c) => request(c, context, options, true))
    .post("/twoway/:id", (c) => request(c, context, options, false));
}

const jsonHeaders = { "Content-Type": "application/json" };

function recordOf(c: Context, { store }: ServerContext): RpcRecord {
  const id = uuidOf(c.req.param("rpcId") ?? "");
  const record = store.rpcs.get(id);
  if (!record) throw notFound(`Rpc with id [${id}] is not found`);
  return record;
}

function recordsPage(c: Context, { store }: ServerContext) {
  const { id } = deviceById(store, c.req.param("id") ?? "");
  const wanted = c.req.query("rpcStatus");
  const status = rpcStatuses.find((candidate) => candidate === wanted);
  if (wanted !== undefined && !status) throw badRequest(`RpcStatus: ${wanted}`);
  const records = store.rpcs
    .all()
    .filter((record) => record.deviceId === id && record.status === (status ?? record.status));
  return pageData(c, records, ({ method, params }) => `${method} ${params}`, recordJson);
}

async function request(
  c: Context,
  { store, rpc }: ServerContext,
  options: RpcRoutesOptions,
  isOneway: boolean,
): Promise<Response> {
  const device = deviceById(store, c.req.param("id") ?? "");
  const body = await objectBody(c);
  const rpcRequest = parseRequest(body, isOneway, options.minRpcTimeout);
  if (body.get("persistent") === true) {
    const info = body.get("additionalInfo") ?? null;
    const additionalInfo = info === null ? null : writeJson(info);
    const record = rpc.persist(device.id, { ...rpcRequest, additionalInfo });
    return c.json({ rpcId: record.id });
  }
  return reply(c, await rpc.call(device.id, rpcRequest), options);
}

function parseRequest(body: JsonObject, isOneway: boolean, minTimeout: number): NewRpcRequest {
  const method = body.get("method");
  if (typeof method !== "string") throw badRequest("Invalid request body: 'method' is missing");
  const timeout = Math.max(optionalInteger(body, "timeout") ?? defaultTimeout, minTimeout);
  const expirationTime = optionalInteger(body, "expirationTime") ?? Date.now() + timeout;
  const params = writeJson(body.get("params") ?? null);
  return { method, params, isOneway, expirationTime, retries: optionalInteger(body, "retries") };
}

function reply(c: Context, outcome: RpcOutcome, { statusOf }: RpcRoutesOptions): Response {
  if (outcome.kind === "sent" || (outcome.kind === "answered" && outcome.payload === "")) return c.body(null, 200);
  if (outcome.kind !== "answered") return c.body(null, statusOf[outcome.kind]);
  try {
    JSON.parse(outcome.payload);
  } catch {
    return c.body(null, 406);
  }
  return c.body(outcome.payload, 200, jsonHeaders);
}

function recordJson(record: RpcRecord) {
  const { id, createdTime, expirationTime, status, method, params, isOneway, response } = record;
  const deviceId = { entityType: "DEVICE", id: record.deviceId };
  const body = { method, params };
  return {
    id: { entityType: "RPC", id },
    createdTime,
    tenantId: tenantEntity,
    deviceId,
    expirationTime,
    status,
    request: {
      id,
      tenantId: tenantEntity,
      deviceId,
      oneway: isOneway,
      expirationTime,
      body,
      persisted: true,
      retries: record.maxRetries,
    },
    response: response === null ? null : new JsonNumber(response),
    additionalInfo: record.additionalInfo === null ? null : new JsonNumber(record.additionalInfo),
  };
}
