/** Participants in words. No decision rests on them. */
import { describeProcess, stillRuns } from "../os/index.js";
import type { ParticipantTable } from "./table.js";

/** A participant of a region, as of the moment when it was looked at. */
export interface RegionParticipant {
  readonly number: number;
  /** As its own pid namespace numbers it. */
  readonly pid: number;
  /** As gettid(2) numbers it; 0 where that could not be told. */
  readonly thread: number;
  /** Whether the kernel still has its lock. The dead stay until somebody recovers what they had. */
  readonly alive: boolean;
  /** The containers in which it has something, and what: `"rooms[2].door: locked"`. */
  readonly holds: readonly string[];
}

/** `"process 4711 (node server.js), thread 4712"` */
export function describeParticipant(table: ParticipantTable, number: number): string {
  if (!table.has(number)) return `participant ${number}, which the region does not have`;
  const stamp = table.stamp(number);
  if (stamp.pid === 0) return `participant ${number}`;
  const who = stillRuns(stamp) ? describeProcess(stamp.pid) : "which has ended, or is in another pid namespace";
  return `process ${stamp.pid} (${who}), thread ${table.thread(number)}`;
}
