// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Processes } from "../simulator/processes.js";
import { waitFor } from "../simulator/waiting.js";
import { Debugger } from "./debugger.js";

/** The efuses of a C3 as QEMU keeps them: the address (backwards) and the revision, without which the boot loader refuses every image. */
const efuseSize = 1_024;
const addressAt = 0x18;
const address = [0x01, 0x00, 0x00, 0xa1, 0xdf, 0x7c];
/** What the firmware calls itself by that address. */
export const identity = Buffer.from(address.toReversed()).toString("hex");
const revisionAt = 0x24;
const revision = 3 << 18;

const radio = "radio";

/**
 * To a chip with nothing to do the computer's time passes, and all at once where the computer had other things to do: a watchdog bites
 * for that. So they are off, but for a while.
 */
const withoutWatchdogs = ["-global", "driver=timer.esp32c3.timg,property=wdt_disable,value=true"];

/** How the chip's time passes. */
const paces = Object.freeze({
  /**
   * As the computer's. An instruction takes 2 ns, which is less than the computer takes for it: what the chip's clock falls behind by
   * then, SNTP sets right at the next reset, but one that ran ahead would date the next boot's data before those of the last.
   */
  usual: ["-icount", "shift=1,align=off,sleep=on", ...withoutWatchdogs],
  /** Likewise, and with watchdogs. An instruction takes 64 ns: what a chip computes for a minute, the computer has done in seconds. */
  watched: ["-icount", "shift=6,align=off,sleep=on"],
  /** Waiting takes no time, so that the chip's passes several times as fast as that of the world outside. */
  hasty: ["-icount", "shift=3,align=off,sleep=off", ...withoutWatchdogs],
});

/** Where an ESP32-C3 has the code in its flash: neither interrupts nor the heart of FreeRTOS, nor what waits, but the tasks. */
const tasksCode = { start: 0x4200_0000, end: 0x4280_0000 };

/** A chip has so many chances to be stopped in a task, after so many milliseconds each. */
const maxLooks = 3_000;
const lookPeriod = 7;

const machine = [
  ...["-M", "esp32c3-picsimlab", "-display", "none", "-monitor", "none"],
  ...["-nic", `user,id=${radio},model=esp32c3_wifi,net=192.168.4.0/24`],
  ...["-global", "driver=nvram.esp32c3.efuse,property=drive,value=efuse"],
];

export interface EmulatorOptions {
  readonly processes: Processes;
  /** QEMU's program, with Wi-Fi for the C3. */
  readonly program: string;
  /** Further arguments for it. */
  readonly options: readonly string[];
  /** The flash, which it writes to; efuses and serial log are files beside it. */
  readonly flash: string;
}

/** An ESP32-C3 with power that can be switched. The computer's loopback is its 192.168.4.2. */
export class Emulator {
  readonly #processes: Processes;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #serial: string;
  /** A socket that takes QEMU's machine protocol. */
  readonly #control: string;
  readonly #debugSocket: string;
  readonly #said: string[] = [];
  #child: ChildProcess | undefined;

  constructor({ processes, program, options, flash }: EmulatorOptions) {
    this.#processes = processes;
    this.#program = program;
    const efuses = `${flash}.efuses`;
    this.#serial = `${flash}.serial`;
    this.#control = `${flash}.control`;
    this.#debugSocket = `${flash}.gdb`;
    this.#args = [
      ...machine,
      ...["-drive", `file=${flash},if=mtd,format=raw`, "-drive", `file=${efuses},if=none,format=raw,id=efuse`],
      ...["-chardev", `file,id=log,path=${this.#serial},append=on`, "-serial", "chardev:log"],
      ...["-qmp", `unix:${this.#control},server=on,wait=off`],
      ...["-gdb", `unix:${this.#debugSocket},server=on,wait=off`],
      ...options,
    ];
    const bytes = Buffer.alloc(efuseSize);
    bytes.set(address, addressAt);
    bytes.writeUInt32LE(revision, revisionAt);
    writeFileSync(efuses, bytes);
    writeFileSync(this.#serial, "");
  }

  /** How often it was reset since it was made, and for what reasons, as the mask ROM says it: "POWERON", "RTC_SW_CPU_RST". */
  get resets(): readonly string[] {
    const log = readFileSync(this.#serial, "latin1");
    return [...log.matchAll(/rst:0x[0-9a-f]+ \((\w+)\)/g)].map(([, reason = ""]) => reason);
  }

  /** What the emulator itself complained about last. */
  get complaint(): string {
    return this.#said.slice(-3).join("\n");
  }

  start(pace: keyof typeof paces = "usual"): void {
    const args = [...this.#args, ...paces[pace]];
    this.#child = this.#processes.start(this.#program, args, "/", {}, (line) => this.#said.push(line));
  }

  /** Stops the chip in the middle of a task. What it has written is in the flash file then, which can be read. */
  async stop(): Promise<Debugger> {
    const session = await Debugger.stop(this.#debugSocket);
    for (let look = 0; look < maxLooks; look += 1) {
      const at = await session.programCounter();
      if (at >= tasksCode.start && at < tasksCode.end) return session;
      await session.pass(lookPeriod);
    }
    await session.release();
    throw new Error("the chip computes nothing");
  }

  /** As a jump through a pointer that is none. */
  async crash(): Promise<void> {
    const session = await this.stop();
    await session.jump(0);
    await session.release();
  }

  /** Whether the access point passes anything on. The emulated one cannot be left and joined again. */
  async setLink(up: boolean): Promise<void> {
    const socket = connect(this.#control);
    const commands = [{ execute: "qmp_capabilities" }, { execute: "set_link", arguments: { name: radio, up } }];
    try {
      await once(socket, "connect");
      let answer = "";
      socket.on("data", (bytes) => {
        answer += bytes;
      });
      socket.write(commands.map((command) => JSON.stringify(command)).join("\n"));
      await waitFor({ what: "the emulator's answer", seconds: 10 }, () =>
        answer.split('"return"').length > commands.length ? true : undefined,
      );
    } finally {
      socket.destroy();
    }
  }

  /** As a power cut does. */
  async cut(): Promise<void> {
    if (this.#child) await this.#processes.kill(this.#child);
    this.#child = undefined;
  }
}
