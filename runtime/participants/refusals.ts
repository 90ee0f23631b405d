/** What taking part refuses, one function per situation. */
import { type ShmError, refusal } from "../errors.js";

export function readOnlyParticipant(path: string): ShmError {
  const what = "who may only read has no number in the region: nothing in it can be taken, and nothing recovered";
  return refusal("ERR_SHM_READ_ONLY", what, { path }, "open the region read-write");
}

/** A table without room. */
export interface FullTable {
  readonly count: number;
  /** Some of them, in words. */
  readonly takers: readonly string[];
  /** Of the first. */
  readonly pid: number | undefined;
  readonly path: string;
}

export function allNumbersTaken({ count, takers, pid, path }: FullTable): ShmError {
  const others = count - takers.length;
  const shown = others > 0 ? `${takers.join("; ")}; and ${others} more` : takers.join("; ");
  const remedy = "end some of them, or let the schema say that there are more: Region<{ participants: 255 }>";
  const facts = pid === undefined ? { path } : { path, pid };
  return refusal("ERR_SHM_BUSY", `all numbers of participants are taken, by ${shown}`, facts, remedy, {
    participants: count,
  });
}
