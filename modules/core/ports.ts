// SPDX-License-Identifier: Apache-2.0
// The port: everything the portable firmware asks of a platform. Types only.

import type { Reason } from "./errors.js";

/** Duration or point of time in milliseconds, ECMA-419's unmarked unit. */
export type Milliseconds = number;

/** A reusable one-shot timer. It is made once and armed many times, so that steady traffic allocates nothing. */
export interface Timer {
  /** Arms the timer, or arms it anew. The callback runs once, never inside this call; 0 means "soon". */
  start(delay: Milliseconds): void;
  /** Disarms. After it the callback does not run until the next `start`. Idempotent. */
  stop(): void;
}

export interface Clock {
  timer(callback: () => void): Timer;
  /** Monotonic reading of unspecified origin that may wrap around; only `elapsed` gives it a meaning. */
  ticks(): number;
  /** Milliseconds since an earlier `ticks()`; right for spans up to 2^31 ms (24.8 days). */
  elapsed(since: number): Milliseconds;
}

/** Asks the platform's source of wall-clock time (SNTP on a chip, the system clock elsewhere) once. */
export interface TimeSource {
  /** Exactly one of the callbacks follows, never inside the call. `epoch` counts from 1970-01-01 UTC. */
  request(onTime: (epoch: Milliseconds) => void, onError: (reason: Reason) => void): void;
}

/** UTF-8. XS has no TextEncoder of its own and its string indices are slow, so the platform does this. */
export interface Text {
  /** Writes `text` at `offset`; returns the bytes written, or -1 and leaves the rest undefined where it does not fit. */
  encodeInto(text: string, into: Uint8Array, offset: number): number;
  /** Malformed input becomes U+FFFD, it never throws. */
  decode(bytes: Uint8Array, start: number, end: number): string;
  byteLength(text: string): number;
}

/** ECMA-419 TCP socket (section 10), narrowed. */
export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** `count` bytes can be read now. Called again only when more arrive. */
  onReadable(count: number): void;
  /** First call: connected. `count` bytes can be written now. */
  onWritable(count: number): void;
  /** Terminal: no callback follows it, only `close` is legal. */
  onError(reason: Reason): void;
}

export interface Socket {
  /** Moves up to `length` received bytes to `into[offset]`; returns how many. */
  read(into: Uint8Array, offset: number, length: number): number;
  /** All or nothing: takes `length` bytes from `from[offset]`, throws `RangeError` over the writable count. Returns what is still writable. */
  write(from: Uint8Array, offset: number, length: number): number;
  /** Idempotent; nothing is called back afterwards. Bytes already written are still sent where the platform can. */
  close(): void;
}

/** Resolves the name and connects. No callback runs inside the call. Throws only for malformed options. */
export type SocketFactory = (options: SocketOptions) => Socket;

/** What a server has to prove, and what the device proves. Certificates and keys are PEM. */
export interface TlsOptions {
  /** Certificate authorities, one or several: the server's certificate must lead to one of them. No other is trusted. */
  readonly ca: string;
  /** The name that the server's certificate must be good for, which the server is told too. Default: the socket's host. */
  readonly serverName?: string;
  /** The device's own certificate, for servers that ask for one; those between it and their authority may follow it. */
  readonly certificate?: string;
  /** The key of `certificate`, not encrypted. Both or neither. */
  readonly privateKey?: string;
}

/**
 * Makes a factory of sockets that speak TLS 1.2 or later and are sockets like all others: the first `onWritable` tells that
 * the handshake is done and the server is who it should be, `onError` has the reasons "tls-..." besides. A server that does
 * not answer the handshake is not noticed here. A host whose clock is not set does not check dates, and says so in the log.
 * Throws `TypeError` for what is no string and for one of two that belong together, `RangeError` for PEM that is not what it
 * should be, `DeviceError` "tls-unavailable" where the firmware was built without TLS, "out-of-memory" where it lacks the memory
 * for it.
 */
export type SecureSocketFactory = (options: TlsOptions) => SocketFactory;

