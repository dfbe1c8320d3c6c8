/** What a gateway publishes, and is told, for its sub-devices. There are no short names for these. */
export const gatewayTopics = {
  connect: "v1/gateway/connect",
  disconnect: "v1/gateway/disconnect",
  telemetry: "v1/gateway/telemetry",
  attributes: "v1/gateway/attributes",
  attributesRequest: "v1/gateway/attributes/request",
  attributesResponse: "v1/gateway/attributes/response",
  rpc: "v1/gateway/rpc",
  claim: "v1/gateway/claim",
} as const;

/** Faithful: by its first letters, so that also what is none of the above is for a gateway only. */
export function isGatewayTopic(topic: string): boolean {
  return topic.startsWith("v1/gateway");
}
