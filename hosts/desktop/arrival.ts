// SPDX-License-Identifier: Apache-2.0

const login = Object.freeze({ username: "tenant@thingsboard.org", password: "tenant" });
const deviceName = "Demo device";

/** A server that does not answer is as good as none. */
const patience = 5_000;

interface Entity {
  readonly id: { readonly id: string };
}

interface Sample {
  readonly ts: number;
}

/**
 * Asks the server, by ThingsBoard's REST API, for the keys whose latest value is not older than `since` (epoch).
 * Rejects where the server does not answer.
 */
export async function arrivedKeys(httpPort: number, since: number): Promise<string[]> {
  const api = `http://127.0.0.1:${httpPort}/api`;
  const { token } = await request<{ readonly token: string }>(`${api}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(login),
  });
  const headers = { "X-Authorization": `Bearer ${token}` };
  const device = await request<Entity>(`${api}/tenant/devices?deviceName=${encodeURIComponent(deviceName)}`, {
    headers,
  });
  const url = `${api}/plugins/telemetry/DEVICE/${device.id.id}/values/timeseries`;
  const latest = await request<Readonly<Record<string, readonly Sample[]>>>(url, { headers });
  return Object.keys(latest).filter((key) => (latest[key]?.[0]?.ts ?? 0) >= since);
}

async function request<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw new Error(`${new URL(url).pathname}: HTTP ${response.status}`);
  return (await response.json()) as T;
}
