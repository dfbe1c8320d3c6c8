import { ChainProvisioning } from "./core/chain-provisioning.js";
import { Claiming } from "./core/claiming.js";
import type { ServerContext } from "./core/context.js";
import { DeviceData } from "./core/device-data.js";
import { DeviceState } from "./core/device-state.js";
import { GatewayMetrics } from "./core/gateway-metrics.js";
import { Profiles } from "./core/profiles.js";
import { Provisioning } from "./core/provisioning.js";
import { Registry } from "./core/registry.js";
import type { SubmitStrategy } from "./core/rpc-request.js";
import { RpcService } from "./core/rpc-service.js";
import { Sessions } from "./core/sessions.js";
import { SubDevices } from "./core/sub-devices.js";
import type { EventListener } from "./events.js";
import type { RpcRule } from "./mqtt/client-rpc.js";
import { MqttListener, type ServerIdentity } from "./mqtt/listener.js";
import { type Limits, noLimits } from "./mqtt/rate-limits.js";
import { PackageCache } from "./ota/package-cache.js";
import { PackageRegistry } from "./ota/package-registry.js";
import { OtaUpdates } from "./ota/updates.js";
import { RestListener } from "./rest/listener.js";
import { Store } from "./store/store.js";

/** The devices that exist from the first start on. */
export const demoDevice = { name: "Demo device", token: "xsthing-demo" } as const;
export const demoGateway = { name: "Demo gateway", token: "xsthing-gateway" } as const;

export { demoCustomerLogin, demoLogin } from "./rest/users.js";

export interface ServerOptions {
  /** Default 127.0.0.1: this is a development tool, its accounts are public. */
  readonly host?: string;
  /** 0 is any free port. */
  readonly mqttPort?: number;
  /** 0 is any free port. */
  readonly httpPort?: number;
  /** Devices are also served over TLS. Port 0 is any free one, the default is 8883. */
  readonly tls?: ServerIdentity & { readonly port?: number };
  /** Directory where the state survives the process; without it the state is in memory only. */
  readonly state?: string;
  readonly onEvent?: EventListener;
  /** Limits per device, `capacity:seconds[,...]`; null is unlimited, the default. */
  readonly limits?: Partial<Limits>;
  /** Limits of what a gateway says for itself, in place of `limits`. */
  readonly gatewayDeviceLimits?: Partial<Limits>;
  /** Limits of all sub-devices of a gateway together. */
  readonly gatewayLimits?: Partial<Limits>;
  /** How often gateways get the telemetry `gatewayMetrics`; default 60,000. */
  readonly gatewayMetricsInterval?: number;
  /** Largest MQTT packet, counted as remaining length. */
  readonly maxPayloadSize?: number;
  /** After this a device-to-server RPC that no rule answers is answered `{"error":"timeout"}`. */
  readonly clientRpcTimeout?: number;
  /** A connection without any sign of life for this long is closed, and so is the session of a sub-device. */
  readonly sessionTimeout?: number;
  /** Shorter timeouts of server-to-device RPC are raised to this, 5000 as on a real server. */
  readonly minRpcTimeout?: number;
  /** An RPC not acknowledged for this long counts as not delivered. */
  readonly rpcDeliveryTimeout?: number;
  /** When the next of several RPCs of a device is sent; default BURST, at once. */
  readonly rpcSubmitStrategy?: SubmitStrategy;
  /** SEQUENTIAL_ON_RESPONSE_FROM_DEVICE: an RPC that is not answered for this long makes room for the next. */
  readonly rpcResponseTimeout?: number;
  /** Close the session of a device that does not acknowledge an RPC, and keep the RPC. */
  readonly closeSessionOnRpcDeliveryTimeout?: boolean;
  /** A connection for provisioning is closed so long after its first answer. */
  readonly provisionCloseDelay?: number;
  /** How long a device can be claimed that does not say so itself: a day, as on a real server. */
  readonly claimDuration?: number;
  /** False: only devices with the server attribute `claimingAllowed` can be claimed. */
  readonly allowClaimingByDefault?: boolean;
  /** All OTA packages together; default 0, unlimited. */
  readonly maxOtaPackagesInBytes?: number;
  /** When one device was told of its update, the next is told so much later; default 600. */
  readonly otaUpdateInterval?: number;
  /** So long after a package was loaded, downloads of it that go on get nothing any more; default an hour. */
  readonly otaCacheLifetime?: number;
  /** Refuse wrong user names with CONNACK code 4, as ThingsBoard 3.5.0 alone did. */
  readonly legacyRefusals?: boolean;
  /** Methods of device-to-server RPC that are answered. A ThingsBoard fresh out of the box answers none. */
  readonly rules?: Readonly<Record<string, RpcRule>>;
}

