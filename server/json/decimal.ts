/** Exponents beyond this are refused instead of being written out in full (gson refuses them too). */
const maxExponent = 10_000;

const decimalText = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** The part of Java's BigDecimal that decides how ThingsBoard types a number: its value is `unscaled / 10^scale`. */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;

  /** @throws {RangeError} the exponent is absurd */
  constructor(text: string) {
    const [, sign = "", whole = "", fraction = "", exponent = "0"] = decimalText.exec(text) ?? [];
    if (Math.abs(Number(exponent)) > maxExponent) throw new RangeError(`number out of range: ${text.slice(0, 40)}`);
    this.unscaled = BigInt(`${whole}${fraction}`) * (sign ? -1n : 1n);
    this.scale = fraction.length - Number(exponent);
  }

  get isIntegral(): boolean {
    if (this.scale <= 0 || this.unscaled === 0n) return true;
    return this.unscaled % 10n ** BigInt(this.scale) === 0n;
  }

  /** The integer part, fraction cut off. */
  truncated(): bigint {
    const power = 10n ** BigInt(Math.abs(this.scale));
    return this.scale > 0 ? this.unscaled / power : this.unscaled * power;
  }

  /** Plain digits, no exponent: what ThingsBoard stores for a number that fits neither a long nor a double. */
  toPlainText(): string {
    if (this.scale <= 0) return this.truncated().toString();
    const sign = this.unscaled < 0n ? "-" : "";
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, "0");
    return `${sign}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`;
  }
}

export function isInt64(value: bigint): boolean {
  return value >= int64Min && value <= int64Max;
}

/** A finite double as Java prints it: always with a point, scientific from 10^7 up and below 10^-3. */
export function javaDoubleText(value: number): string {
  if (value === 0) return "0.0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = value.toString();
    return text.includes(".") ? text : `${text}.0`;
  }
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}
