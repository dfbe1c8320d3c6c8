// SPDX-License-Identifier: Apache-2.0

/** What the environment and the command line say. */
export interface Settings {
  /** A whole flash; it is copied, never written to. */
  readonly flash: string;
  readonly qemu: string;
  /** Further arguments for it. */
  readonly options: readonly string[];
  /** The server in the image's configuration. */
  readonly host: string;
  readonly port: number;
  /** How often the power is cut at a random moment. */
  readonly cuts: number;
  /** Names of the groups that run; empty: all. */
  readonly only: readonly string[];
}

const defaultCuts = 5;

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
    cuts: integer("--cuts", optionOf(args, "--cuts") ?? String(defaultCuts)),
    only: (optionOf(args, "--only") ?? "").split(",").filter((name) => name !== ""),
  };
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function integer(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`${name}: "${text}" is no number`);
  return Number(text);
}
