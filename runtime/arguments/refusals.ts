/** The error about a value that a caller has passed. */
import { ShmRangeError } from "../errors.js";

/** An argument or option of the wrong kind. */
export function notOfKind(field: string, expected: string, found: unknown, remedy: string): Error {
  return new ShmRangeError(`${field} is ${expected}: found=${show(found)}; ${remedy}`, { field, expected, found });
}

/** A value as a person would write it, short. */
export function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}
