import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { Device } from "../store/devices.js";
import { deviceJson } from "./devices.js";
import { notFound } from "./errors.js";
import { pageData } from "./page-data.js";
import { objectBody, optionalString, uuidOf } from "./request.js";
import { demoCustomer, userOf } from "./users.js";

/** Below `/api/customer`: claiming, and the devices that were claimed. */
export function customerRoutes(context: ServerContext): Hono {
  const { store, claiming } = context;
  const json = (device: Device): object => deviceJson(device, context);
  const deviceNamed = (name: string): Device => {
    const device = store.devices.byName(name);
    if (!device) throw notFound();
    return device;
  };
  return new Hono()
    .post("/device/:name/claim", async (c) => {
      const device = deviceNamed(c.req.param("name"));
      const outcome = claiming.claim(device, userOf(c).customerId, await secretKeyOf(c));
      if (outcome !== "SUCCESS") return c.json(outcome, 400);
      return c.json({ device: json(deviceNamed(device.name)), response: outcome });
    })
    .delete("/device/:name/claim", (c) => {
      claiming.reclaim(deviceNamed(c.req.param("name")));
      return c.body(null, 200);
    })
    .get("/:id/devices", (c) => {
      const id = uuidOf(c.req.param("id"));
      if (id !== demoCustomer.id) throw notFound(`Customer with id [${id}] is not found`);
      const devices = store.devices.all().filter(({ customerId }) => customerId === id);
      return c.json(pageData(c, devices, ({ name }) => name, json));
    });
}

/** The body may be left out. */
async function secretKeyOf(c: Context): Promise<string> {
  if ((await c.req.text()) === "") return "";
  return optionalString(await objectBody(c), "secretKey") ?? "";
}
