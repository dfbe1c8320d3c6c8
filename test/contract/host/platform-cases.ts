// SPDX-License-Identifier: Apache-2.0

import { Connection } from "../../../modules/core/ports.js";
import { check, equal } from "../check.js";
import type { HostCase } from "./case.js";

function noReason(reason: string): never {
  throw new Error(reason);
}

/** Wi-Fi, wall clock, system and random numbers. */
export const platformCases: readonly HostCase[] = [
  {
    name: "Wi-Fi goes up step by step to an address, outside the call",
    run: ({ wifi }, done) => {
      const seen: Connection[] = [];
      wifi.onChanged = (reason) => {
        seen.push(wifi.connection);
        equal(reason, undefined, "reason");
        if (wifi.connection < Connection.addressed) return;
        check(
          seen.every((connection, index) => index === 0 || connection > (seen[index - 1] ?? 0)),
          `connection went ${seen}`,
        );
        check(wifi.address !== undefined, "no address");
        check(wifi.RSSI === undefined || wifi.RSSI < 0, `RSSI: ${wifi.RSSI}`);
        done();
      };
      equal(wifi.connection, Connection.disconnected, "connection at boot");
      equal(wifi.RSSI, undefined, "RSSI at boot");
      wifi.connect({ SSID: "any", password: "password" });
      equal(wifi.connection, Connection.connecting, "connection after connect");
      equal(seen.length, 0, "callbacks inside connect");
    },
  },
  {
    name: "Wi-Fi that was told to disconnect stays silent and disconnected",
    run: ({ wifi, clock }, done) => {
      wifi.onChanged = () => {
        throw new Error(`changed to ${wifi.connection}`);
      };
      wifi.connect({ SSID: "any" });
      wifi.disconnect();
      clock
        .timer(() => {
          equal(wifi.connection, Connection.disconnected, "connection");
          equal(wifi.address, undefined, "address");
          done();
        })
        .start(400);
    },
  },
  {
    name: "the wall clock answers later, with the milliseconds since 1970",
    run: ({ time }, done) => {
      let hasReturned = false;
      time.request((epoch) => {
        check(hasReturned, "answered inside the call");
        check(Math.abs(epoch - Date.now()) < 60_000, `epoch: ${epoch}`);
        done();
      }, noReason);
      hasReturned = true;
    },
  },
  {
    name: "a timer that starts itself with 0 for ever leaves room for everything else",
    run: ({ clock, time }, done) => {
      const restless = clock.timer(() => restless.start(0));
      restless.start(0);
      time.request(() => {
        restless.stop();
        done();
      }, noReason);
    },
  },
  {
    name: "two requests for the time get an answer each",
    run: ({ time }, done) => {
      let answers = 0;
      const count = (): void => {
        answers += 1;
        if (answers === 2) done();
      };
      time.request(count, count);
      time.request(count, count);
    },
  },
  {
    name: "the identity is 12 lower-case hex digits",
    run: ({ system }, done) => {
      equal(system.identity.length, 12, "length");
      for (const digit of system.identity) check("0123456789abcdef".includes(digit), `digit ${digit}`);
      done();
    },
  },
  {
    name: "vital signs are finite numbers under distinct keys",
    run: ({ system }, done) => {
      const keys: string[] = [];
      system.measure((key, value) => {
        check(Number.isFinite(value), `${key}: ${value}`);
        check(!keys.includes(key), `${key} twice`);
        keys.push(key);
      });
      check(keys.length > 0, "none");
      done();
    },
  },
  {
    name: "random numbers are unsigned, of 32 bits, and differ",
    run: ({ random }, done) => {
      const numbers = new Set<number>();
      let union = 0;
      for (let index = 0; index < 64; index++) {
        const number = random();
        equal(number >>> 0, number, "number");
        numbers.add(number);
        union |= number;
      }
      check(numbers.size > 60, `${numbers.size} different numbers of 64`);
      equal(union >>> 0, 0xffff_ffff, "bits seen");
      done();
    },
  },
];