export interface LocalServer {
  readonly mqttPort: number;
  readonly httpPort: number;
  /** Undefined without {@link ServerOptions.tls}. */
  readonly tlsPort: number | undefined;
  close(): Promise<void>;
}

/**
 * Starts a local server that devices and REST clients take for a ThingsBoard.
 * @throws {RangeError} malformed limits
 * @throws {Error} a port is in use (`code` is `EADDRINUSE`), the state cannot be read, or the TLS identity is none
 */
export async function startServer(options: ServerOptions = {}): Promise<LocalServer> {
  const { host = "127.0.0.1", mqttPort = 1883, httpPort = 8080, tls } = options;
  const context = createContext(options);
  if (context.store.devices.all().length === 0) createDemoDevices(context.registry);
  const mqtt = new MqttListener(context, {
    limits: {
      device: { ...noLimits, ...options.limits },
      gateway: { ...noLimits, ...options.gatewayLimits },
      gatewayDevice: { ...noLimits, ...options.gatewayDeviceLimits },
    },
    maxPayloadSize: options.maxPayloadSize ?? 65_536,
    clientRpcTimeout: options.clientRpcTimeout ?? 60_000,
    sessionTimeout: options.sessionTimeout ?? 600_000,
    provisionCloseDelay: options.provisionCloseDelay ?? 60_000,
    legacyRefusals: options.legacyRefusals ?? false,
    rules: options.rules ?? {},
  });
  const rest = new RestListener(context, { minRpcTimeout: options.minRpcTimeout ?? 5000 });
  const close = async (): Promise<void> => {
    await mqtt.close();
    context.rpc.close();
    context.updates.close();
    context.gatewayMetrics.close();
    await rest.close();
    context.state.close();
    context.store.close();
  };
  try {
    // Devices last: from then on there are events, and the caller has the ports before the first.
    return {
      httpPort: await rest.listen(host, httpPort),
      tlsPort: tls && (await mqtt.listenSecurely(host, tls.port ?? 8883, tls)),
      mqttPort: await mqtt.listen(host, mqttPort),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createDemoDevices(registry: Registry): void {
  const { name, token } = demoDevice;
  registry.create({ name }, { credentialsType: "ACCESS_TOKEN", token });
  const gateway = { name: demoGateway.name, additionalInfo: JSON.stringify({ gateway: true }) };
  registry.create(gateway, { credentialsType: "ACCESS_TOKEN", token: demoGateway.token });
}

function createContext(options: ServerOptions): ServerContext {
  const { state, onEvent = () => {} } = options;
  const store = new Store(state);
  const sessions = new Sessions();
  const rpc = new RpcService(store, sessions, onEvent, {
    submitStrategy: options.rpcSubmitStrategy ?? "BURST",
    deliveryTimeout: options.rpcDeliveryTimeout ?? 10_000,
    responseTimeout: options.rpcResponseTimeout ?? 30_000,
    closesSessionOnDeliveryTimeout: options.closeSessionOnRpcDeliveryTimeout ?? false,
  });
  const data = new DeviceData(store, sessions, onEvent);
  const packageCache = new PackageCache(store.packageFiles, options.otaCacheLifetime ?? 3_600_000);
  const packages = new PackageRegistry(store, packageCache, options.maxOtaPackagesInBytes ?? 0);
  const updates = new OtaUpdates(store, data, onEvent, options.otaUpdateInterval ?? 600);
  const profiles = new Profiles(store, packages, updates);
  const registry = new Registry(store, sessions, rpc, profiles, updates);
  const provisioning = new Provisioning(store, registry, data, onEvent);
  const chainProvisioning = new ChainProvisioning(store, registry, provisioning);
  const claiming = new Claiming(store, registry, data, onEvent, {
    duration: options.claimDuration ?? 86_400_000,
    isAllowedByDefault: options.allowClaimingByDefault ?? true,
  });
  const parts = {
    profiles,
    registry,
    provisioning,
    chainProvisioning,
    claiming,
    subDevices: new SubDevices(store, registry, onEvent),
    gatewayMetrics: new GatewayMetrics(store, data, onEvent, options.gatewayMetricsInterval ?? 60_000),
    data,
    state: new DeviceState(store),
    rpc,
    packages,
    packageCache,
    updates,
  };
  return { store, sessions, ...parts, onEvent };
}
