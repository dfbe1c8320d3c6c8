// SPDX-License-Identifier: Apache-2.0

import type { Case } from "../case.js";
import { expectSame } from "../world.js";

const example = "attributes";

export const attributeCases: readonly Case[] = [
  {
    id: "h20",
    title: "attributes update: the device's own appear as client attributes",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example, args: [`--token=${token}`] });
      await world.clientAttribute(id, "model", "thermostat");
      await world.clientAttribute(id, "setpoint", 21);
    },
  },
  {
    id: "h21",
    title: "attributes subscribe: a shared attribute that is changed reaches the device, one that is wrong is refused",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example, args: [`--token=${token}`] });
      await world.clientAttribute(id, "sntpServerInUse", "pool.ntp.org");
      await world.active(id);
      await world.setShared(id, { sntp_server: "time.example" });
      await world.clientAttribute(id, "sntpServerInUse", "time.example");
      await world.setShared(id, { mode: "melt" });
      await world.clientAttribute(id, "sharedErrors", { mode: "none of off, heat, cool" });
      await world.setShared(id, { mode: "heat" });
      await world.clientAttribute(id, "modeInUse", "heat");
      await world.clientAttribute(id, "sharedErrors", {});
    },
  },
  {
    id: "h22",
    title: "attributes request: client and shared attributes that the device asks for are answered",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.setShared(id, { sntp_server: "time.example" });
      const board = await world.board({ example, args: [`--token=${token}`] });
      await world.clientAttribute(id, "setpointFrom", "default");
      await world.clientAttribute(id, "hasServerName", true);
      await board.restart();
      await world.clientAttribute(id, "setpointFrom", "server");
    },
  },
  {
    id: "e20",
    title: "client-attribute registry: what the server keeps for the device is restored at its start",
    run: async (world) => {
      const { id, token } = await world.device();
      const board = await world.board({ example, args: [`--token=${token}`] });
      expectSame(await world.call(id, "setSetpoint", { setpoint: 25.5 }), { setpoint: 25.5 }, "the reply");
      await world.clientAttribute(id, "setpoint", 25.5);
      await board.restart();
      await world.clientAttribute(id, "setpointFrom", "server");
      await world.clientAttribute(id, "setpoint", 25.5);
      await world.clientAttribute(id, "model", "thermostat");
    },
  },
  {
    id: "e30",
    title:
      "shared-attribute registry: initialised at the start, also by what changed while the device was away, then followed",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.setShared(id, { sntp_server: "first.example" });
      const board = await world.board({ example, args: [`--token=${token}`] });
      await world.clientAttribute(id, "sntpServerInUse", "first.example");
      await world.setShared(id, { sntp_server: "second.example" });
      await world.clientAttribute(id, "sntpServerInUse", "second.example");
      const restarted = board.restart();
      await world.setShared(id, { sntp_server: "third.example" });
      await restarted;
      await world.clientAttribute(id, "sntpServerInUse", "third.example");
      await world.rest.call("DELETE", `/plugins/telemetry/DEVICE/${id}/SHARED_SCOPE?keys=sntp_server`);
      await world.clientAttribute(id, "sntpServerInUse", "pool.ntp.org");
    },
  },
];
