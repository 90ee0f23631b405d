/** Whether a process is still there that left its stamp in a header. */
import { outOfRange } from "../errors.js";
import type { ProcessStamp } from "../os/contract.js";
import { stillRuns as isRunning } from "../os/index.js";

/**
 * Whether the very process that left a stamp still runs, such as the creator in `region.header`: a number alone may have been given to
 * another one. For people: regions tell by locks who is alive. @throws ShmRangeError for what is no stamp
 */
export function stillRuns(stamp: ProcessStamp): boolean {
  const { pid, startTime, bootId } = Object(stamp) as ProcessStamp;
  if (typeof pid === "number" && typeof startTime === "bigint" && typeof bootId === "bigint") return isRunning(stamp);
  const facts = { field: "stamp", expected: "pid, startTime and bootId of a header", found: stamp };
  throw outOfRange("{field} is {expected}", facts, "pass those of region.header");
}
