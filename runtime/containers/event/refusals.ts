/** What events refuse. */
import { refusal } from "../../errors.js";

export function notSet(path: string, field: string, timeoutMs: number): Error {
  return refusal("ERR_SHM_BUSY", "{field} was not set in time", { path, field }, undefined, { timeoutMs });
}
