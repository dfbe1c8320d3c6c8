// SPDX-License-Identifier: Apache-2.0

import type { ServedTls } from "../simulator/local-server.js";

/** An image that trusts the authority of a server's certificate. */
export interface TlsSettings extends ServedTls {
  readonly flash: string;
}

/** What the environment and the command line say. What one group alone needs is the name of what is missing where it is not given. */
export interface Settings {
  /** A whole flash; it is copied, never written to. */
  readonly flash: string;
  readonly qemu: string;
  /** Further arguments for it. */
  readonly options: readonly string[];
  /** The server in the image's configuration. */
  readonly host: string;
  readonly port: number;
  /** An image that has no credentials, and asks for some. */
  readonly provisioning: { readonly flash: string } | string;
  readonly tls: TlsSettings | string;
  /** An archive of test/chip/application. */
  readonly application: { readonly archive: string } | string;
  /** How often the power is cut at a random moment. */
  readonly cuts: number;
  /** How long the device is left alone, by the computer's time; the chip's passes several times as fast. */
  readonly minutes: number;
  /** Names of the groups that run; empty: all. */
  readonly only: readonly string[];
}

const defaultCuts = 5;
const defaultMinutes = 1;

/** The name of the variable that is missing, in the place of settings. Throws `RangeError` for what is no number. */
export function readSettings(environment: NodeJS.ProcessEnv, args: readonly string[]): Settings | string {
  const { XSTHING_FLASH: flash, XSTHING_QEMU: qemu, XSTHING_QEMU_ARGS = "" } = environment;
  if (!flash) return "XSTHING_FLASH is not set; it names an image of a chip's whole flash";
  if (!qemu) return "XSTHING_QEMU is not set; it names a QEMU for RISC-V with the machine esp32c3-picsimlab";
  return {
    flash,
    qemu,
    options: XSTHING_QEMU_ARGS.split(" ").filter((option) => option !== ""),
    host: environment.XSTHING_HOST ?? "192.168.4.2",
    port: integer("XSTHING_PORT", environment.XSTHING_PORT ?? "1883"),
    provisioning: provisioningOf(environment),
    tls: tlsOf(environment),
    application: applicationOf(environment),
    cuts: integer("--cuts", optionOf(args, "--cuts") ?? String(defaultCuts)),
    minutes: integer("--minutes", optionOf(args, "--minutes") ?? String(defaultMinutes)),
    only: (optionOf(args, "--only") ?? "").split(",").filter((name) => name !== ""),
  };
}

function provisioningOf({ XSTHING_FLASH_UNPROVISIONED: flash }: NodeJS.ProcessEnv): Settings["provisioning"] {
  if (!flash) return "XSTHING_FLASH_UNPROVISIONED is not set; it names an image without credentials";
  return { flash };
}

function tlsOf(environment: NodeJS.ProcessEnv): Settings["tls"] {
  const { XSTHING_FLASH_TLS: flash, XSTHING_TLS_CERT: certificate, XSTHING_TLS_KEY: key } = environment;
  if (!flash) return "XSTHING_FLASH_TLS is not set; it names an image with server.tls";
  if (!certificate) return "XSTHING_TLS_CERT is not set; it names the certificate of a server that this image trusts";
  if (!key) return "XSTHING_TLS_KEY is not set; it names the key of that certificate";
  return { flash, certificate, key, port: integer("XSTHING_TLS_PORT", environment.XSTHING_TLS_PORT ?? "8883") };
}

function applicationOf({ XSTHING_APPLICATION: archive }: NodeJS.ProcessEnv): Settings["application"] {
  if (!archive) return "XSTHING_APPLICATION is not set; it names an archive of test/chip/application";
  return { archive };
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function integer(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`${name}: "${text}" is no number`);
  return Number(text);
}
