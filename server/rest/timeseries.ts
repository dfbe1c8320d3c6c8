import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import { parsePayload, telemetryGroups } from "../core/payload.js";
import { type JsonOutput, writeJson } from "../json/json.js";
import { valueJson } from "../json/value.js";
import type { HistoryQuery, Sample, Timeseries } from "../store/timeseries.js";
import { badRequest } from "./errors.js";
import { deviceById, integerQuery, keysQuery } from "./request.js";

const defaultHistoryLimit = 100;

/** Below `/api/plugins/telemetry`, where ThingsBoard keeps its time series. */
export function timeseriesRoutes({ store, data }: ServerContext): Hono {
  return new Hono()
    .get("/DEVICE/:id/keys/timeseries", (c) => {
      return c.json(store.timeseries.keys(deviceById(store, c.req.param("id")).id));
    })
    .get("/DEVICE/:id/values/timeseries", (c) => {
      const { id } = deviceById(store, c.req.param("id"));
      const isHistory = c.req.query("startTs") !== undefined || c.req.query("endTs") !== undefined;
      const values = isHistory ? history(c, store.timeseries, id) : latest(c, store.timeseries, id);
      return c.body(writeJson(values), 200, { "Content-Type": "application/json" });
    })
    .post("/DEVICE/:id/timeseries/:scope", async (c) => {
      const { id } = deviceById(store, c.req.param("id"));
      data.saveTelemetry(id, telemetryGroups(parsePayload(await c.req.text()), Date.now()));
      return c.body(null, 200);
    });
}

function latest(c: Context, timeseries: Timeseries, deviceId: string): ReadonlyMap<string, JsonOutput> {
  const json = sampleWriter(c);
  const keys = keysQuery(c) ?? timeseries.keys(deviceId);
  return new Map(
    keys.map((key) => {
      const sample = timeseries.latest(deviceId, key);
      return [key, [sample ? json(sample) : { ts: Date.now(), value: null }]];
    }),
  );
}

function history(c: Context, timeseries: Timeseries, deviceId: string): ReadonlyMap<string, JsonOutput> {
  const json = sampleWriter(c);
  const keys = keysQuery(c);
  if (!keys) throw badRequest("Required request parameter 'keys' is not present");
  const query = historyQuery(c);
  const found = keys.map((key) => [key, timeseries.history(deviceId, key, query).map(json)] as const);
  return new Map(found.filter(([, samples]) => samples.length > 0));
}

function historyQuery(c: Context): HistoryQuery {
  const agg = c.req.query("agg") ?? "NONE";
  if (agg !== "NONE") throw badRequest(`Aggregation ${agg} is not supported by the local server`);
  const order = (c.req.query("orderBy") ?? "DESC").toUpperCase();
  if (order !== "ASC" && order !== "DESC") throw badRequest(`Invalid orderBy: ${order}`);
  const limit = integerQuery(c, "limit", defaultHistoryLimit);
  if (limit < 1) throw badRequest("Incorrect TsKvQuery. Limit must be positive");
  return { startTs: integerQuery(c, "startTs"), endTs: integerQuery(c, "endTs"), limit, order };
}

/** By default ThingsBoard writes every value as a string. */
function sampleWriter(c: Context): (sample: Sample) => JsonOutput {
  const isStrict = c.req.query("useStrictDataTypes") === "true";
  return (sample) => ({ ts: sample.ts, value: isStrict ? valueJson(sample) : sample.text });
}
