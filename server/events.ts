/** What happens on the server, one object per happening, for a log. */
export type ServerEvent =
  | { readonly event: "device.connected"; readonly device: string; readonly clientId: string; readonly remote: string }
  | { readonly event: "device.refused"; readonly code: number; readonly reason: string; readonly clientId: string }
  | { readonly event: "provision.connected"; readonly clientId: string; readonly remote: string }
  | { readonly event: "provision.answered"; readonly device: string; readonly status: string; readonly reason: string }
  | { readonly event: "claim.offered"; readonly device: string; readonly isAccepted: boolean; readonly reason: string }
  | { readonly event: "device.claimed" | "device.reclaimed"; readonly device: string }
  | { readonly event: "device.disconnected"; readonly device: string; readonly reason: string }
  | { readonly event: "subdevice.created"; readonly device: string; readonly gateway: string; readonly type: string }
  | { readonly event: "subdevice.connected"; readonly device: string; readonly gateway: string }
  | {
      readonly event: "subdevice.disconnected";
      readonly device: string;
      readonly gateway: string;
      readonly reason: string;
    }
  | { readonly event: "connection.closed"; readonly remote: string; readonly reason: string }
  | { readonly event: "subscribed"; readonly device: string; readonly filter: string; readonly code: number }
  | { readonly event: "telemetry"; readonly device: string; readonly points: number; readonly keys: readonly string[] }
  | { readonly event: "attributes.published"; readonly device: string; readonly keys: readonly string[] }
  | { readonly event: "attributes.requested"; readonly device: string; readonly id: number }
  | {
      readonly event: "attributes.changed" | "attributes.deleted";
      readonly device: string;
      readonly scope: string;
      readonly keys: readonly string[];
    }
  | { readonly event: "save.rejected"; readonly device: string; readonly reason: string }
  | { readonly event: "publish.ignored"; readonly device: string; readonly topic: string; readonly reason: string }
  | {
      readonly event: "rpc.requested" | "rpc.sent" | "rpc.answered" | "rpc.expired";
      readonly device: string;
      readonly id: number;
      readonly method: string;
    }
  | {
      readonly event: "ota.queued" | "ota.initiated" | "ota.downloading";
      readonly device: string;
      readonly type: string;
      readonly title: string;
      readonly version: string;
    }
  | { readonly event: "ota.withdrawn"; readonly device: string; readonly type: string }
  | { readonly event: "rpc.called"; readonly device: string; readonly id: number; readonly method: string };

export type EventListener = (event: ServerEvent) => void;

/** One line for people: the name of the event, then its members. */
export function eventLine({ event, ...members }: ServerEvent): string {
  const details = Object.entries(members).map(([name, value]) => `${name}=${memberText(value)}`);
  return [event.padEnd(20), ...details].join(" ");
}

function memberText(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" && /^[\w.:/+#-]+$/.test(value) ? value : JSON.stringify(value);
}