/** ECMA-419 section 17: values of `connection` are ordered, a greater one includes the smaller. */
export type Connection = -1 | 0 | 1 | 2 | 3 | 4;
export const Connection = Object.freeze({
  fault: -1,
  disconnected: 0,
  connecting: 1,
  /** Associated with an access point. */
  linked: 2,
  /** An IP address was assigned. */
  addressed: 3,
  /** The platform has proof of a route to the internet; few can tell. */
  reachable: 4,
} as const);

export interface AccessPoint {
  readonly SSID: string;
  readonly password?: string;
}

/** ECMA-419 Wi-Fi network interface, narrowed. Hosts that are on the network anyway simulate one. */
export interface NetworkInterface {
  readonly connection: Connection;
  /** Received signal strength in dBm, undefined while not associated. */
  readonly RSSI: number | undefined;
  /** Assigned address in text form, undefined before `addressed`. */
  readonly address: string | undefined;
  /** Begins to associate; the outcome arrives by `onChanged`. An attempt under way is abandoned. */
  connect(accessPoint: AccessPoint): void;
  disconnect(): void;
  /** `reason` tells why `connection` fell, where the platform knows. Never called inside `connect` or `disconnect`. */
  onChanged: ((reason: Reason | undefined) => void) | undefined;
}

/** ECMA-419 key-value storage (NVS on the chip): keys of 1 to 15 ASCII characters, values up to 1,984 bytes. */
export interface KeyValueStore {
  read(key: string): Uint8Array | undefined;
  /** Durable when it returns; throws `DeviceError` "storage-failed" where it could not be stored. */
  write(key: string, value: Uint8Array): void;
  /** True when the key existed. */
  delete(key: string): boolean;
}

export interface FlashStatus {
  /** Bytes of the partition: `blocks` times `blockLength`. */
  readonly size: number;
  /** Bytes that are erased together, as 4,096 on the chip. */
  readonly blockLength: number;
  readonly blocks: number;
  /** Offset and length of every write are multiples of this, 1 to 32; 1 on the chip, 16 with its flash encryption. */
  readonly writeAlign: number;
}

/**
 * ECMA-419 flash storage (partition of NOR flash), narrowed. Erased bytes are 255; a byte is written once between two erases.
 * Everything here is done when it returns, throws `RangeError` beyond the partition or off the alignment, and `DeviceError`
 * "storage-failed" where the platform could not do it.
 */
export interface Flash {
  readonly status: FlashStatus;
  /** Fills the whole of `into`. Any offset, any length. */
  read(into: Uint8Array, byteOffset: number): void;
  /** Writes the whole of `from` where the flash is erased. Power that goes meanwhile leaves any part of it written. */
  write(from: Uint8Array, byteOffset: number): void;
  /** Power that goes meanwhile leaves anything in the block. */
  eraseBlock(block: number): void;
}

/** Opens a partition of `partitions.csv` by its name. Throws `DeviceError` "storage-failed" where there is none. */
export type FlashFactory = (path: string) => Flash;

/** The boot loader, and its two partitions for images of the firmware: one of them runs. `FlashFactory` opens both, `next` for writing. */
export interface BootLoader {
  /** Partition of the image that runs, as "ota_0". */
  readonly running: string;
  /** Partition for the next image. */
  readonly next: string;
  /** The running image is on trial: any reset before `confirm` returns to the other one. */
  readonly isOnTrial: boolean;
  /** The image in `next` was on trial and did not stay. */
  readonly isNextRejected: boolean;
  /**
   * From the next boot on the image in `next` runs, on trial. Durable when it returns. Throws `DeviceError` "image-refused" where
   * that is no image that the platform can run, "storage-failed" where the choice could not be stored; then nothing changed.
   */
  select(): void;
  /** The running image stays. Idempotent; durable when it returns, throws `DeviceError` "storage-failed" otherwise. */
  confirm(): void;
}

/** A partition for application code that is replaced without the firmware beneath it, and one to bring the next into. */
export interface ApplicationSlot {
  /** Partition that the platform runs application code from. What is in it is not touched while it runs. */
  readonly running: string;
  /** Partition of the same size, of no meaning to the platform. */
  readonly next: string;
  /**
   * The module in `running`, as it was at boot; undefined where there is none that the platform can load, or `DeviceError`
   * "image-refused" where it can say why. Its body runs now, and what that throws comes out of here. What the module exports is yet to
   * be checked.
   */
  load(): unknown;
}

