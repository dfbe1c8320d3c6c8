import type { EventListener } from "../events.js";
import type { PackageCache } from "../ota/package-cache.js";
import type { PackageRegistry } from "../ota/package-registry.js";
import type { OtaUpdates } from "../ota/updates.js";
import type { Store } from "../store/store.js";
import type { ChainProvisioning } from "./chain-provisioning.js";
import type { Claiming } from "./claiming.js";
import type { DeviceData } from "./device-data.js";
import type { DeviceState } from "./device-state.js";
import type { GatewayMetrics } from "./gateway-metrics.js";
import type { Profiles } from "./profiles.js";
import type { Provisioning } from "./provisioning.js";
import type { Registry } from "./registry.js";
import type { RpcService } from "./rpc-service.js";
import type { Sessions } from "./sessions.js";
import type { SubDevices } from "./sub-devices.js";

/** The parts of one running server, as its MQTT and its REST side see them. */
export interface ServerContext {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly profiles: Profiles;
  readonly registry: Registry;
  readonly provisioning: Provisioning;
  readonly chainProvisioning: ChainProvisioning;
  readonly claiming: Claiming;
  readonly subDevices: SubDevices;
  readonly gatewayMetrics: GatewayMetrics;
  readonly data: DeviceData;
  readonly state: DeviceState;
  readonly rpc: RpcService;
  readonly packages: PackageRegistry;
  readonly packageCache: PackageCache;
  readonly updates: OtaUpdates;
  readonly onEvent: EventListener;
}
