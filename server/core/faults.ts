/** A message of a device for which ThingsBoard closes the session. */
export abstract class Fault extends Error {}

/** A payload that ThingsBoard's adaptor refuses (class E1 of the protocol sheet): closes an MQTT 3 session. */
export class PayloadFault extends Fault {
  override readonly name = "PayloadFault";
}

/** A message that makes ThingsBoard's transport throw (E2): closes the session, unless it waited for the CONNACK. */
export class TransportFault extends Fault {
  override readonly name = "TransportFault";
}

/** A message of a gateway without what it needs: gets its PUBACK, and closes the session. */
export class GatewayFault extends Fault {
  override readonly name = "GatewayFault";
}

/** A message over the limits of the tenant (E3): closes the session. */
export class RateLimitFault extends Fault {
  override readonly name = "RateLimitFault";
}
