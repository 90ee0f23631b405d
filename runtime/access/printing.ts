/** What console.log shows. Printing never throws: a program prints most where something is wrong already. */
import { isShmError } from "../errors.js";

/** Node's key for how an object is printed. */
export const inspect = Symbol.for("nodejs.util.inspect.custom");
/** Node's `util.inspect`, as it hands itself to what it prints. */
export type Inspect = (value: unknown, options: unknown) => string;

/** Something that prints as this text, without quotes. */
export function printedAs(text: string): object {
  return { [inspect]: () => text };
}

/** The value, or what stands for it where reading throws: the number that a `num<>` cannot show, or else the reason. */
export function printable(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isShmError(error) && typeof error.found === "bigint") return error.found;
    return printedAs(`[${reasonOf(error)}]`);
  }
}

/** Text for `Symbol.toStringTag`, which is asked of prototypes as well, and of what has lost its memory. */
export function tagged(name: string, contents: () => string): string {
  try {
    return `${name} ${contents()}`;
  } catch {
    return name;
  }
}

function reasonOf(error: unknown): string {
  try {
    return String((error as Error).message);
  } catch {
    return "it cannot be read";
  }
}
