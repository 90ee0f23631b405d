/** What taking part refuses, one function per situation. */
import { type ShmError, refusal } from "../errors.js";
import type { ParticipantTable } from "./table.js";

export function readOnlyParticipant(path: string): ShmError {
  const what = "who may only read has no number in the region: nothing in it can be taken, and nothing recovered";
  return refusal("ERR_SHM_READ_ONLY", what, { path }, "open the region read-write");
}

const TAKERS_SHOWN = 5;

/** A table without room; `describe` says a participant in words. */
export function allNumbersTaken(table: ParticipantTable, describe: (number: number) => string, path: string): ShmError {
  const { count } = table;
  const numbers = table.taken();
  const takers = numbers.slice(0, TAKERS_SHOWN).map(describe);
  const pid = table.pidOf(numbers[0] ?? 0);
  const others = count - takers.length;
  const shown = others > 0 ? `${takers.join("; ")}; and ${others} more` : takers.join("; ");
  const remedy = "end some of them, or let the schema say that there are more: Region<{ participants: 255 }>";
  const facts = pid === undefined ? { path } : { path, pid };
  return refusal("ERR_SHM_BUSY", `all numbers of participants are taken, by ${shown}`, facts, remedy, {
    participants: count,
  });
}
