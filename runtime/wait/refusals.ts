/** What waiting refuses. */
import { type ShmError, refusal } from "../errors.js";

export function closedRegion(path: string): ShmError {
  return refusal("ERR_SHM_CLOSED", "the region was closed", { path });
}
