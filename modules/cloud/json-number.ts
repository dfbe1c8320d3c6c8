// SPDX-License-Identifier: Apache-2.0

/** Integers from here on, in both directions, do not fit into the 64 bits that a platform has for those. */
const integerLimit = 0x8000_0000_0000_0000;

/** With more decimals than this ThingsBoard stores a text, or ends the session (JsonConverter, `scale() <= 16`). */
const maxDecimals = 16;

/**
 * A finite number in plain decimals, so that a platform stores a number: never an exponent, at most 16 decimals (rounded), and
 * an integer beyond 64 bits with ".0" behind it, which makes it a double.
 */
export function plainNumber(value: number): string {
  const shortest = String(value);
  if (Math.abs(value) >= integerLimit) return `${withoutExponent(shortest)}.0`;
  // As an integer the platform takes every digit for exact; above 2^53 the shortest ones are not.
  if (Number.isInteger(value)) return String(BigInt(value));
  const point = shortest.indexOf(".");
  const isPlain = shortest.indexOf("e") < 0 && shortest.length - point - 1 <= maxDecimals;
  return isPlain ? shortest : withoutZeros(value.toFixed(maxDecimals));
}

/** Only for integers: "1.25e+21" has no digit behind the point when it is written out. */
function withoutExponent(shortest: string): string {
  const e = shortest.indexOf("e");
  if (e < 0) return shortest;
  const point = shortest.indexOf(".");
  const whole = shortest.slice(0, point < 0 ? e : point);
  const fraction = point < 0 ? "" : shortest.slice(point + 1, e);
  return whole + fraction + "0".repeat(Number(shortest.slice(e + 1)) - fraction.length);
}

function withoutZeros(decimals: string): string {
  let text = decimals;
  while (text.endsWith("0")) text = text.slice(0, -1);
  if (text.endsWith(".")) text = text.slice(0, -1);
  return text === "-0" ? "0" : text;
}
