// SPDX-License-Identifier: Apache-2.0

export interface Point {
  readonly ts: number;
  readonly value: string;
}

interface DeviceJson {
  readonly id: { readonly id: string };
}

/** The REST paths of ThingsBoard that this lane needs, for one device of the local server. */
export class Rest {
  readonly #base: string;
  #token = "";
  #deviceId = "";

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}`;
  }

  /** Without a name the device is the first that the server has. Rejects where there is none of that name. */
  async login(device?: string): Promise<void> {
    const body = { username: "tenant@thingsboard.org", password: "tenant" };
    this.#token = ((await this.#call("POST", "/api/auth/login", body)) as { token: string }).token;
    if (device !== undefined) {
      const found = await this.#call("GET", `/api/tenant/devices?deviceName=${encodeURIComponent(device)}`);
      this.#deviceId = (found as DeviceJson).id.id;
      return;
    }
    const page = await this.#call("GET", "/api/tenant/devices?pageSize=1&page=0");
    this.#deviceId = (page as { data: readonly DeviceJson[] }).data[0]?.id.id ?? "";
  }

  /** Oldest first. */
  async history(key: string, from: number, to: number): Promise<readonly Point[]> {
    const query = `keys=${key}&startTs=${from}&endTs=${to}&limit=10000&orderBy=ASC`;
    const found = await this.#call("GET", `${this.#telemetry}/values/timeseries?${query}`);
    return (found as Record<string, readonly Point[]>)[key] ?? [];
  }

  async clientAttribute(key: string): Promise<unknown> {
    const found = await this.#call("GET", `${this.#telemetry}/values/attributes/CLIENT_SCOPE?keys=${key}`);
    return (found as readonly { key: string; value: unknown }[]).find((attribute) => attribute.key === key)?.value;
  }

  async setShared(attributes: object): Promise<void> {
    await this.#call("POST", `${this.#telemetry}/SHARED_SCOPE`, attributes);
  }

  call(method: string, params: object = {}): Promise<unknown> {
    return this.#call("POST", `/api/rpc/twoway/${this.#deviceId}`, { method, params, timeout: 10_000 });
  }

  get #telemetry(): string {
    return `/api/plugins/telemetry/DEVICE/${this.#deviceId}`;
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { "Content-Type": "application/json", "X-Authorization": `Bearer ${this.#token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}
