// SPDX-License-Identifier: Apache-2.0

import type { Case } from "../case.js";
import { expectSame, Skipped } from "../world.js";

export const claimingCases: readonly Case[] = [
  {
    id: "h40",
    title: "claiming: a customer's user who knows the device's key claims it, and nobody else",
    run: async (world) => {
      const { customer } = world.platform;
      if (customer === undefined) throw new Skipped("needs XSTHING_CUSTOMER_USER and XSTHING_CUSTOMER_PASSWORD");
      const { id, token, name } = await world.device();
      await world.board({ example: "claiming", args: [`--token=${token}`] });
      const secretKey = world.secret();
      const path = `/customer/device/${encodeURIComponent(name)}/claim`;
      const open = () => world.call(id, "openForClaiming", { secretKey, seconds: 60 });
      expectSame(await open(), { isOpen: true }, "the reply");
      const { ok } = await customer.fetch("POST", path, { secretKey: world.secret() });
      expectSame(ok, false, "a claim with another key");
      // After a wrong key the server forgets the right one.
      await open();
      await world.until("the device is claimed", async () => (await customer.fetch("POST", path, { secretKey })).ok);
      const owner = (await world.rest.call("GET", `/device/${id}`)).customerId.id;
      const { customerId } = await customer.call("GET", "/auth/user");
      expectSame(owner, customerId.id, "the owner");
      await customer.call("DELETE", path);
    },
  },
];
