/**
 * `timestamp<unit>`: moments as integers of 64 bits that count from 1970 on, and as JavaScript has them, in milliseconds (`Date.now()`,
 * ECMA-262 "Time Values"). Whole milliseconds are exact in every unit; a f64 has no room for all nanoseconds, of which it keeps some 240 apart in
 * our days.
 */
import type { BigKind } from "./numbers.js";
import { badValue, noMoment } from "./refusals.js";

export type TimeUnit = "s" | "ms" | "us" | "ns";

/** Of a millisecond. */
const PARTS: Readonly<Record<TimeUnit, bigint>> = { s: 1n, ms: 1n, us: 1_000n, ns: 1_000_000n };
/** The last one that a Date can be, and with a minus the first, ms. */
const MOST_MS = 8.64e15;
const SECOND_MS = 1000;

/** A stored moment in milliseconds since 1970. @throws ShmRangeError beyond what a Date can be */
export function toMoment(unit: TimeUnit, bits: bigint, field: string): number {
  const parts = PARTS[unit];
  // The rest apart, since the whole has more digits than a number.
  let moment = parts === 1n ? Number(bits) : Number(bits / parts) + Number(bits % parts) / Number(parts);
  if (unit === "s") moment *= SECOND_MS;
  if (!(Math.abs(moment) <= MOST_MS)) throw noMoment(field, unit, bits);
  return moment;
}

/** A moment as it is stored: the second or millisecond in which it lies, or the nearest smaller unit. @throws ShmRangeError beyond what a Date and the integer can be */
export function fromMoment(unit: TimeUnit, kind: BigKind, value: number | Date, field: string): bigint {
  const moment = typeof value === "number" ? value : timeOf(value);
  if (Math.abs(moment) <= MOST_MS) {
    const parts = PARTS[unit];
    const whole = Math.floor(unit === "s" ? moment / SECOND_MS : moment);
    const rest = parts === 1n ? 0n : BigInt(Math.round((moment - whole) * Number(parts)));
    const bits = BigInt(whole) * parts + rest;
    if (bits === (kind === "u64" ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits))) return bits;
  }
  const expected = `a Date, or milliseconds since 1970 that ${kind === "u64" ? "are not negative and that " : ""}a Date can be (timestamp<"${unit}", ${kind}>)`;
  throw badValue(field, expected, value);
}

/** Of a Date of any realm; NaN for everything else. */
function timeOf(value: unknown): number {
  try {
    return Date.prototype.getTime.call(value as Date);
  } catch {
    return Number.NaN;
  }
}
