// SPDX-License-Identifier: Apache-2.0

/** One measured number, and how large it may be. */
export interface Figure {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined where the number is published, and wanted to fall. */
  readonly budget: number | undefined;
  readonly engine: "XS" | "V8";
}

/**
 * What a session that ends leaves in doubt, and what is therefore sent again: four messages of the queue and one of the journal, of
 * 100 data each.
 */
const mostUnderWay = 500;

/** A window of chunks, and one more. */
const mostChunksUnderWay = 9 * 4_096;

/** Units and budgets, from the design. */
const known = Object.freeze({
  "heap.idle": { unit: "B", budget: 32_768 },
  "heap.perDatum": { unit: "B", budget: 16 },
  "heap.gateway": { unit: "B", budget: undefined },
  "heap.perChild": { unit: "B", budget: 512 },
  "heap.growth": { unit: "B", budget: 0 },
  "keys.growth": { unit: "keys", budget: 0 },
  "flash.perDatum": { unit: "B", budget: 16 },
  "flash.perDatum.single": { unit: "B", budget: 16 },
  "flash.erases": { unit: "per 100,000 data", budget: undefined },
  "journal.growth": { unit: "B", budget: 0 },
  "journal.mount": { unit: "computrons", budget: undefined },
  "cpu.perDatum": { unit: "computrons", budget: undefined },
  "cpu.perDatum.journaled": { unit: "computrons", budget: undefined },
  "wire.overhead": { unit: "ratio", budget: 1.03 },
  "wire.packets": { unit: "packets", budget: 10 },
  "connect.roundTrips": { unit: "round trips", budget: 3 },
  "loss.restart": { unit: "data", budget: 0 },
  "loss.blackhole": { unit: "data", budget: 0 },
  "loss.kill": { unit: "data", budget: 0 },
  "loss.kill.unstored": { unit: "data", budget: undefined },
  "loss.offline": { unit: "data", budget: 0 },
  "duplicates.restart": { unit: "data", budget: mostUnderWay },
  "duplicates.blackhole": { unit: "data", budget: mostUnderWay },
  "duplicates.kill": { unit: "data", budget: mostUnderWay },
  "duplicates.offline": { unit: "data", budget: mostUnderWay },
  "ota.floor.0": { unit: "ratio", budget: 1.15 },
  "ota.floor.60": { unit: "ratio", budget: 1.15 },
  "ota.floor.500": { unit: "ratio", budget: 1.15 },
  "ota.floor.default.0": { unit: "ratio", budget: undefined },
  "ota.floor.default.60": { unit: "ratio", budget: undefined },
  "ota.floor.default.500": { unit: "ratio", budget: undefined },
  "ota.floor.plain": { unit: "ratio", budget: undefined, engine: "V8" },
  "ota.requests": { unit: "requests", budget: 64 },
  "ota.refetch.disconnect": { unit: "windows", budget: 1 },
  "ota.refetch.kill": { unit: "windows", budget: 1 },
  "ota.downloads.wrongChecksum": { unit: "downloads", budget: 3 },
  "ota.heap.peak": { unit: "B", budget: mostChunksUnderWay },
  "ota.cpu.perKiB": { unit: "computrons", budget: undefined },
  "ota.cpu.perKiB.verify": { unit: "computrons", budget: undefined },
} as const);

export type FigureId = keyof typeof known;

export function figure(id: FigureId, value: number): Figure {
  return { id, value, engine: "XS", ...known[id] };
}

export function isWithinBudget({ value, budget }: Figure): boolean {
  return budget === undefined || value <= budget;
}

/** A table for people. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((each) => [
    each.id,
    String(Math.round(each.value * 1_000) / 1_000),
    each.unit,
    each.budget === undefined ? "-" : String(each.budget),
    each.engine,
    isWithinBudget(each) ? "" : "over budget",
  ]);
  const table = [["figure", "value", "unit", "budget", "engine", ""], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
