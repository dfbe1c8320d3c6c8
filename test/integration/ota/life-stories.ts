// SPDX-License-Identifier: Apache-2.0

import { afterAll, beforeAll, test } from "@jest/globals";
import type { EngineName } from "../../../hosts/desktop/supervisor.js";
import { LifeScene } from "./life-scene.js";

const longest = 240_000;

export type Story = (scene: LifeScene) => Promise<void>;

/** A test for each story, by its title. They share a server and run at the same time, because most of each is waiting. */
export function tellStories(engine: EngineName, stories: Readonly<Record<string, Story>>): void {
  const ends = new Map<string, Promise<Error | undefined>>();
  let scene: LifeScene;

  beforeAll(async () => {
    scene = await LifeScene.start(engine);
    for (const [title, story] of Object.entries(stories)) {
      // Whoever awaits it may come late: a rejection that nobody handles ends the process.
      const end = story(scene).then(
        () => undefined,
        (error: Error) => error,
      );
      ends.set(title, end);
    }
  });

  afterAll(() => scene.end());

  test.each(Object.keys(stories))(
    "%s",
    async (title) => {
      const error = await ends.get(title);
      if (error !== undefined) throw error;
    },
    longest,
  );
}
