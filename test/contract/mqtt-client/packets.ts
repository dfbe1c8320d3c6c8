// SPDX-License-Identifier: Apache-2.0
// MQTT 3.1.1 as the contract cases need it, on any engine: packets of a server as bytes, packets of a client as text.
// `oracle.test.ts` holds it against an independent codec.

export type Bytes = readonly number[];

/** ASCII. */
export function ascii(text: string): number[] {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) bytes.push(text.charCodeAt(index));
  return bytes;
}

export function packet(first: number, body: Bytes): number[] {
  const header = [first];
  let rest = body.length;
  do {
    header.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return [...header, ...body];
}

const number = (value: number): number[] => [value >> 8, value & 255];
const string = (text: string): number[] => [...number(text.length), ...ascii(text)];

export const connack = (code = 0, flags = 0): number[] => packet(0x20, [flags, code]);
export const puback = (id: number): number[] => packet(0x40, number(id));
export const suback = (id: number, ...codes: number[]): number[] => packet(0x90, [...number(id), ...codes]);
export const unsuback = (id: number): number[] => packet(0xb0, number(id));
export const pingresp = packet(0xd0, []);

export const publish0 = (topic: string, payload: Bytes | string): number[] =>
  packet(0x30, [...string(topic), ...bytesOf(payload)]);
export const publish1 = (topic: string, payload: Bytes | string, id: number): number[] =>
  packet(0x32, [...string(topic), ...number(id), ...bytesOf(payload)]);

const bytesOf = (payload: Bytes | string): Bytes => (typeof payload === "string" ? ascii(payload) : payload);

/** Text of up to 16 ASCII bytes, the count of more. */
export function summary(bytes: ArrayLike<number>, start: number, end: number): string {
  if (end - start > 16) return `${end - start} bytes`;
  let text = "";
  for (let index = start; index < end; index += 1) text += String.fromCharCode(bytes[index] as number);
  return `"${text}"`;
}

/** Describes whole packets of a client, one line each; what is left over is described as partial. */
export class ClientPackets {
  #bytes: number[] = [];
  #at = 0;

  describe(bytes: Bytes): string[] {
    this.#bytes = [...this.#bytes, ...bytes];
    const lines: string[] = [];
    for (let end = this.#packetEnd(); end > 0; end = this.#packetEnd()) {
      lines.push(this.#describe(end));
      this.#bytes = this.#bytes.slice(end);
    }
    return lines;
  }

  get leftover(): number {
    return this.#bytes.length;
  }

  #packetEnd(): number {
    let length = 0;
    for (let index = 1; index <= 4; index += 1) {
      const byte = this.#bytes[index];
      if (byte === undefined) return 0;
      length |= (byte & 127) << (7 * (index - 1));
      if (byte > 127) continue;
      this.#at = index + 1;
      return index + 1 + length <= this.#bytes.length ? index + 1 + length : 0;
    }
    throw new Error("remaining length: over 4 bytes");
  }

  #describe(end: number): string {
    const first = this.#bytes[0] as number;
    switch (first) {
      case 0x10:
        return this.#connect();
      case 0x40:
        return `PUBACK #${this.#number()}`;
      case 0x82:
        return `SUBSCRIBE #${this.#number()}${this.#filters(end, true)}`;
      case 0xa2:
        return `UNSUBSCRIBE #${this.#number()}${this.#filters(end, false)}`;
      case 0xc0:
        return "PINGREQ";
      case 0xe0:
        return "DISCONNECT";
    }
    if (first >> 4 !== 3) return `packet 0x${first.toString(16)}`;
    const QoS = (first >> 1) & 3;
    const topic = this.#string();
    const id = QoS === 0 ? "" : ` #${this.#number()}`;
    return `PUBLISH ${topic} QoS ${QoS}${id}${first & 8 ? " dup" : ""} ${summary(this.#bytes, this.#at, end)}`;
  }

  #connect(): string {
    const protocol = `${this.#string()} ${this.#byte()}`;
    const flags = this.#byte();
    const keepAlive = this.#number();
    let text = `CONNECT ${protocol}${flags & 2 ? " clean" : ""} ${keepAlive} s id=${this.#string()}`;
    if (flags & 4)
      text += ` will=${this.#string()}:${this.#string()} QoS ${(flags >> 3) & 3}${flags & 32 ? " retain" : ""}`;
    if (flags & 128) text += ` user=${this.#string()}`;
    if (flags & 64) text += ` password=${this.#string()}`;
    return text;
  }

  #filters(end: number, hasQoS: boolean): string {
    let text = "";
    while (this.#at < end) text += ` ${this.#string()}${hasQoS ? `:${this.#byte()}` : ""}`;
    return text;
  }

  #byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  #number(): number {
    return (this.#byte() << 8) | this.#byte();
  }

  #string(): string {
    const length = this.#number();
    let text = "";
    for (let index = 0; index < length; index += 1) text += String.fromCharCode(this.#byte());
    return text;
  }
}
