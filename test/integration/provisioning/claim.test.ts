// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { demoCustomerLogin } from "../../../server/server.js";
import { flashFolder } from "../board.js";
import { type Fixture, startFixture } from "../server/fixture.js";
import { profileBody } from "../server/profile.js";
import { RestClient } from "../server/rest-client.js";
import { Board } from "./fixture.js";

interface Claimed extends Fixture {
  /** Claims as the customer. @returns the response's status, and what it says */
  claim(secretKey?: string): Promise<[number, string]>;
}

async function claimFixture(): Promise<Claimed> {
  const fixture = await startFixture();
  await fixture.rest.call("POST", "/deviceProfile", profileBody());
  const customer = await RestClient.login(fixture.server.httpPort, demoCustomerLogin);
  return {
    ...fixture,
    claim: async (secretKey) => {
      const body = secretKey === undefined ? {} : { secretKey };
      const response = await customer.fetch("POST", "/customer/device/New/claim", body);
      const { response: outcome = "" } = (await response.json()) as { response?: string };
      return [response.status, outcome];
    },
  };
}

function boardOf({ server }: Fixture, haste = 1): Board {
  const provisioning = { deviceName: "New" };
  return new Board({ folder: flashFolder(), server: server.mqttPort, provisioning, haste });
}

test("a device that opens itself with a key is claimed by who knows the key, and by nobody else", async () => {
  const fixture = await claimFixture();
  const board = boardOf(fixture);
  // Before there are even credentials.
  board.device.claiming.open({ secretKey: "key", duration: 60_000 });
  await board.logged("claim.sent");
  expect(board.device.claiming.isOpen).toBe(true);
  expect((await fixture.claim("wrong"))[0]).not.toBe(200);
});

test("a device that was claimed with its key has a customer", async () => {
  const fixture = await claimFixture();
  const board = boardOf(fixture);
  board.device.claiming.open({ secretKey: "key", duration: 60_000 });
  await board.logged("claim.sent");
  expect(await fixture.claim("key")).toEqual([200, "SUCCESS"]);
});

test("a device that never opened itself cannot be claimed with a key", async () => {
  const fixture = await claimFixture();
  const board = boardOf(fixture);
  await board.logged("provisioning.verified");
  expect((await fixture.claim("key"))[0]).not.toBe(200);
});

test("a claim is stated again in the next session, until its time is over", async () => {
  const fixture = await claimFixture();
  const { rest } = fixture;
  const board = boardOf(fixture, 20);
  await board.logged("provisioning.verified");
  board.device.claiming.open({ secretKey: "key", duration: 60_000 });
  await board.logged("claim.sent");
  const device = await rest.call("GET", "/tenant/devices?deviceName=New");
  const { credentialsId } = await rest.call("GET", `/device/${device.id.id}/credentials`);
  // A change of credentials ends the session; the old ones are put back at once.
  await rest.setCredentials(device.id.id, { credentialsType: "ACCESS_TOKEN", credentialsId: "other" });
  await rest.setCredentials(device.id.id, { credentialsType: "ACCESS_TOKEN", credentialsId });
  await board.logged("session.live", 2);
  await board.logged("claim.sent", 2);
  await board.logged("claim.over");
  expect(board.device.claiming.isOpen).toBe(false);
}, 20_000);
