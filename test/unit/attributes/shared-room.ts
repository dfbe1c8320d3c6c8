// SPDX-License-Identifier: Apache-2.0

import { ClientAttributes } from "../../../modules/attributes/client.js";
import { LastKnown } from "../../../modules/attributes/last-known.js";
import { AttributeRequests } from "../../../modules/attributes/request.js";
import { SharedAttributes } from "../../../modules/attributes/shared.js";
import { SharedErrors } from "../../../modules/attributes/shared-errors.js";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";

const dialect = new ThingsBoard(text).attributes;

export interface SharedRoomOptions {
  readonly maxNames?: number;
  readonly storage?: FakeStorage;
}

/** Shared attributes and all they need, over fakes. Two with one storage are a device before and after a restart. */
export function sharedRoom({ maxNames = 64, storage = new FakeStorage() }: SharedRoomOptions = {}) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const log = new FakeLog();
  const options = { link, dialect, clock, text, log, storage };
  const requests = new AttributeRequests(options);
  const lastKnown = new LastKnown(options);
  const errors = new SharedErrors(new ClientAttributes(options));
  const shared = new SharedAttributes({ ...options, requests, lastKnown, errors, random: () => 0xffff_ffff, maxNames });
  const taken = (isOf: (topic: string) => boolean) => {
    const published = link.published.filter(({ topic }) => isOf(topic));
    link.published.splice(0, link.published.length, ...link.published.filter(({ topic }) => !isOf(topic)));
    return published;
  };
  /** Requests since the last call. */
  const asked = () => taken((topic) => topic.startsWith("v2/a/req/")).map(({ topic, payload }) => [topic, payload]);
  /** What the client attribute `sharedErrors` was set to since the last call. */
  const told = () => {
    clock.advance(0);
    link.acknowledge();
    return taken((topic) => topic === "v2/a").map(({ payload }) => JSON.parse(payload).sharedErrors);
  };
  return { clock, link, log, storage, requests, lastKnown, shared, asked, told };
}
