/** Whether the C library can be called. */
import { libc } from "../../os/posix/libc.js";
import type { Found } from "../check.js";
import { koffiLoads } from "../check-engine.js";

export function koffi(): Found<"missing" | "other"> {
  return koffiLoads(() => libc().version);
}
