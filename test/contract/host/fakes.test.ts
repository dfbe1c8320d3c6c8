// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { SharedClock } from "../../../modules/core/shared-clock.js";
import { FakeBoard } from "../../fakes/board.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeFlash } from "../../fakes/flash.js";
import { text } from "../../fakes/text.js";
import { applicationSlotCases } from "./application-slot-cases.js";
import { bootLoaderCases } from "./boot-loader-cases.js";
import type { Peers, TlsPeers } from "./case.js";
import { clockCases } from "./clock-cases.js";
import { flashCases } from "./flash-cases.js";
import { textCases } from "./text-cases.js";

const noPeers: Peers = { echo: 0, bye: 0, reset: 0, flood: 0, refused: 0, tls: {} as TlsPeers };

describe.each([
  [0, "fake clock"],
  [2 ** 31 - 20, "fake clock"],
  [2 ** 31 - 20, "shared clock"],
] as const)("from %d, %s", (origin, kind) => {
  test.each(clockCases)("$name", (clockCase) => {
    const clock = new FakeClock(origin);
    let isDone = false;
    clockCase.run(
      { clock: kind === "fake clock" ? clock : new SharedClock(clock) },
      () => {
        isDone = true;
      },
      noPeers,
    );
    clock.advance(1_000);
    expect(isDone).toBe(true);
  });
});

describe("fake text", () => {
  test.each(textCases)("$name", (textCase) => {
    let isDone = false;
    textCase.run(
      { text },
      () => {
        isDone = true;
      },
      noPeers,
    );
    expect(isDone).toBe(true);
  });
});

describe("fake flash", () => {
  // To the fake this is a mistake of the test.
  const unlike = "a byte of flash that is written again is refused or loses bits, and never gains one";

  test.each(flashCases.filter(({ name }) => name !== unlike))("$name", (flashCase) => {
    const flash = new FakeFlash();
    let isDone = false;
    flashCase.run(
      {
        openFlash: (path) => {
          if (path === "journal") return flash;
          throw new DeviceError("storage-failed");
        },
      },
      () => {
        isDone = true;
      },
      noPeers,
    );
    expect(isDone).toBe(true);
  });
});

describe("fake board", () => {
  test.each([...bootLoaderCases, ...applicationSlotCases])("$name", (boardCase) => {
    const board = new FakeBoard();
    board.imageIsValid = (_slot, contents) => contents[0] === 0xe9;
    let isDone = false;
    boardCase.run(
      board,
      () => {
        isDone = true;
      },
      noPeers,
    );
    expect(isDone).toBe(true);
  });
});
