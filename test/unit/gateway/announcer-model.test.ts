// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import type { Child } from "../../../modules/device/child.js";
import { farewell, type Sent, setUpGateway } from "./room.js";

const names = ["a", "A", "__proto__", 'say "hello"', "电表", "x".repeat(255)];

function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** Devices that a message is of. */
function devicesOf({ topic, message }: Sent): string[] {
  if (topic === "v1/gateway/attributes" || topic === "v1/gateway/claim") return Object.getOwnPropertyNames(message);
  return [message.device];
}

test("whoever comes and goes, and however sessions end, the server knows in the end who is there, and before it hears of them", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = numbers(seed);
    const { gateway, link, clock, sent } = setUpGateway({ maxChildren: names.length });
    const children = new Map<string, Child>();
    const connected = new Set<string>();
    const stated = new Map<string, number>();
    const hear = (): void => {
      for (const each of sent()) {
        const devices = devicesOf(each);
        const [device = ""] = devices;
        if (each.topic === "v1/gateway/connect") connected.add(device);
        else if (each.topic === "v1/gateway/disconnect") connected.delete(device);
        // A message about one that is not connected would have the server make it, with a type of its own choice.
        else expect([...connected]).toEqual(expect.arrayContaining(devices));
        if (each.topic === "v1/gateway/attributes")
          for (const name of devices) stated.set(name, each.message[name].step);
      }
    };
    const open = (): void => {
      connected.clear();
      link.open();
    };
    const last = new Map<string, number>();
    for (let step = 0; step < 200; step += 1) {
      const name = names[random(names.length)] as string;
      const child = children.get(name);
      const what = random(12);
      if (what < 3) children.set(name, gateway.child(name, { type: `type of ${name.slice(0, 9)}` }));
      else if (what < 5 && child?.isPresent === true) child.disconnect();
      else if (what < 8 && child?.isPresent === true) {
        child.attributes.publish({ step });
        last.set(name, step);
        if (random(3) === 0) child.claiming.open();
        if (random(3) === 0) child.attributes.request({ client: ["a"] }, {}, () => {});
      } else if (what === 8 && link.isOpen) link.close("connection-reset");
      else if (what === 9 && !link.isOpen) open();
      else if (what === 10) link.relieve(random(3));
      else link.acknowledge(random(3));
      if (random(2) === 0) clock.advance(random(4) === 0 ? farewell : random(50));
      hear();
    }
    if (!link.isOpen) open();
    link.relieve();
    for (let round = 0; round < 20; round += 1) {
      clock.advance(farewell);
      hear();
      link.acknowledge();
    }
    const present = [...children.values()].filter(({ isPresent }) => isPresent).map(({ name }) => name);
    expect([...connected].sort()).toEqual(present.sort());
    expect(stated).toEqual(last);
  }
});
