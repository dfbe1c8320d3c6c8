/** Something ThingsBoard refuses to store; its message is ThingsBoard's. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}
