/** What begins a file of the journal, as `journalctl --header` prints it. */
import { nameOf } from "@shmgen/runtime";
import { JournalHeader, JournalIncompatible, JournalState } from "./generated/journal.js";

const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString("hex");

/** Facts by the names that `journalctl --header` has for them. */
export function facts(path: string): Record<string, string> {
  using region = JournalHeader.attach(path);
  const header = region.data;
  const names = Object.entries(JournalIncompatible).filter(([, bit]) => header.$incompatibleFlags.has(bit as number));
  return {
    "File ID": hex(header.fileId),
    "Machine ID": hex(header.machineId),
    "Boot ID": hex(header.tailEntryBootId),
    "Sequential number ID": hex(header.seqnumId),
    State: (nameOf(JournalState, header.state) ?? "?").toUpperCase(),
    "Incompatible flags": names.map(([name]) => name).join(" "),
    "Header size": String(header.headerSize),
    "Arena size": String(header.arenaSize),
    "Head sequential number": String(header.headEntrySeqnum),
    "Tail sequential number": String(header.tailEntrySeqnum),
    "Head realtime timestamp": new Date(header.headEntryRealtime).toISOString(),
    "Tail realtime timestamp": new Date(header.tailEntryRealtime).toISOString(),
    Objects: String(header.objects),
    "Entry objects": String(header.entries),
    "Data objects": String(header.dataObjects),
    "Field objects": String(header.fieldObjects),
    "Entry array objects": String(header.entryArrayObjects),
  };
}

/** Lines for people. */
export function* lines(path: string): Generator<string> {
  for (const [name, value] of Object.entries(facts(path))) yield `${name}: ${value}`;
}
