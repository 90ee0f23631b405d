/** Files of the system. */
import * as fs from "node:fs";
import { errorCode } from "../../errors.js";

/** The text of a file of the system; undefined when it is missing or the system refuses it. */
export function textOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    // That Node itself refuses says nothing about the file.
    if (errorCode(error) === "ERR_ACCESS_DENIED") throw error;
    return undefined;
  }
}
