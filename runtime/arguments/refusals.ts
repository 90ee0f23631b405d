/** The error about a value that a caller has passed. */
import { outOfRange } from "../errors.js";

/** An argument or option of the wrong kind. */
export function notOfKind(field: string, expected: string, found: unknown, remedy: string): Error {
  return outOfRange("{field} is {expected}", { field, expected, found }, remedy);
}
