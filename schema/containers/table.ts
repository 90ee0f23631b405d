/** All containers that a schema can name. Adding one: its file, a row here and in words.ts. */
import { BROADCAST, BROADCAST_SLOT } from "./broadcast.js";
import type { ContainerArguments, ContainerKind } from "./container.js";
import { BIP_BUFFER } from "./bip-buffer.js";
import { COUNTERS } from "./counters.js";
import { EVENT } from "./event.js";
import { FRAME, MESSAGES } from "./messages.js";
import { MAP } from "./map.js";
import { MUTEX } from "./mutex.js";
import { QUEUE } from "./queue.js";
import { RING } from "./ring.js";
import { SEMAPHORE } from "./semaphore.js";
import { SEQLOCK } from "./seqlock.js";
import { SLOT_POOL } from "./slot-pool.js";
import { WORK_QUEUE } from "./work-queue.js";

export { type ContainerArguments, type ContainerField, type ContainerKind, fieldsOf } from "./container.js";
export { BUCKET_AT, bucketsOf, ENTRY_AT } from "./map.js";
export { OWNER } from "./owner.js";
export { ENTRIES_AT, ENTRY_SIZE, LOCK_AT, PARTICIPANT, PARTICIPANTS, PARTICIPANTS_DEFAULT } from "./participants.js";
export { boundOf, HISTOGRAM, SERIES, SERIES_KIND } from "./counters.js";
export { POOL_ENTRY } from "./slot-pool.js";
export { histogramParts, type Labels, labelsText, parseSeriesKey } from "./series-key.js";
export { WORK_ENTRY } from "./work-queue.js";
export {
  BIP_BUFFER,
  EVENT,
  FRAME,
  MESSAGES,
  MUTEX,
  QUEUE,
  RING,
  SEMAPHORE,
  SEQLOCK,
  SLOT_POOL,
  WORK_QUEUE,
  BROADCAST,
  BROADCAST_SLOT,
  MAP,
  COUNTERS,
};

const KINDS: readonly ContainerKind[] = [
  MUTEX,
  EVENT,
  SEMAPHORE,
  SEQLOCK,
  RING,
  QUEUE,
  SLOT_POOL,
  WORK_QUEUE,
  BIP_BUFFER,
  MESSAGES,
  BROADCAST,
  MAP,
  COUNTERS,
];

export const CONTAINERS: ReadonlyMap<string, ContainerKind> = new Map(KINDS.map((kind) => [kind.word, kind]));

/** The words of all containers. */
export const CONTAINER_NAMES: readonly string[] = [...CONTAINERS.keys()];

/** A container by its word. @throws Error for a word that is none */
export function containerKind(word: string): ContainerKind {
  const kind = CONTAINERS.get(word);
  if (kind === undefined) throw new Error(`there is no container ${word}`);
  return kind;
}

/** What is wrong with a container as a program may write it, "which there is not"; undefined for what a schema file can say. */
export function containerProblem(type: { readonly container: string } & ContainerArguments): string | undefined {
  const kind = CONTAINERS.get(type.container);
  if (kind === undefined) return "which there is not";
  const given = (["key", "of", "length"] as const).filter((part) => type[part] !== undefined);
  const takes = GIVEN[kind.takes];
  return given.join() === takes ? undefined : `which takes ${kind.takes}, not ${given.join(" and ") || "nothing"}`;
}

const GIVEN = {
  nothing: "",
  length: "length",
  type: "of",
  "type and length": "of,length",
  "key, type and length": "key,of,length",
} as const;
