import { demoDevice, demoLogin } from "../../../server/server.js";

const json = { "Content-Type": "application/json" };

/** A logged-in user of the REST API. */
export class RestClient {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  /** At a port of this machine, or at a URL. */
  static async login(
    at: number | string,
    user: { username: string; password: string } = demoLogin,
  ): Promise<RestClient> {
    const base = `${typeof at === "number" ? `http://127.0.0.1:${at}` : at}/api`;
    const response = await fetch(`${base}/auth/login`, { method: "POST", body: JSON.stringify(user), headers: json });
    const { token } = (await response.json()) as { token?: string };
    if (token === undefined) throw new Error(`${base}: ${response.status} for ${user.username}`);
    return new RestClient(base, token);
  }

  fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const text = body === undefined || typeof body === "string" ? (body ?? null) : JSON.stringify(body);
    const headers = { ...json, "X-Authorization": `Bearer ${this.#token}` };
    return fetch(this.#base + path, { method, body: text, headers });
  }

  /** Sends a file as a browser's form does. */
  upload(path: string, file: Uint8Array, name = "image.bin", fields: Record<string, string> = {}): Promise<Response> {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set("file", new Blob([file], { type: "application/octet-stream" }), name);
    const headers = { "X-Authorization": `Bearer ${this.#token}` };
    return fetch(this.#base + path, { method: "POST", body: form, headers });
  }

  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what the tests assert
  async call(method: string, path: string, body?: unknown): Promise<any> {
    const response = await this.fetch(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  demoDeviceId(): Promise<string> {
    return this.deviceId(demoDevice.name);
  }

  /** Rejects where no device has this name. */
  async deviceId(name: string): Promise<string> {
    const device = await this.call("GET", `/tenant/devices?deviceName=${encodeURIComponent(name)}`);
    return device.id.id;
  }

  /** @returns the device's id */
  async createDevice(name: string, token: string): Promise<string> {
    const device = await this.call("POST", `/device?accessToken=${token}`, { name, type: "default" });
    return device.id.id;
  }

  /** Replaces a device's credentials. */
  async setCredentials(deviceId: string, wanted: object): Promise<{ credentialsId: string; credentialsValue: string }> {
    const { id, deviceId: owner } = await this.call("GET", `/device/${deviceId}/credentials`);
    return this.call("POST", "/device/credentials", { id, deviceId: owner, ...wanted });
  }

  /** All values a key ever had, the oldest first. */
  async history(deviceId: string, key: string): Promise<unknown[]> {
    const query = `keys=${key}&startTs=0&endTs=${Date.now() + 1}&orderBy=ASC&useStrictDataTypes=true`;
    const values = await this.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries?${query}`);
    return (values[key] ?? []).map(({ value }: { value: unknown }) => value);
  }

  /** The latest values, in their own types. */
  async latest(deviceId: string, keys: string): Promise<Record<string, unknown>> {
    const path = `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries`;
    const values = await this.call("GET", `${path}?keys=${encodeURIComponent(keys)}&useStrictDataTypes=true`);
    return Object.fromEntries(Object.keys(values).map((key) => [key, values[key][0].value]));
  }

  /** One scope's attributes as an object. */
  async attributes(deviceId: string, scope: string): Promise<Record<string, unknown>> {
    const list = await this.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/values/attributes/${scope}`);
    return Object.fromEntries(list.map(({ key, value }: { key: string; value: unknown }) => [key, value]));
  }
}
