import { readFileSync } from "node:fs";
import { type CommandLine, parseCommandLine, type TlsFiles, usage } from "./command-line.js";
import { eventLine, type ServerEvent } from "./events.js";
import { demoDevice, demoGateway, demoLogin, type LocalServer, type ServerOptions, startServer } from "./server.js";

const host = "127.0.0.1";
const exitFailed = 1;
const exitUsage = 2;

function readCommandLine(): CommandLine {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(exitUsage);
  }
}

async function start({ mqttPort, httpPort, tls, state, isJson }: CommandLine): Promise<LocalServer> {
  const printEvent = (event: ServerEvent): void => {
    if (isJson) printJson(event);
    else console.log(`${now()} ${eventLine(event)}`);
  };
  try {
    const secure = tls ? { tls: readIdentity(tls) } : {};
    return await startServer({ host, mqttPort, httpPort, ...secure, state, onEvent: printEvent });
  } catch (error) {
    console.error(failureText(error as NodeJS.ErrnoException & { port?: number }));
    process.exit(exitFailed);
  }
}

function readIdentity({ port, certificateFile, keyFile }: TlsFiles): NonNullable<ServerOptions["tls"]> {
  return { port, certificate: readFileSync(certificateFile, "utf8"), privateKey: readFileSync(keyFile, "utf8") };
}

function printJson(event: object): void {
  console.log(JSON.stringify({ time: now(), ...event }));
}

function now(): string {
  return new Date().toISOString();
}

function failureText({ code, port, message }: NodeJS.ErrnoException & { port?: number }): string {
  if (code === "EADDRINUSE")
    return `port ${port} is in use; choose another with --mqtt-port, --tls-port or --http-port`;
  if (code === "EACCES" && port !== undefined) return `port ${port} needs privileges; choose another`;
  return `the server could not start: ${message}`;
}

function printAddresses({ mqttPort, tlsPort, httpPort }: LocalServer, { state, isJson }: CommandLine): void {
  const page = `http://${host}:${httpPort}/`;
  const { pid } = process;
  if (isJson) {
    printJson({ event: "server.listening", mqttPort, tlsPort, httpPort, page, pid });
    return;
  }
  console.log(`ThingsBoard-compatible development server, on loopback only, with public credentials (pid ${pid})
  page   ${page}
  mqtt   mqtt://${host}:${mqttPort}, access token ${demoDevice.token}, as a gateway ${demoGateway.token}
${tlsPort === undefined ? "" : `  mqtts  mqtts://${host}:${tlsPort}\n`}  login  ${demoLogin.username} / ${demoLogin.password}
  state  ${state}`);
}

const commandLine = readCommandLine();
const server = await start(commandLine);
printAddresses(server, commandLine);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
