import { keyPrefixes } from "../ota/attributes.js";
import type { OtaPackageType } from "../store/ota-packages.js";

/** ThingsBoard's short and long names for the same things. Of each kind, the one a device used last is answered. */
export type Flavour = "v1" | "v2" | "v2Json";

interface FlavourTopics {
  readonly telemetry: string;
  readonly attributes: string;
  readonly attributeRequest: string;
  readonly attributeResponse: string;
  readonly rpcRequest: string;
  readonly rpcResponse: string;
}

export const topics: Readonly<Record<Flavour, FlavourTopics>> = {
  v1: {
    telemetry: "v1/devices/me/telemetry",
    attributes: "v1/devices/me/attributes",
    attributeRequest: "v1/devices/me/attributes/request/",
    attributeResponse: "v1/devices/me/attributes/response/",
    rpcRequest: "v1/devices/me/rpc/request/",
    rpcResponse: "v1/devices/me/rpc/response/",
  },
  v2Json: {
    telemetry: "v2/t/j",
    attributes: "v2/a/j",
    attributeRequest: "v2/a/req/j/",
    attributeResponse: "v2/a/res/j/",
    rpcRequest: "v2/r/req/j/",
    rpcResponse: "v2/r/res/j/",
  },
  v2: {
    telemetry: "v2/t",
    attributes: "v2/a",
    attributeRequest: "v2/a/req/",
    attributeResponse: "v2/a/res/",
    rpcRequest: "v2/r/req/",
    rpcResponse: "v2/r/res/",
  },
};

/** The order matters: a JSON topic also begins like its short form without a format. */
const flavours: readonly Flavour[] = ["v1", "v2Json", "v2"];

/** Faithful: whatever comes before it and after it. */
const chunkRequest = /v2\/(fw|sw)\/request\/(\d+)\/chunk\/(\d+)/;

/** Told of all packages that cannot be had, of software too. */
export const packageErrorTopic = "v2/fw/error";

export function chunkTopic(type: OtaPackageType, id: string, chunk: number): string {
  return `v2/${keyPrefixes[type]}/response/${id}/chunk/${chunk}`;
}

/** What a device meant by publishing on a topic. The id is the text behind the prefix, not yet a number. */
export type Uplink =
  | { readonly kind: "telemetry" }
  | { readonly kind: "attributes" }
  | { readonly kind: "attributeRequest" | "rpcRequest" | "rpcResponse"; readonly flavour: Flavour; readonly id: string }
  | { readonly kind: "claim" }
  | {
      readonly kind: "chunkRequest";
      readonly type: OtaPackageType;
      /** As it was written: 1 and 01 are two. */
      readonly id: string;
      readonly chunk: string;
    }
  | { readonly kind: "protobuf" }
  | { readonly kind: "gateway" }
  | { readonly kind: "unknown" };

export function uplinkOf(topic: string): Uplink {
  for (const flavour of flavours) {
    const names = topics[flavour];
    if (topic === names.attributes) return { kind: "attributes" };
    if (topic === names.telemetry) return { kind: "telemetry" };
    for (const kind of ["attributeRequest", "rpcResponse", "rpcRequest"] as const) {
      if (topic.startsWith(names[kind])) return { kind, flavour, id: topic.slice(names[kind].length) };
    }
  }
  if (topic === "v1/devices/me/claim") return { kind: "claim" };
  if (topic === "v2/t/p" || topic === "v2/a/p") return { kind: "protobuf" };
  if (topic.startsWith("v1/gateway")) return { kind: "gateway" };
  const [, prefix, id, chunk] = chunkRequest.exec(topic) ?? [];
  if (id === undefined || chunk === undefined) return { kind: "unknown" };
  return { kind: "chunkRequest", type: prefix === "fw" ? "FIRMWARE" : "SOFTWARE", id, chunk };
}

/** What subscribing to a filter sets in motion; `none` only sets the QoS of messages that match. */
export type Subscription =
  | { readonly kind: "attributes" | "rpc"; readonly flavour: Flavour }
  | { readonly kind: "none" };

const subscriptions = new Map<string, Subscription>(
  [
    "v2/fw/response/+/chunk/+",
    "v2/sw/response/+/chunk/+",
    "v2/fw/error",
    "v2/sw/error",
    "v1/gateway/attributes",
    "v1/gateway/rpc",
    "v1/gateway/attributes/response",
  ].map((filter) => [filter, { kind: "none" }]),
);
for (const flavour of flavours) {
  const names = topics[flavour];
  subscriptions.set(names.attributes, { kind: "attributes", flavour });
  subscriptions.set(`${names.rpcRequest}+`, { kind: "rpc", flavour });
  subscriptions.set(`${names.attributeResponse}+`, { kind: "none" });
  subscriptions.set(`${names.rpcResponse}+`, { kind: "none" });
}

/** SUBACK code of a filter that is not one of ThingsBoard's. */
export const filterRefused = 0x80;

/** ThingsBoard compares filters literally: a wider or narrower one that means the same is refused (undefined). */
export function subscriptionOf(filter: string): Subscription | undefined {
  return subscriptions.get(filter);
}

/** Whether a topic is meant by one of the filters above, whose only wildcard is `+`. */
export function isMatch(filter: string, topic: string): boolean {
  const levels = topic.split("/");
  const pattern = filter.split("/");
  return pattern.length === levels.length && pattern.every((level, index) => level === "+" || level === levels[index]);
}

/** An id as Java's `Integer.parseInt` reads it, or undefined. */
export function parseId(text: string): number | undefined {
  const id = Number(text);
  return /^-?\d+$/.test(text) && id >= -(2 ** 31) && id < 2 ** 31 ? id : undefined;
}
