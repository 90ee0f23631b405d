/** The counters of a running Java virtual machine, as `jcmd PID PerfCounter.print` prints them. */
import { PerfData, PerfEntry } from "./generated/hsperfdata.js";

const LONG = "J".charCodeAt(0);

/** Counters by name: integers, and texts. */
export function counters(path: string): Map<string, bigint | string> {
  using region = PerfData.attach(path);
  const { memory, data: header } = region;
  const found = new Map<string, bigint | string>();
  let at = header.entryOffset;
  for (let index = 0; index < header.entryCount; index += 1) {
    const entry = PerfEntry.at(memory, at);
    const name = memory.text(at + entry.nameOffset);
    const data = at + entry.dataOffset;
    found.set(name, entry.dataType === LONG ? memory.read("i64", data) : memory.text(data, entry.vectorLength));
    // A length that leads nowhere would go round for ever: the machine writes on, and we read.
    if (entry.length <= 0) break;
    at += entry.length;
  }
  return found;
}

/** Lines for people. */
export function* lines(path: string): Generator<string> {
  for (const [name, value] of counters(path))
    yield `${name}=${typeof value === "string" ? JSON.stringify(value) : value}`;
}
