/** What lies about where regions are, as the list of regions has it. */
import { listRegions } from "../scope/list.js";
import type { Found, Surroundings } from "./check.js";

const MANY = 100;

export function staleRegions({ directory }: Surroundings): Found<"many"> {
  const stale = listRegions({ directory }).filter(({ state }) => state === "stale").length;
  return { is: stale > MANY ? "many" : "ok", found: stale === 0 ? "none" : String(stale) };
}
