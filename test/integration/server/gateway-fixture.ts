import { demoGateway, type ServerOptions } from "../../../server/server.js";
import { type Fixture, startFixture } from "./fixture.js";
import type { RawClient } from "./raw-client.js";

export interface GatewayFixture extends Fixture {
  /** Connected. */
  readonly gateway: RawClient;
  readonly gatewayId: string;
  /** Publishes as the gateway and waits for the PUBACK. */
  tell(topic: string, message: unknown): Promise<void>;
  /** Of the device of this name. */
  idOf(name: string): Promise<string>;
  isKnown(name: string): Promise<boolean>;
  /** Saves shared attributes of the device of this name. */
  share(name: string, attributes: object): Promise<void>;
}

/** A server of its own for one test, and the demo gateway connected to it. */
export async function startGateway(options: ServerOptions = {}): Promise<GatewayFixture> {
  const fixture = await startFixture(options);
  const { login, rest } = fixture;
  const gateway = await login(demoGateway.token);
  const idOf = async (name: string): Promise<string> => {
    return (await rest.call("GET", `/tenant/devices?deviceName=${encodeURIComponent(name)}`)).id.id;
  };
  return {
    ...fixture,
    gateway,
    gatewayId: await idOf(demoGateway.name),
    idOf,
    tell: async (topic, message) => {
      const id = gateway.publish(topic, JSON.stringify(message));
      const { messageId } = await gateway.next("puback");
      if (messageId !== id) throw new Error(`PUBACK of ${messageId}, not of ${id}`);
    },
    isKnown: async (name) => (await rest.fetch("GET", `/tenant/devices?deviceName=${encodeURIComponent(name)}`)).ok,
    share: async (name, attributes) => {
      await rest.call("POST", `/plugins/telemetry/DEVICE/${await idOf(name)}/SHARED_SCOPE`, attributes);
    },
  };
}
