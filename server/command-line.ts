import { parseArgs } from "node:util";

export interface CommandLine {
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly state: string;
  readonly isJson: boolean;
  /** Undefined: no TLS. */
  readonly tls: TlsFiles | undefined;
}

export interface TlsFiles {
  readonly port: number;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export const usage = `usage: npm run server -- [options]
  --mqtt-port N   port for devices (default 1883, 0 = any free port)
  --http-port N   port for the page and the REST API (default 8080, 0 = any free port)
  --tls-cert FILE certificate (PEM) to serve devices over TLS too; needs --tls-key
  --tls-key FILE  its private key (PEM)
  --tls-port N    port for devices over TLS (default 8883, 0 = any free port)
  --state DIR     where the state is kept (default .xsthing/server)
  --json          print events as JSON lines`;

/** @throws {Error} an option is unknown or malformed; the message names it */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "mqtt-port": { type: "string", default: "1883" },
      "http-port": { type: "string", default: "8080" },
      "tls-cert": { type: "string" },
      "tls-key": { type: "string" },
      "tls-port": { type: "string" },
      state: { type: "string", default: ".xsthing/server" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.state === "") throw new Error("--state: expected a directory");
  return {
    mqttPort: portNumber("--mqtt-port", values["mqtt-port"]),
    httpPort: portNumber("--http-port", values["http-port"]),
    state: values.state,
    isJson: values.json,
    tls: tlsFiles(values["tls-cert"], values["tls-key"], values["tls-port"]),
  };
}

function tlsFiles(certificateFile = "", keyFile = "", port: string | undefined): TlsFiles | undefined {
  if (certificateFile && keyFile) return { port: portNumber("--tls-port", port ?? "8883"), certificateFile, keyFile };
  if (certificateFile) throw new Error("--tls-cert: expected --tls-key too");
  if (keyFile) throw new Error("--tls-key: expected --tls-cert too");
  if (port !== undefined) throw new Error("--tls-port: expected --tls-cert and --tls-key too");
  return undefined;
}

function portNumber(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new Error(`${option}: expected a port from 0 to 65535, got "${text}"`);
  return port;
}
