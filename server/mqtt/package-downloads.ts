import type { ServerContext } from "../core/context.js";
import { TransportFault } from "../core/faults.js";
import { targetPackageId } from "../ota/assignment.js";
import type { Device } from "../store/devices.js";
import type { OtaPackage, OtaPackageType } from "../store/ota-packages.js";
import type { Downlink } from "./downlink.js";
import type { RateLimits } from "./rate-limits.js";
import { chunkTopic, packageErrorTopic, parseId } from "./topics.js";

export interface ChunkRequest {
  readonly type: OtaPackageType;
  readonly id: string;
  /** Index of the chunk. */
  readonly chunk: number;
  /** Sends the PUBACK, if there is to be one. */
  readonly acknowledge: () => void;
}

export interface DownloadOptions {
  readonly maxChunkSize: number;
  /** Closes the connection. */
  readonly close: (reason: string) => void;
}

interface Lookup {
  readonly request: ChunkRequest;
  readonly size: number;
}

/** What one connection downloads. Faithful: a request id belongs to one package, be it firmware or software. */
export class PackageDownloads {
  readonly #device: Device;
  readonly #context: ServerContext;
  readonly #limits: RateLimits;
  readonly #downlink: Downlink;
  readonly #options: DownloadOptions;
  readonly #packageIds = new Map<string, string>();
  readonly #chunkSizes = new Map<string, number>();
  readonly #lookups: Lookup[] = [];

  constructor(
    device: Device,
    context: ServerContext,
    limits: RateLimits,
    downlink: Downlink,
    options: DownloadOptions,
  ) {
    this.#device = device;
    this.#context = context;
    this.#limits = limits;
    this.#downlink = downlink;
    this.#options = options;
  }

  /**
   * Answers at once, or, as long as nothing was answered under the id, when the package is found.
   * @param sizeText bytes in decimal; nothing, or no positive number, is the size before under the same id
   * @throws {TransportFault | RateLimitFault}
   */
  request(request: ChunkRequest, sizeText: string): void {
    const size = this.#chunkSize(request.id, sizeText);
    const packageId = this.#packageIds.get(request.id);
    if (size > this.#options.maxChunkSize) this.#fail("PAYLOAD_TOO_LARGE");
    else if (packageId !== undefined) this.#answer(request, packageId, size);
    else this.#lookUpLater({ request, size });
  }

  #chunkSize(id: string, text: string): number {
    const size = text === "" ? 0 : parseId(text.replace(/^\+/, ""));
    if (size === undefined) throw new TransportFault("the size of a chunk must be an integer");
    if (size <= 0) return this.#chunkSizes.get(id) ?? 0;
    this.#chunkSizes.set(id, size);
    return size;
  }

  #lookUpLater(lookup: Lookup): void {
    this.#limits.spend();
    if (this.#lookups.push(lookup) === 1) setImmediate(() => this.#lookUp());
  }

  /**
   * Faithful: requests that do not wait for the first answer look for the package each by itself, and end in any order.
   * Here the last comes first, so that no device gets used to another.
   */
  #lookUp(): void {
    for (const { request, size } of this.#lookups.splice(0).reverse()) {
      const { type, id } = request;
      const otaPackage = this.#target(type);
      if (!otaPackage || otaPackage.url) {
        this.#fail(otaPackage ? "FAILURE" : "NOT_FOUND");
        return;
      }
      this.#context.packageCache.load(otaPackage.id);
      if (!this.#packageIds.has(id)) {
        const { title, version } = otaPackage;
        this.#context.onEvent({ event: "ota.downloading", device: this.#device.name, type, title, version });
      }
      this.#packageIds.set(id, otaPackage.id);
      this.#answer(request, otaPackage.id, size);
    }
  }

  /** By the device as it is now, which is not as it was when it connected. */
  #target(type: OtaPackageType): OtaPackage | undefined {
    const { store } = this.#context;
    const device = store.devices.get(this.#device.id);
    const packageId = device ? targetPackageId(device, type, store) : null;
    return packageId === null ? undefined : store.otaPackages.get(packageId);
  }

  #answer({ type, id, chunk, acknowledge }: ChunkRequest, packageId: string, size: number): void {
    acknowledge();
    const data = piece(this.#context.packageCache.get(packageId), size, chunk);
    if (data) this.#downlink.publish(chunkTopic(type, id, chunk), data);
  }

  #fail(error: string): void {
    this.#downlink.publish(packageErrorTopic, error);
    this.#options.close(`package error ${error}`);
  }
}

/** @returns nothing past the end; undefined where ThingsBoard stumbles and sends no answer at all */
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
