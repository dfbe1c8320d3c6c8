// SPDX-License-Identifier: Apache-2.0

import type { Case } from "../case.js";
import { expectSame, Skipped } from "../world.js";

const example = "rpc";

export const rpcCases: readonly Case[] = [
  {
    id: "h30",
    title: "server-side RPC: one-way and two-way, persistent, and with an error for what is wrong",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example, args: [`--token=${token}`] });
      await world.active(id);
      await world.rest.call("POST", `/rpc/oneway/${id}`, { method: "rpcChangeSetpoint", params: { setpoint: 26 } });
      await world.clientAttribute(id, "setpoint", 26);
      expectSame(await world.call(id, "rpcQuerySetpoint", {}), { setpoint: 26 }, "the reply");
      expectSame(
        await world.call(id, "rpcChangeSetpoint", { setpoint: 99 }),
        { error: { code: "invalid-params", message: "setpoint: over 30" } },
        "the reply to a set point out of range",
      );
      expectSame(
        await world.call(id, "rpcNotThere", {}),
        { error: { code: "unknown-method", message: "rpcNotThere" } },
        "the reply to a method that is not there",
      );
      const { rpcId } = await world.rest.call("POST", `/rpc/twoway/${id}`, {
        ...{ method: "rpcQuerySetpoint", params: {}, persistent: true, timeout: 10_000 },
      });
      const answered = await world.until("the persistent call is answered", async () => {
        const rpc = await world.rest.call("GET", `/rpc/persistent/${rpcId}`);
        return rpc.status === "SUCCESSFUL" && rpc;
      });
      expectSame(answered.response, { setpoint: 26 }, "the response that the server keeps");
    },
  },
  {
    id: "h31",
    title: "client-side RPC: the device calls the server; what the server does not know ends in a timeout",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example, args: [`--token=${token}`] });
      expectSame(
        await world.call(id, "callServer", { method: "rpcNotImplementedTwoway" }),
        { failed: "request-timeout" },
        "a method that is not implemented",
      );
      if (!world.platform.hasRules) throw new Skipped("needs a rule chain that answers, and XSTHING_RULES=1");
      expectSame(
        await world.call(id, "callServer", { method: "rpcPublishLocalTime", params: { ts: 1 } }),
        { result: {} },
        "rpcPublishLocalTime",
      );
      const time = (await world.call(id, "callServer", { method: "rpcGetCurrentTime" })) as {
        result?: { ts?: unknown };
      };
      expectSame(typeof time.result?.ts, "number", "rpcGetCurrentTime");
      const params = { text: "loop", list: [1, null, true] };
      expectSame(
        await world.call(id, "callServer", { method: "rpcLoopback", params }),
        { result: params },
        "rpcLoopback",
      );
    },
  },
];
