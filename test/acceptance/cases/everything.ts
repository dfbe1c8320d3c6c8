// SPDX-License-Identifier: Apache-2.0

import { profileBody } from "../../integration/server/profile.js";
import type { Case } from "../case.js";
import { expectSame } from "../world.js";

export const everythingCases: readonly Case[] = [
  {
    id: "px00",
    title:
      "everything at once: main.ts provisions itself over TLS, sends its vital signs, follows the server, answers, restarts",
    run: async (world) => {
      const [key, secret, name] = [world.secret(), world.secret(), world.name("everything")];
      await world.profile({
        ...profileBody({ name: world.name("profile"), configuration: { provisionDeviceSecret: secret } }),
        provisionDeviceKey: key,
      });
      const args = [`--provision-key=${key}`, `--provision-secret=${secret}`, `--device-name=${name}`];
      const board = await world.board({ isSecure: true, args });
      const id = await world.adopt(name);
      await world.clientAttribute(id, "periodInUse", 5_000);
      await world.active(id);
      await world.setShared(id, { period: 500 });
      await world.clientAttribute(id, "periodInUse", 500);
      expectSame(typeof (await world.latest(id, "uptime")), "number", "uptime");
      await world.until("one attempt told", async () => (await world.latest(id, "provisioningAttempts")) === 1);
      const vitals = (await world.call(id, "getVitals", {})) as { uptime?: unknown };
      expectSame(typeof vitals.uptime, "number", "uptime in the answer");
      expectSame(await world.call(id, "reboot", {}), { accepted: true }, "the answer to reboot");
      await world.clientAttribute(id, "resetReason", "software");
      // The server still says what was before the restart: only something new shows that the device follows again.
      await world.setShared(id, { period: 700 });
      await world.clientAttribute(id, "periodInUse", 700);
      const secrets = board.log.filter(({ detail }) => detail?.includes(secret) || detail?.includes(key));
      expectSame(secrets, [], "log lines with secrets");
    },
  },
];
