/** The error about a value that a caller has passed. */
import { didYouMean } from "../../schema/suggest.js";
import { outOfRange } from "../errors.js";

/** An argument or option of the wrong kind. */
export function notOfKind(field: string, expected: string, found: unknown, remedy: string): Error {
  return outOfRange("{field} is {expected}", { field, expected, found }, remedy);
}

/** An option that the call does not take. `known` are those that it takes. */
export function noSuchOption(field: string, known: readonly string[]): Error {
  const remedy = didYouMean(field, known) ?? `the options are ${known.toSorted().join(", ")}`;
  return outOfRange("there is no option {field} here", { field }, remedy);
}
