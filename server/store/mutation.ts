import type { AttributeScope } from "./attributes.js";
import type { Claim } from "./claims.js";
import type { DeviceProfile } from "./device-profiles.js";
import type { Credentials, Device } from "./devices.js";
import type { OtaPackage } from "./ota-packages.js";
import type { QueuedUpdate } from "./ota-queue.js";
import type { Point } from "./point.js";
import type { Relation } from "./relations.js";
import type { RpcRecord } from "./rpc-records.js";

/** Every change of the server's state. The state is nothing but these, applied in order. */
export type Mutation =
  | { readonly op: "deviceProfile"; readonly profile: DeviceProfile }
  | { readonly op: "deviceProfileDeleted"; readonly profileId: string }
  | { readonly op: "device"; readonly device: Device }
  | { readonly op: "credentials"; readonly credentials: Credentials }
  | { readonly op: "relation"; readonly relation: Relation }
  | { readonly op: "claim"; readonly claim: Claim }
  | { readonly op: "claimDeleted"; readonly deviceId: string }
  | { readonly op: "deviceDeleted"; readonly deviceId: string }
  | { readonly op: "points"; readonly deviceId: string; readonly points: readonly Point[] }
  | {
      readonly op: "attributes";
      readonly deviceId: string;
      readonly scope: AttributeScope;
      readonly points: readonly Point[];
    }
  | {
      readonly op: "attributesDeleted";
      readonly deviceId: string;
      readonly scope: AttributeScope;
      readonly keys: readonly string[];
    }
  | { readonly op: "rpc"; readonly record: RpcRecord }
  | { readonly op: "rpcDeleted"; readonly rpcId: string }
  | { readonly op: "otaPackage"; readonly otaPackage: OtaPackage }
  | { readonly op: "otaPackageDeleted"; readonly packageId: string }
  | { readonly op: "updateQueued"; readonly update: QueuedUpdate }
  | { readonly op: "updateTaken"; readonly updateId: string };
