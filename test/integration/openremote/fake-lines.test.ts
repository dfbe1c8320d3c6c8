// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { readWriteLine } from "../../fakes/openremote/write-line.js";
import { startManager } from "./manager-fixture.js";

async function read(line: string) {
  const { manager, room, lamp } = await startManager();
  return { read: readWriteLine(line, manager.assets("master"), "room"), room, lamp };
}

test("a line writes to the asset that is meant where it names none, to another by its name or id", async () => {
  const { read: own, room } = await read("write level 5");
  expect(own).toEqual({ assetId: room, attribute: "level", value: 5 });
  const { read: other, lamp } = await read(' write lamp/note "a b" ');
  expect(other).toEqual({ assetId: lamp, attribute: "note", value: "a b" });
});

test("null clears", async () => {
  expect((await read("write note null")).read).toMatchObject({ value: null });
});

test.each([
  ["level 5", "not of the form"],
  ["write level", "not of the form"],
  ["write other/level 5", "no asset other"],
  ["write other 5", "no attribute other of room"],
  ["write note hello", "hello is not JSON"],
])("%s is refused: %s", async (line, reason) => {
  expect((await read(line)).read).toContain(reason);
});