/**
 * Whether `signature` (ECDSA by ANSI X9.62, DER) is one of `digest` (SHA-256, 32 bytes) by the holder of the key. `publicKey` is PEM,
 * a SubjectPublicKeyInfo on curve P-256. False for a signature that is malformed; throws `RangeError` for a key that is none such
 * and for a digest of another length, `DeviceError` "signature-unchecked" where the platform lacks the memory to tell.
 */
export type SignatureVerifier = (publicKey: string, digest: Uint8Array, signature: Uint8Array) => boolean;

/** Digests of packages, by the names that ThingsBoard has for them. CRC32 and both MURMUR3 (seed 0) show their lowest byte first. */
export type DigestAlgorithm = "MD5" | "SHA256" | "SHA384" | "SHA512" | "CRC32" | "MURMUR3_32" | "MURMUR3_128";

/** A digest of bytes that come piece by piece. It has nothing to be closed. */
export interface Digest {
  /** Takes `bytes` from `start` to before `end`. Throws `RangeError` where they are not all within. */
  update(bytes: Uint8Array, start: number, end: number): void;
  /** The digest of all that came, in lower-case hex. Ends it: nothing may be called afterwards. */
  finish(): string;
}

/** A new digest; undefined where the platform has none of this algorithm. */
export type DigestFactory = (algorithm: DigestAlgorithm) => Digest | undefined;

export interface System {
  /** Stable and unique: 12 lower-case hex digits, made from the base MAC on a chip. */
  readonly identity: string;
  /** Why the machine started: "power-on", "software", "panic", "watchdog", "brown-out", "deep-sleep", "unknown". */
  readonly resetReason: string;
  /** Name of platform and engine for people, as in "esp32c3 XS" or "linux V8". */
  readonly description: string;
  /** Reports every vital sign the platform really has, by its telemetry key. Bytes and degrees Celsius, unscaled. */
  measure(report: (key: string, value: number) => void): void;
  /** Switches the board's indicator (LED), or says so where there is none. */
  indicate(on: boolean): void;
  /** Leaves a moment for what is on the wire, then starts the firmware anew. */
  restart(reason: string): void;
}

/** What outlives everything that ends the firmware but the loss of power: RTC memory on the chip, so that it wears nothing. */
export interface BlackBox {
  /** The exception that ended the last run, or why it was ended; empty where nobody knows. */
  readonly error: string;
  /** What the last run wrote here last; empty where that did not survive. */
  readonly trail: string;
  /** Keeps up to 639 bytes for the next run, in the place of what this run wrote before. Cheap, and never throws. */
  write(trail: string): void;
}

export type LogLevel = "debug" | "info" | "warning" | "error";

/** Takes lifecycle steps, one line each. Never throws and never calls back. */
export interface LogSink {
  /** `event` is "<room>.<step>", from a fixed set; `detail` is for people. */
  write(level: LogLevel, event: string, detail: string, reason?: Reason): void;
  /** The text without what must not be read in a log, for who cuts it before it is written; absent where the sink knows of none. */
  veiled?(text: string): string;
}

/** What a platform hands to `Device`. */
export interface Host {
  readonly clock: Clock;
  readonly time: TimeSource;
  /** Unsigned 32-bit random number, good enough for jitter and identifiers. */
  readonly random: () => number;
  readonly text: Text;
  readonly connect: SocketFactory;
  readonly secure: SecureSocketFactory;
  readonly wifi: NetworkInterface;
  readonly storage: KeyValueStore;
  readonly openFlash: FlashFactory;
  /** Digests that the platform computes faster than TypeScript would; absent where it has none. */
  readonly digest?: DigestFactory;
  /** Absent where the firmware cannot be replaced. */
  readonly bootLoader?: BootLoader;
  /** Absent where application code is not replaced on its own. */
  readonly applicationSlot?: ApplicationSlot;
  /** Absent where no signature can be checked. */
  readonly verifySignature?: SignatureVerifier;
  readonly system: System;
  /** Undefined where nothing outlives the firmware. */
  readonly blackBox?: BlackBox;
  readonly log: LogSink;
  /** Calls back each time that the board's button is pressed, once for each; absent where there is none. */
  readonly watchButton?: (onPressed: () => void) => void;
}
