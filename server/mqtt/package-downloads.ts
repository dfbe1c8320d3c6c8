import type { ServerContext } from "../core/context.js";
import { PackageFault, TransportFault } from "../core/faults.js";
import { targetPackageId } from "../ota/assignment.js";
import type { Device } from "../store/devices.js";
import type { OtaPackage, OtaPackageType } from "../store/ota-packages.js";
import type { RateLimits } from "./rate-limits.js";
import { parseId } from "./topics.js";

export interface ChunkRequest {
  readonly type: OtaPackageType;
  readonly id: string;
  /** Index of the chunk. */
  readonly chunk: number;
  /** Bytes in decimal; nothing, or no positive number, is the size of the request before with the same id. */
  readonly size: string;
}

/** What one connection downloads. Faithful: a request id belongs to one package, be it firmware or software. */
export class PackageDownloads {
  readonly #device: Device;
  readonly #context: ServerContext;
  readonly #limits: RateLimits;
  readonly #maxChunkSize: number;
  readonly #packageIds = new Map<string, string>();
  readonly #chunkSizes = new Map<string, number>();

  constructor(device: Device, context: ServerContext, limits: RateLimits, maxChunkSize: number) {
    this.#device = device;
    this.#context = context;
    this.#limits = limits;
    this.#maxChunkSize = maxChunkSize;
  }

  /**
   * @returns what to send, nothing past the end; undefined where ThingsBoard stumbles and sends nothing at all
   * @throws {PackageFault} its message is to be told to the device
   * @throws {TransportFault | RateLimitFault}
   */
  chunk({ type, id, chunk, size }: ChunkRequest): Buffer | undefined {
    const chunkSize = this.#chunkSize(id, size);
    if (chunkSize > this.#maxChunkSize) throw new PackageFault("PAYLOAD_TOO_LARGE");
    const packageId = this.#packageIds.get(id) ?? this.#begin(type, id);
    return piece(this.#context.packageCache.get(packageId), chunkSize, chunk);
  }

  #chunkSize(id: string, text: string): number {
    const size = text === "" ? 0 : parseId(text.replace(/^\+/, ""));
    if (size === undefined) throw new TransportFault("the size of a chunk must be an integer");
    if (size <= 0) return this.#chunkSizes.get(id) ?? 0;
    this.#chunkSizes.set(id, size);
    return size;
  }

  /** Only the first request of an id counts for the limits. */
  #begin(type: OtaPackageType, id: string): string {
    this.#limits.spend();
    const otaPackage = this.#target(type);
    if (!otaPackage) throw new PackageFault("NOT_FOUND");
    if (otaPackage.url) throw new PackageFault("FAILURE");
    this.#context.packageCache.load(otaPackage.id);
    this.#packageIds.set(id, otaPackage.id);
    const { title, version } = otaPackage;
    this.#context.onEvent({ event: "ota.downloading", device: this.#device.name, type, title, version });
    return otaPackage.id;
  }

  /** By the device as it is now, which is not as it was when it connected. */
  #target(type: OtaPackageType): OtaPackage | undefined {
    const { store } = this.#context;
    const device = store.devices.get(this.#device.id);
    const packageId = device ? targetPackageId(device, type, store) : null;
    return packageId === null ? undefined : store.otaPackages.get(packageId);
  }
}

function piece(data: Buffer | undefined, size: number, index: number): Buffer | undefined {
  // Faithful: without any size ever told it is everything, whatever the index.
  if (size === 0) return data;
  if (!data) return Buffer.alloc(0);
  // Faithful: in 32 bits, and a start below zero is what it stumbles over.
  const start = Math.imul(size, index);
  const length = Math.min((data.length - start) | 0, size);
  if (start >= data.length || length <= 0) return Buffer.alloc(0);
  return start < 0 ? undefined : data.subarray(start, start + length);
}
