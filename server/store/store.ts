import { Attributes, attributeScopes } from "./attributes.js";
import { Claims } from "./claims.js";
import { DeviceProfiles } from "./device-profiles.js";
import { Devices } from "./devices.js";
import { Journal } from "./journal.js";
import type { Mutation } from "./mutation.js";
import { OtaPackages } from "./ota-packages.js";
import { OtaQueue } from "./ota-queue.js";
import { PackageFiles } from "./package-files.js";
import type { Point } from "./point.js";
import { Relations } from "./relations.js";
import { RpcRecords } from "./rpc-records.js";
import { Timeseries } from "./timeseries.js";

/** Samples per line of a compacted log. */
const pointsPerLine = 1000;

/** Everything the server remembers. Reading goes to the parts, writing through {@link Store.commit}. */
export class Store {
  readonly profiles = new DeviceProfiles();
  readonly devices = new Devices();
  readonly relations = new Relations();
  readonly claims = new Claims();
  readonly attributes = new Attributes();
  readonly timeseries = new Timeseries();
  readonly rpcs = new RpcRecords();
  readonly otaPackages = new OtaPackages();
  readonly packageFiles: PackageFiles;
  readonly otaQueue = new OtaQueue();
  readonly #journal: Journal | undefined;

  /** @param directory where the state survives the process; without it the state is in memory only */
  constructor(directory?: string) {
    this.packageFiles = new PackageFiles(directory);
    if (directory === undefined) return;
    this.#journal = new Journal(directory);
    for (const mutation of this.#journal.read()) this.#apply(mutation);
    this.packageFiles.check(this.otaPackages.all());
    this.#journal.compact(this.#snapshot());
  }

  commit(mutation: Mutation): void {
    this.#journal?.append(mutation);
    this.#apply(mutation);
  }

  close(): void {
    this.#journal?.close();
  }

  #apply(mutation: Mutation): void {
    switch (mutation.op) {
      case "deviceProfile":
        this.profiles.put(mutation.profile);
        break;
      case "deviceProfileDeleted":
        this.profiles.delete(mutation.profileId);
        break;
      case "device":
        this.devices.put(mutation.device);
        break;
      case "credentials":
        this.devices.putCredentials(mutation.credentials);
        break;
      case "relation":
        this.relations.put(mutation.relation);
        break;
      case "claim":
        this.claims.put(mutation.claim);
        break;
      case "claimDeleted":
        this.claims.delete(mutation.deviceId);
        break;
      case "deviceDeleted":
        this.#deleteDevice(mutation.deviceId);
        break;
      case "points":
        this.timeseries.put(mutation.deviceId, mutation.points);
        break;
      case "attributes":
        this.attributes.put(mutation.deviceId, mutation.scope, mutation.points);
        break;
      case "attributesDeleted":
        this.attributes.delete(mutation.deviceId, mutation.scope, mutation.keys);
        break;
      case "rpc":
        this.rpcs.put(mutation.record);
        break;
      case "rpcDeleted":
        this.rpcs.delete(mutation.rpcId);
        break;
      case "otaPackage":
        this.otaPackages.put(mutation.otaPackage);
        break;
      case "otaPackageDeleted":
        this.otaPackages.delete(mutation.packageId);
        break;
      case "updateQueued":
        this.otaQueue.put(mutation.update);
        break;
      case "updateTaken":
        this.otaQueue.delete(mutation.updateId);
        break;
    }
  }

  #deleteDevice(deviceId: string): void {
    this.devices.delete(deviceId);
    this.relations.deleteDevice(deviceId);
    this.claims.delete(deviceId);
    this.attributes.deleteDevice(deviceId);
    this.timeseries.deleteDevice(deviceId);
    this.rpcs.deleteDevice(deviceId);
  }

  *#snapshot(): Generator<Mutation> {
    for (const profile of this.profiles.all()) yield { op: "deviceProfile", profile };
    for (const device of this.devices.all()) {
      yield { op: "device", device };
      const credentials = this.devices.credentialsOf(device.id);
      if (credentials) yield { op: "credentials", credentials };
      for (const scope of attributeScopes) {
        const points = this.attributes.all(device.id, scope).map(({ key, lastUpdateTs, type, text }): Point => {
          return [key, lastUpdateTs, type, text];
        });
        if (points.length > 0) yield { op: "attributes", deviceId: device.id, scope, points };
      }
      for (const key of this.timeseries.keys(device.id)) yield* this.#seriesSnapshot(device.id, key);
    }
    for (const relation of this.relations.all()) yield { op: "relation", relation };
    for (const claim of this.claims.all()) yield { op: "claim", claim };
    for (const record of this.rpcs.all()) yield { op: "rpc", record };
    for (const otaPackage of this.otaPackages.all()) yield { op: "otaPackage", otaPackage };
    for (const update of this.otaQueue.all()) yield { op: "updateQueued", update };
  }

  *#seriesSnapshot(deviceId: string, key: string): Generator<Mutation> {
    const samples = this.timeseries.all(deviceId, key);
    for (let index = 0; index < samples.length; index += pointsPerLine) {
      const points = samples.slice(index, index + pointsPerLine);
      yield { op: "points", deviceId, points: points.map(({ ts, type, text }): Point => [key, ts, type, text]) };
    }
  }
}
