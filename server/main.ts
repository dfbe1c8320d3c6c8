import { type CommandLine, parseCommandLine, usage } from "./command-line.js";
import { eventLine, type ServerEvent } from "./events.js";
import { demoDevice, demoLogin, type LocalServer, startServer } from "./server.js";

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

async function start({ mqttPort, httpPort, state, isJson }: CommandLine): Promise<LocalServer> {
  const printEvent = (event: ServerEvent): void => {
    if (isJson) printJson(event);
    else console.log(`${now()} ${eventLine(event)}`);
  };
  try {
    return await startServer({ host, mqttPort, httpPort, state, onEvent: printEvent });
  } catch (error) {
    console.error(failureText(error as NodeJS.ErrnoException & { port?: number }));
    process.exit(exitFailed);
  }
}

function printJson(event: object): void {
  console.log(JSON.stringify({ time: now(), ...event }));
}

function now(): string {
  return new Date().toISOString();
}

function failureText({ code, port, message }: NodeJS.ErrnoException & { port?: number }): string {
  if (code === "EADDRINUSE") return `port ${port} is in use; choose another with --mqtt-port or --http-port`;
  if (code === "EACCES" && port !== undefined) return `port ${port} needs privileges; choose another`;
  return `the server could not start: ${message}`;
}

function printAddresses({ mqttPort, httpPort }: LocalServer, { state, isJson }: CommandLine): void {
  const page = `http://${host}:${httpPort}/`;
  const { pid } = process;
  if (isJson) {
    printJson({ event: "server.listening", mqttPort, httpPort, page, pid });
    return;
  }
  console.log(`ThingsBoard-compatible development server, on loopback only, with public credentials (pid ${pid})
  page   ${page}
  mqtt   mqtt://${host}:${mqttPort}, access token ${demoDevice.token}
  login  ${demoLogin.username} / ${demoLogin.password}
  state  ${state}`);
}

const commandLine = readCommandLine();
const server = await start(commandLine);
printAddresses(server, commandLine);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
