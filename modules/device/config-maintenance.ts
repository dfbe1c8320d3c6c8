// SPDX-License-Identifier: Apache-2.0

import { integer } from "../core/integer.js";
import { type Maintenance, MaintenanceWindow } from "../ota/maintenance.js";
import { located, section, text } from "./config-fields.js";

const timeLength = 5;

/** A maintenance window. Throws `TypeError` or `RangeError` naming the field. */
export function checkMaintenance(value: unknown, path: string): Maintenance {
  const fields = section(value, path, ["start", "end", "days"]);
  const times = {
    start: text(fields.start, `${path}.start`, timeLength, timeLength),
    end: text(fields.end, `${path}.end`, timeLength, timeLength),
  };
  const maintenance: Maintenance = Object.freeze(
    fields.days === undefined ? times : { ...times, days: checkDays(fields.days, `${path}.days`) },
  );
  located(path, () => new MaintenanceWindow(maintenance));
  return maintenance;
}

function checkDays(value: unknown, path: string): readonly number[] {
  if (!Array.isArray(value)) throw new TypeError(`${path}: not an array`);
  const days = value.map((day, index) => integer(day, `${path}[${index}]`, 0, 6));
  if (new Set(days).size !== days.length) throw new RangeError(`${path}: one of them twice`);
  return Object.freeze(days);
}
