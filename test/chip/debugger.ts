// SPDX-License-Identifier: Apache-2.0
// The part of GDB's remote protocol that it takes to break a program: packets of `$text#checksum`, each acknowledged by "+".

import { createConnection, type Socket } from "node:net";

/** For any answer, on a computer that has other things to do. */
const patience = 20_000;

/** Registers of RISC-V by their numbers: x0 to x31, then this. */
const programCounter = 32;

/** Of the control register `mstatus`: the CPU takes interrupts. */
const interruptsEnabled = 1 << 3;

const interrupt = Buffer.from([3]);

/** A CPU that QEMU's GDB server keeps from running. */
export class Debugger {
  readonly #socket: Socket;
  #received = "";
  #onPacket: ((packet: string) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => this.#onData(String(text)));
    // A chip without power: who waits for an answer is told by the time that it takes.
    socket.on("error", () => undefined);
  }

  /** Stops the CPU, which runs on with `release`. `path` is the socket of the server. */
  static async stop(path: string): Promise<Debugger> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const session = new Debugger(socket);
    // QEMU reaches single registers only after somebody has asked what they are.
    await session.#ask("qXfer:features:read:target.xml:0,800");
    return session;
  }

  /** The CPU goes on for a moment. */
  async pass(milliseconds: number): Promise<void> {
    this.#send("c");
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const stopped = this.#next("stop");
    this.#socket.write(interrupt);
    await stopped;
  }

  programCounter(): Promise<number> {
    return this.#readRegister(programCounter);
  }

  /** The CPU goes on there. */
  jump(address: number): Promise<void> {
    return this.#writeRegister(programCounter, address);
  }

  /** The CPU takes no interrupts any more. */
  async maskInterrupts(): Promise<void> {
    const status = await this.#numberOf("mstatus");
    await this.#writeRegister(status, (await this.#readRegister(status)) & ~interruptsEnabled);
  }

  /** The CPU runs, and nobody looks. */
  async release(): Promise<void> {
    await this.#ask("D");
    this.#socket.destroy();
  }

  async #readRegister(number: number): Promise<number> {
    return Buffer.from(await this.#ask(`p${number.toString(16)}`), "hex").readUInt32LE();
  }

  async #writeRegister(number: number, value: number): Promise<void> {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    const answer = await this.#ask(`P${number.toString(16)}=${bytes.toString("hex")}`);
    if (answer !== "OK") throw new Error(`register ${number}: ${answer}`);
  }

  /** Control registers have the numbers that the server's description of them says. */
  async #numberOf(register: string): Promise<number> {
    let description = "";
    for (let isLast = false; !isLast; ) {
      const part = await this.#ask(`qXfer:features:read:riscv-csr.xml:${description.length.toString(16)},800`);
      if (!/^[lm]/.test(part)) throw new Error(`no description of registers: ${part}`);
      isLast = part.startsWith("l");
      description += part.slice(1);
    }
    const number = new RegExp(`name="${register}"[^>]*regnum="(\\d+)"`).exec(description)?.[1];
    if (number === undefined) throw new Error(`no register ${register}`);
    return Number(number);
  }

  #ask(request: string): Promise<string> {
    const answer = this.#next(request);
    this.#send(request);
    return answer;
  }

  #send(packet: string): void {
    this.#socket.write(`$${packet}#${checksum(packet)}`, "latin1");
  }

  #next(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`debugger: no answer to ${request}`)), patience);
      this.#onPacket = (packet) => {
        clearTimeout(timer);
        this.#onPacket = undefined;
        resolve(packet);
      };
    });
  }

  #onData(text: string): void {
    this.#received += text;
    for (;;) {
      const start = this.#received.indexOf("$");
      const end = this.#received.indexOf("#", start);
      if (start < 0 || end < 0 || this.#received.length < end + 3) return;
      const packet = this.#received.slice(start + 1, end);
      this.#received = this.#received.slice(end + 3);
      this.#socket.write("+");
      this.#onPacket?.(packet);
    }
  }
}

function checksum(packet: string): string {
  const sum = Buffer.from(packet, "latin1").reduce((all, byte) => (all + byte) & 0xff, 0);
  return sum.toString(16).padStart(2, "0");
}
