const demoLogin = { username: "tenant@thingsboard.org", password: "tenant" };

let token = "";

async function logIn() {
  const response = await fetch("api/auth/login", { method: "POST", body: JSON.stringify(demoLogin) });
  token = (await response.json()).token;
}

function request(method, path, body) {
  const headers = { "X-Authorization": `Bearer ${token}` };
  const content = body === undefined || body instanceof FormData ? (body ?? null) : JSON.stringify(body);
  return fetch(`api/${path}`, { method, headers, body: content });
}

/** Calls the REST API; logs in where that is needed, also after a restart of the server. */
export async function call(method, path, body) {
  let response = await request(method, path, body);
  if (response.status === 401) {
    await logIn();
    response = await request(method, path, body);
  }
  const text = await response.text();
  if (!response.ok) throw new Error(reasonOf(response.status, text));
  return text === "" ? undefined : JSON.parse(text);
}

function reasonOf(status, text) {
  if (status === 504) return "no answer from the device";
  if (status === 406) return "the device's answer is not JSON";
  return text === "" ? `the server answered ${status}` : JSON.parse(text).message;
}
