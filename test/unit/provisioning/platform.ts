// SPDX-License-Identifier: Apache-2.0

import { generate, type Packet } from "mqtt-packet";
import { type Credentials, certificateBody } from "../../../modules/cloud/credentials.js";
import type { Milliseconds } from "../../../modules/core/ports.js";
import type { ScriptedServer } from "../../fakes/scripted-server.js";

type Hello = Extract<Packet, { cmd: "connect" }>;

export interface Visit {
  readonly at: Milliseconds;
  readonly user: string;
  /** CONNACK's return code. */
  readonly code: number;
}

/** A server end of one connection. */
export interface Guest {
  readonly server: ScriptedServer;
  /** Of the client, over TLS. */
  readonly certificate: string | undefined;
  /** Undefined before CONNECT; the name of the device, or "provision". */
  name: string | undefined;
}

/** The provisioning and the sessions of a ThingsBoard, in RAM; it outlives the device's restarts. */
export class FakePlatform {
  strategy: "create" | "check" | "disabled" = "create";
  readonly deviceKey = "profile-key";
  readonly deviceSecret = "profile-secret";
  readonly devices = new Map<string, Credentials>();
  readonly visits: Visit[] = [];
  /** Bodies of the requests, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: what a device sends may be anything
  readonly requests: any[] = [];
  /** Connections are refused. */
  isDown = false;
  /** Takes requests for provisioning, and does not even acknowledge them. */
  isMute = false;
  /** So many replies are lost with their connections, though the device was made. */
  lostReplies = 0;
  /** So many sessions of devices are refused whatever their credentials. */
  refusals = 0;
  /** So many connections with a certificate end in the handshake. */
  refusesHandshakes = 0;
  /** What is sent instead of the reply. */
  reply: ((reply: string) => string | Buffer) | undefined;
  repeatsReply = false;
  /** How long the reply takes. */
  replyDelay: Milliseconds = 0;
  /** Replies under way: when they are due, and how to send them. */
  readonly underWay: { readonly due: Milliseconds; readonly send: () => void }[] = [];
  /** Topics of messages that come before the reply, each longer than the device can take. */
  chatter: readonly string[] = [];
  /** Devices that are live. */
  readonly live = new Set<string>();
  /** PUBLISH of devices that are live, as `topic payload`. */
  readonly published: string[] = [];
  readonly #provisioned = new Set<string>();
  #tokens = 0;
  #now: Milliseconds = 0;

  handle(guest: Guest, packet: Packet, at: Milliseconds): void {
    this.#now = at;
    if (packet.cmd === "connect") this.#greet(guest, packet, at);
    else if (guest.name === undefined) guest.server.socket.fail("connection-closed");
    else if (packet.cmd === "subscribe") this.#subscribe(guest, packet);
    else if (packet.cmd === "publish") this.#receive(guest, packet);
    else if (packet.cmd === "pingreq") guest.server.send({ cmd: "pingresp" });
  }

  #greet(guest: Guest, hello: Hello, at: Milliseconds): void {
    const user = hello.username ?? "";
    const isProvisioning = user === "provision" || hello.clientId === "provision";
    const name = isProvisioning ? "provision" : this.#nameOf(guest, hello);
    this.refusals -= isProvisioning ? 0 : 1;
    const isKnown = name !== undefined && (isProvisioning || this.refusals < 0);
    const code = isKnown ? 0 : user === "" && guest.certificate === undefined ? 2 : 5;
    this.visits.push({ at, user, code });
    guest.server.refuse(code);
    if (isKnown) guest.name = name;
    else guest.server.socket.fail("connection-closed");
  }

  #nameOf({ certificate }: Guest, hello: Hello): string | undefined {
    for (const [name, credentials] of this.devices) {
      if (credentials.type === "ACCESS_TOKEN" && hello.username === credentials.token) return name;
      if (credentials.type === "X509_CERTIFICATE" && certificate !== undefined)
        if (certificateBody(credentials.certificate) === certificateBody(certificate)) return name;
      if (credentials.type !== "MQTT_BASIC") continue;
      const { clientId = hello.clientId, userName, password } = credentials;
      const isPassed = password === undefined || String(hello.password) === password;
      if (clientId === hello.clientId && userName === hello.username && isPassed) return name;
    }
    return undefined;
  }

  #subscribe({ server, name }: Guest, packet: Extract<Packet, { cmd: "subscribe" }>): void {
    if (this.isMute && name === "provision") return;
    const granted = packet.subscriptions.map(({ qos }) => qos);
    server.send({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
    if (name !== undefined && name !== "provision") this.live.add(name);
  }

  #receive({ server, name }: Guest, packet: Extract<Packet, { cmd: "publish" }>): void {
    if (name !== "provision") {
      if (packet.qos === 1) server.acknowledge(packet.messageId ?? 0);
      this.published.push(`${packet.topic} ${packet.payload}`);
      return;
    }
    const request = JSON.parse(String(packet.payload));
    this.requests.push(request);
    if (this.isMute) return;
    const reply = JSON.stringify(this.#provision(request));
    this.lostReplies -= 1;
    if (this.lostReplies >= 0) {
      server.socket.fail("connection-reset");
      return;
    }
    server.acknowledge(packet.messageId ?? 0);
    for (const topic of this.chatter) server.publish(topic, "z".repeat(5_000));
    const message = { topic: "/provision/response", payload: this.reply?.(reply) ?? reply };
    const bytes = generate({ cmd: "publish", qos: 1, dup: false, retain: false, messageId: 1, ...message });
    // At once, so that the second is there before the first is dealt with.
    const send = (): void => server.socket.deliver(Buffer.concat(Array(this.repeatsReply ? 2 : 1).fill(bytes)));
    if (this.replyDelay === 0) send();
    else this.underWay.push({ due: this.#now + this.replyDelay, send });
  }

  #provision(request: Record<string, string>): object {
    const { provisionDeviceKey, provisionDeviceSecret, deviceName = `random-${this.devices.size}` } = request;
    const isKey = provisionDeviceKey === this.deviceKey && provisionDeviceSecret === this.deviceSecret;
    if (!isKey || this.strategy === "disabled")
      return { errorMsg: "Provision data was not found!", status: "NOT_FOUND" };
    const known = this.devices.get(deviceName);
    const isPossible =
      this.strategy === "create" ? known === undefined : known !== undefined && !this.#provisioned.has(deviceName);
    if (!isPossible) return { errorMsg: "Failed to provision device!", status: "FAILURE" };
    const credentials = known ?? this.#wanted(request);
    this.devices.set(deviceName, credentials);
    this.#provisioned.add(deviceName);
    return { credentialsValue: valueIn(credentials), credentialsType: credentials.type, status: "SUCCESS" };
  }

  #wanted({ credentialsType, token, clientId, username, password, hash }: Record<string, string>): Credentials {
    if (credentialsType === "X509_CERTIFICATE" && hash !== undefined)
      return { type: credentialsType, certificate: hash, privateKey: "" };
    if (credentialsType === "MQTT_BASIC") return { type: credentialsType, clientId, userName: username, password };
    this.#tokens += 1;
    return { type: "ACCESS_TOKEN", token: token ?? `server-made-${this.#tokens}` };
  }
}

function valueIn(credentials: Credentials): unknown {
  if (credentials.type === "ACCESS_TOKEN") return credentials.token;
  if (credentials.type === "X509_CERTIFICATE") return certificateBody(credentials.certificate);
  const { clientId = "", userName = "", password = "" } = credentials;
  return { clientId, userName, password };
}
