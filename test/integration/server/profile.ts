export interface ProfileOptions {
  readonly name?: string;
  readonly provisionType?: string;
  readonly transportType?: string;
  /** Further members of the provision configuration. */
  readonly configuration?: object;
  /** Members of the profile to add or to replace. */
  readonly more?: object;
}

/** The body of a POST for a device profile: "sensor", which creates devices by "key" and "secret". */
export function profileBody(options: ProfileOptions = {}): Record<string, unknown> {
  const { name = "sensor", provisionType = "ALLOW_CREATE_NEW_DEVICES", transportType = "DEFAULT" } = options;
  return {
    name,
    type: "DEFAULT",
    transportType,
    provisionType,
    provisionDeviceKey: "key",
    profileData: {
      configuration: { type: "DEFAULT" },
      transportConfiguration: { type: transportType },
      provisionConfiguration: { type: provisionType, provisionDeviceSecret: "secret", ...options.configuration },
    },
    ...options.more,
  };
}
