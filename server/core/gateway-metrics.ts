import type { EventListener } from "../events.js";
import { writeJson } from "../json/json.js";
import type { Store } from "../store/store.js";
import type { DeviceData } from "./device-data.js";

/** Telemetry of a gateway of which it sends nothing itself. */
const metricsKey = "gatewayMetrics";

/** When one message of a sub-device passed through its gateway. */
export interface MessageTimes {
  /** The part of the gateway that received it. */
  readonly connector: string;
  readonly receivedTs: number;
  readonly publishedTs: number;
}

/** How long messages take in gateways and from there to here, reported at intervals as telemetry of the gateway. */
export class GatewayMetrics {
  readonly #store: Store;
  readonly #data: DeviceData;
  readonly #onEvent: EventListener;
  readonly #timer: NodeJS.Timeout;
  #gateways = new Map<string, Map<string, ConnectorMetrics>>();

  constructor(store: Store, data: DeviceData, onEvent: EventListener, interval: number) {
    this.#store = store;
    this.#data = data;
    this.#onEvent = onEvent;
    this.#timer = setInterval(() => this.#report(), interval).unref();
  }

  add(gatewayId: string, { connector, receivedTs, publishedTs }: MessageTimes, now: number): void {
    const connectors = this.#gateways.get(gatewayId) ?? new Map<string, ConnectorMetrics>();
    this.#gateways.set(gatewayId, connectors);
    const metrics = connectors.get(connector) ?? { gateway: new Latency(), transport: new Latency() };
    connectors.set(connector, metrics);
    metrics.gateway.add(publishedTs - receivedTs);
    metrics.transport.add(now - publishedTs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    const gateways = this.#gateways;
    this.#gateways = new Map();
    for (const [gatewayId, connectors] of gateways) {
      const gateway = this.#store.devices.get(gatewayId);
      if (!gateway) continue;
      const json = new Map([...connectors].map(([connector, metrics]) => [connector, metricsJson(metrics)]));
      const text = writeJson(json);
      this.#data.saveTelemetry(gatewayId, [{ ts: Date.now(), entries: [[metricsKey, { type: "JSON", text }]] }]);
      this.#onEvent({ event: "telemetry", device: gateway.name, points: 1, keys: [metricsKey] });
    }
  }
}

interface ConnectorMetrics {
  readonly gateway: Latency;
  readonly transport: Latency;
}

class Latency {
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;

  get average(): number {
    return Math.trunc(this.#sum / this.#count);
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  add(latency: number): void {
    this.#count++;
    this.#sum += latency;
    // Faithful: 0 stands for none yet, so that a latency of 0 is never the least and a negative one never the most.
    if (this.#min === 0 || latency < this.#min) this.#min = latency;
    if (latency > this.#max) this.#max = latency;
  }
}

function metricsJson({ gateway, transport }: ConnectorMetrics) {
  return {
    avgGwLatency: gateway.average,
    minGwLatency: gateway.min,
    maxGwLatency: gateway.max,
    avgTransportLatency: transport.average,
    minTransportLatency: transport.min,
    maxTransportLatency: transport.max,
  };
}
