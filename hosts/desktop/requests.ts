// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { BootLoader, Flash } from "../../modules/core/ports.js";
import type { Machine } from "../node/machine.js";
import { readTls } from "./tls-fields.js";
import { answers, requests, WireReader, WireWriter } from "./wire.js";

/** Does what the machine waits for: the synchronous parts of the port. What it throws is thrown again in the machine. */
export function answerRequest(machine: Machine, message: Uint8Array): Uint8Array {
  const writer = new WireWriter();
  try {
    answer(machine, new WireReader(message), writer);
    return writer.take();
  } catch (error) {
    const { name, message: text } = error as Error;
    const kind = error instanceof DeviceError ? error.reason : name;
    return new WireWriter().byte(answers.failed).text(kind).text(text).take();
  }
}

function answer(machine: Machine, reader: WireReader, writer: WireWriter): void {
  const { storage, system } = machine;
  const kind = reader.byte();
  switch (kind) {
    case requests.read: {
      const value = storage.read(reader.text());
      if (value === undefined) writer.byte(answers.absent);
      else writer.byte(answers.done).bytes(value);
      return;
    }
    case requests.write:
      storage.write(reader.text(), reader.bytes());
      writer.byte(answers.done);
      return;
    case requests.delete:
      writer.byte(storage.delete(reader.text()) ? answers.done : answers.absent);
      return;
    case requests.measure:
      writer.byte(answers.done);
      system.measure((key, value) => writer.text(key).number(value));
      return;
    case requests.checkTls:
      machine.secure(readTls(reader));
      writer.byte(answers.done);
      return;
    case requests.application: {
      const image = machine.readApplication();
      if (image === undefined) writer.byte(answers.absent);
      else writer.byte(answers.done).text(image.script);
      return;
    }
    case requests.verifySignature: {
      const isRight = machine.verifySignature(reader.text(), reader.bytes(), reader.bytes());
      writer.byte(isRight ? answers.done : answers.absent);
      return;
    }
    case requests.bootStatus:
    case requests.bootSelect:
    case requests.bootConfirm:
      answerForBootLoader(kind, machine.bootLoader, writer.byte(answers.done));
      return;
    default:
      answerForFlash(kind, machine.openFlash(reader.text()), reader, writer.byte(answers.done));
  }
}

function answerForBootLoader(kind: number, bootLoader: BootLoader, writer: WireWriter): void {
  if (kind === requests.bootSelect) bootLoader.select();
  if (kind === requests.bootConfirm) bootLoader.confirm();
  const { running, next, isOnTrial, isNextRejected } = bootLoader;
  writer
    .text(running)
    .text(next)
    .byte(isOnTrial ? 1 : 0)
    .byte(isNextRejected ? 1 : 0);
}

function answerForFlash(kind: number, flash: Flash, reader: WireReader, writer: WireWriter): void {
  switch (kind) {
    case requests.flashStatus: {
      const { size, blockLength, blocks, writeAlign } = flash.status;
      writer.integer(size).integer(blockLength).integer(blocks).integer(writeAlign);
      return;
    }
    case requests.flashRead: {
      const into = new Uint8Array(reader.integer());
      flash.read(into, reader.number());
      writer.bytes(into);
      return;
    }
    case requests.flashWrite:
      flash.write(reader.bytes(), reader.number());
      return;
    case requests.flashErase:
      flash.eraseBlock(reader.number());
      return;
    default:
      throw new RangeError("request is unknown");
  }
}
