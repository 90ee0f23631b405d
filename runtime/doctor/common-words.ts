/** What is said alike on several systems. */
import { problem, warning } from "./verdicts.js";

export const KOFFI = {
  missing: problem(
    "koffi loads",
    "npm install koffi, without --omit=optional, on the machine where it runs; keep it out of bundles; with " +
      "Node's --permission, --allow-addons",
  ),
  other: warning("version 3 from 3.3.4", "npm install koffi@3: this one was not tested"),
} as const;

export const STALE_REGIONS = {
  title: "regions that nobody has open",
  verdicts: { many: warning("at most 100", "shmgen list shows them, shmgen clean removes them") },
} as const;
