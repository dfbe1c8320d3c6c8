import { call } from "./api.js";
import { update, updateText, withdraw } from "./update.js";

const refreshInterval = 1000;
const element = (id) => document.getElementById(id);
const telemetryPath = (deviceId) => `plugins/telemetry/DEVICE/${deviceId}`;

async function refresh() {
  const { data: devices } = await call("GET", "tenant/deviceInfos?pageSize=1000&page=0");
  showDevices(devices);
  const device = devices.find(({ id }) => id.id === element("device").value);
  if (!device) return;
  const path = telemetryPath(device.id.id);
  const [values, client, shared, server] = await Promise.all([
    call("GET", `${path}/values/timeseries`),
    call("GET", `${path}/values/attributes/CLIENT_SCOPE`),
    call("GET", `${path}/values/attributes/SHARED_SCOPE`),
    call("GET", `${path}/values/attributes/SERVER_SCOPE`),
  ]);
  showState(device.active, Object.fromEntries(server.map(({ key, value }) => [key, value])));
  const updates = ["FIRMWARE", "SOFTWARE"].map((type) => updateText(values, type)).filter(Boolean);
  element("update-state").textContent = updates.join("; ") || "No update yet.";
  const samples = Object.entries(values).map(([key, [{ ts, value }]]) => ({ key, value, ts }));
  showTable("telemetry", samples, "No values yet.");
  showTable("client", client.map(fromAttribute), "None yet.");
  showTable("shared", shared.map(fromAttribute), "None yet.");
}

function fromAttribute({ key, value, lastUpdateTs }) {
  return { key, value, ts: lastUpdateTs };
}

function showDevices(devices) {
  const select = element("device");
  const isShown = devices.length === select.length && devices.every(({ id }, index) => select[index].value === id.id);
  if (isShown) return;
  const selected = select.value;
  select.replaceChildren(...devices.map(({ name, id }) => new Option(name, id.id, false, id.id === selected)));
}

function showState(isActive, { lastConnectTime = 0, lastDisconnectTime = 0, lastActivityTime }) {
  const isLive = isActive && lastConnectTime >= lastDisconnectTime;
  const state = element("state");
  state.textContent = isLive ? "live" : "offline";
  state.className = state.textContent;
  element("since").textContent = lastActivityTime ? `last seen ${timeText(lastActivityTime)}` : "never seen";
}

function showTable(id, rows, emptyText) {
  const sorted = rows.toSorted((one, other) => one.key.localeCompare(other.key));
  const lines = sorted.map(({ key, value, ts }) => {
    const line = document.createElement("tr");
    line.append(cell(key, "key"), cell(valueText(value), "value"), cell(timeText(ts), "time"));
    return line;
  });
  if (lines.length === 0) lines.push(cell(emptyText, "time"));
  element(id).replaceChildren(...lines);
}

function cell(text, className) {
  const result = document.createElement("td");
  result.textContent = text;
  result.className = className;
  return result;
}

function valueText(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function timeText(ts) {
  const time = new Date(ts);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}

async function setPeriod(event) {
  event.preventDefault();
  const form = event.target;
  const value = Number(form.elements.value.value);
  const { value: deviceId } = element("device");
  if (!Number.isFinite(value)) return;
  await call("POST", `${telemetryPath(deviceId)}/SHARED_SCOPE`, { period: value });
  form.reset();
  await refresh();
}

async function updateDevice(event) {
  event.preventDefault();
  const form = event.target;
  const { value: deviceId } = element("device");
  const isWithdrawal = event.submitter?.value === "withdraw";
  if (isWithdrawal) await withdraw(deviceId, form.elements.type.value);
  else await update(deviceId, Object.fromEntries(new FormData(form)));
  await refresh();
}

async function callDevice(button) {
  const { method } = button.dataset;
  const answer = element("answer");
  button.disabled = true;
  answer.textContent = `${method} …`;
  try {
    const result = await call("POST", `rpc/twoway/${element("device").value}`, { method, params: {}, timeout: 5000 });
    answer.textContent = `${method}: ${JSON.stringify(result, null, 2) ?? "(empty answer)"}`;
  } catch (error) {
    answer.textContent = `${method}: ${error.message}`;
  }
  button.disabled = false;
}

/** Runs an action and says at the top of the page what went wrong, until something goes right again. */
async function attempt(action) {
  const notice = element("notice");
  try {
    await action();
    notice.className = "";
    notice.textContent = "A development tool on loopback, not for production.";
  } catch (error) {
    notice.className = "problem";
    notice.textContent =
      error instanceof TypeError ? "The server does not answer; what follows is old." : error.message;
  }
}

element("period").addEventListener("submit", (event) => attempt(() => setPeriod(event)));
element("update").addEventListener("submit", (event) => attempt(() => updateDevice(event)));
element("device").addEventListener("change", () => attempt(refresh));
for (const button of document.querySelectorAll("[data-method]")) {
  button.addEventListener("click", () => callDevice(button));
}

for (;;) {
  await attempt(refresh);
  await new Promise((resolve) => setTimeout(resolve, refreshInterval));
}
