/**
 * What people want to know of a container: a line about its words, and which of its elements hold something. In: the struct and its bytes,
 * which anybody may have written. Out: text for {@link Event}, and indices within the lengths of the layout.
 */
import {
  BIP_BUFFER,
  BROADCAST,
  COUNTERS,
  ENTRIES_AT,
  ENTRY_AT,
  ENTRY_SIZE,
  EVENT,
  MESSAGES,
  MAP,
  MUTEX,
  OWNER,
  PARTICIPANT,
  POOL_ENTRY,
  QUEUE,
  RING,
  SEMAPHORE,
  SEQLOCK,
  SERIES,
  SLOT_POOL,
  WORK_ENTRY,
  WORK_QUEUE,
} from "@shmgen/schema/containers";
import type { StructLayout } from "../layout/layout.js";

/** Reads 32 bits of the container, at bytes from its start. */
type Words = (offset: number) => number;

/** What is shown of a container beside its fields. */
export interface ContainerFacts {
  /** `"3 of 1024"`; "" for nothing. */
  readonly note: string;
  /** Fields that say nothing just now. */
  readonly idle: readonly string[];
  /** Elements that hold something, of the array of this name. */
  readonly live?: { readonly field: string; readonly indices: readonly number[] };
  /** How often something has happened, by a name in the plural: two looks give a rate. Modulo 2 to the `counterBits`. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Default 32. */
  readonly counterBits?: number;
}

const FACTS: Readonly<Record<string, (at: Words, length: number, fields: StructLayout["fields"]) => ContainerFacts>> = {
  mutex: (at) => {
    const owner = at(MUTEX.at.word) & OWNER.mask;
    if (owner === OWNER.abandoned) return { note: `abandoned by process ${at(MUTEX.at.abandonedBy)}`, idle: [] };
    const note = owner === OWNER.free ? "free" : `held by ${ownerText(owner)}`;
    return { note, idle: ["abandonedBy", "abandonedAt"] };
  },
  event: (at) => {
    const word = at(EVENT.at.word);
    const sets = (word << 1) >>> 2;
    const note = `${(word & 1) === 1 ? "set" : "not set"}, was set ${sets} times`;
    return { note, idle: ["reserved"], counters: { sets }, counterBits: 30 };
  },
  semaphore: (at, length) => {
    const indices = range(length).filter((index) => at(PERMITS_AT + 4 * index) !== OWNER.free);
    const note = `${length - indices.length} of ${length} available`;
    return { note, idle: ["reserved"], live: { field: "permits", indices } };
  },
  seqlock: (at) => {
    const sequence = at(SEQLOCK.at.sequence);
    const writer = at(SEQLOCK.at.writer) & OWNER.mask;
    const note = `value ${sequence}${writer === OWNER.free ? "" : `, written by ${ownerText(writer)}`}`;
    return { note, idle: [sequence % 2 === 0 ? "odd" : "even"], counters: { updates: sequence } };
  },
  ring: (at, length) => {
    const [tail, head] = [at(RING.at.tail), at(RING.at.head)];
    const counters = { published: tail, consumed: head };
    const count = (tail - head) >>> 0;
    if (count > length) return { note: `damaged: ${count} elements in ${length} slots`, idle: [], counters };
    const roles = (["producer", "consumer"] as const).map(
      (role) => `${role} ${ownerText(at(RING.at[role]) & OWNER.mask)}`,
    );
    const indices = range(Math.min(count, SHOWN)).map((index) => (head + index) % length);
    const note = [`${count} of ${length}`, ...roles].join(", ");
    return { note, idle: [], live: { field: "slots", indices }, counters };
  },
  broadcast: (at, length) => {
    const low = at(BROADCAST.at.tail);
    const published = at(BROADCAST.at.tail + 4) * 2 ** 32 + low;
    const writer = ownerText(at(BROADCAST.at.writer) & OWNER.mask);
    const counters = { published: low };
    if (published > Number.MAX_SAFE_INTEGER) return { note: "damaged: its tail is no number", idle: [], counters };
    const count = Math.min(published, length, SHOWN);
    const indices = range(count).map((index) => (published - count + index) % length);
    const note = `${published} published, writer ${writer}`;
    return { note, idle: [], live: { field: "slots", indices }, counters };
  },
  queue: (at, length) => {
    const [tail, head] = [at(QUEUE.at.tail), at(QUEUE.at.head)];
    const counters = { pushed: tail, taken: head };
    const count = (tail - head) >>> 0;
    if (count > length) return { note: `damaged: ${count} elements in ${length} slots`, idle: [], counters };
    const [pusher, popper] = ([QUEUE.at.pusher, QUEUE.at.popper] as const).map((word) => at(word) & OWNER.mask);
    const notes = [
      `${count} of ${length}`,
      ...(pusher === OWNER.free ? [] : [`${ownerText(pusher ?? 0)} pushes`]),
      ...(popper === OWNER.free ? [] : [`${ownerText(popper ?? 0)} takes`]),
    ];
    const indices = range(Math.min(count, SHOWN)).map((index) => (head + index) % length);
    return { note: notes.join(", "), idle: ["headSeen", "tailSeen"], live: { field: "slots", indices }, counters };
  },
  slotPool: (at, length) => {
    const states = range(length).map((index) => at(POOL_ENTRIES_AT + POOL_ENTRY.size * index + POOL_ENTRY.state));
    const lent = states.filter((state) => state === OWNER.abandoned).length;
    const free = states.filter((state) => state === OWNER.free).length;
    const owners = ownersText(states);
    // Each slot counts how often it was given out.
    const generation = (index: number): number => at(POOL_ENTRIES_AT + POOL_ENTRY.size * index + POOL_ENTRY.generation);
    const taken = range(length).reduce((sum, index) => (sum + generation(index)) >>> 0, 0);
    const indices = range(length).filter((index) => states[index] !== OWNER.free);
    const note = [`${free} of ${length} free`, ...(lent === 0 ? [] : [`${lent} lent`]), ...owners].join(", ");
    return { note, idle: POOL_IDLE, live: { field: "slots", indices: indices.slice(0, SHOWN) }, counters: { taken } };
  },
  workQueue: (at, length) => {
    const entry = (index: number, word: number): number => at(WORK_ENTRIES_AT + WORK_ENTRY.size * index + word);
    const states = range(length).map((index) => entry(index, WORK_ENTRY.state));
    const indices = range(length).filter((index) => states[index] !== OWNER.free);
    const ready = states.filter((state) => state === OWNER.abandoned).length;
    const time = (index: number): number =>
      entry(index, WORK_ENTRY.pushedAt + 4) * 2 ** 32 + entry(index, WORK_ENTRY.pushedAt);
    const oldest = Math.min(...indices.map(time));
    const attempts = Math.max(0, ...indices.map((index) => entry(index, WORK_ENTRY.attempts)));
    const notes = [
      `${ready} of ${length} ready`,
      `${indices.length - ready} leased`,
      ...ownersText(states),
      ...(attempts > 1 ? [`up to ${attempts} attempts`] : []),
      // Damaged words have times that are none.
      ...(oldest <= 8.64e15 ? [`oldest of ${new Date(oldest).toISOString()}`] : []),
    ];
    const live = { field: "slots", indices: indices.slice(0, SHOWN) };
    return { note: notes.join(", "), idle: WORK_IDLE, live, counters: { pushed: at(WORK_QUEUE.at.tickets) } };
  },
  bipBuffer: (at, length) => ({
    note: bytesNote(at, BIP_BUFFER.at, length),
    idle: ["bytes"],
  }),
  messages: (at, length) => ({
    note: bytesNote(at, MESSAGES.at, length),
    idle: ["frames"],
  }),
  map: (at, _length, fields) => {
    const owner = at(MAP.at.lock) & OWNER.mask;
    const entries = fields.find(({ name }) => name === "entries");
    const length = entries?.type.kind === "array" ? entries.type.length : 1;
    const stride = (entries?.size ?? 0) / length;
    const indices: number[] = [];
    // The newest ones first. Links beyond the entries, and chains without an end, are somebody else's words.
    for (let entry = at(MAP.at.newest); entry >= 1 && entry <= length && indices.length < Math.min(SHOWN, length);) {
      indices.push(entry - 1);
      entry = at((entries?.offset ?? 0) + (entry - 1) * stride + ENTRY_AT.older);
    }
    const changed = owner === OWNER.free ? "" : `, changed by ${ownerText(owner)}`;
    const idle = [...Object.keys(MAP.words), "buckets"];
    return { note: `${at(MAP.at.count)} of ${length - 1}${changed}`, idle, live: { field: "entries", indices } };
  },
  "map.entry": (at) => {
    const [low, high] = [at(ENTRY_AT.expires), at(ENTRY_AT.expires + 4)];
    return { note: "", idle: ENTRY_WORDS.filter((name) => name !== "expires" || (low === 0 && high === 0)) };
  },
  counters: (at, length) => {
    const states = range(length).map((index) => at(SERIES_AT + SERIES.size * index + SERIES.state));
    const indices = range(length).filter((index) => states[index] !== OWNER.free);
    const kept = states.filter((state) => state === OWNER.abandoned).length;
    const owners = ownersText(states);
    const note = [`${indices.length} of ${length} series`, ...(kept === 0 ? [] : [`${kept} kept`]), ...owners];
    return { note: note.join(", "), idle: COUNTERS_IDLE, live: { field: "entries", indices: indices.slice(0, SHOWN) } };
  },
  "counters.entry": () => ({ note: "", idle: ["next", "stamp"] }),
  participants: (at, length) => {
    const state = (index: number): number => at(ENTRIES_AT + ENTRY_SIZE * index + PARTICIPANT.at.state);
    const indices = range(length).filter((index) => state(index) !== 0);
    return { note: `${indices.length} of ${length} taken`, idle: ["reserved"], live: { field: "entries", indices } };
  },
};

/** More elements than anybody is shown at once. */
const SHOWN = 1024;
/** Of each participant that has some, how many: `"2 of participant 1"`. */
function ownersText(states: readonly number[]): string[] {
  const counts = new Map<number, number>();
  for (const state of states) {
    if (state !== OWNER.free && state !== OWNER.abandoned) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([owner, count]) => `${count} of ${ownerText(owner)}`);
}

/** Entries begin on the line behind the words, and what they say is in the note. */
const POOL_ENTRIES_AT = lineBehind(SLOT_POOL.at.returns + 4);
const POOL_IDLE = ["losses", "repaired", "fresh", "free", "returns", "entries"];
const WORK_ENTRIES_AT = lineBehind(WORK_QUEUE.at.departures + 4);
const WORK_IDLE = ["losses", "repaired", "fresh", "free", "first", "last", "tickets", "entries"];
const SERIES_AT = lineBehind(COUNTERS.at.reserved + 4);
const COUNTERS_IDLE = ["losses", "repaired", "fresh", "free", "reserved", "buckets"];
function lineBehind(end: number): number {
  return Math.ceil(end / 64) * 64;
}

/** Of an entry of a map, all that is no key and no value. */
const ENTRY_WORDS = ["next", "hash", "older", "newer", "ticket", "mark", "expires"];
/** Where the permits of a semaphore begin: behind its words. */
const PERMITS_AT = SEMAPHORE.at.reserved + 4;

/** Of places that count modulo twice the length. */
function bytesNote(
  at: Words,
  words: Readonly<Record<"write" | "read" | "producer" | "consumer", number>>,
  length: number,
): string {
  const [write, read] = [at(words.write), at(words.read)];
  const used = write >= read ? write - read : write + 2 * length - read;
  if (Math.max(write, read) >= 2 * length || used > length) return `damaged: write ${write}, read ${read}`;
  const roles = (["producer", "consumer"] as const).map((role) => `${role} ${ownerText(at(words[role]) & OWNER.mask)}`);
  return [`${used} of ${length} bytes`, ...roles].join(", ");
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
const ownerText = (owner: number): string => (owner === OWNER.free ? "none" : `participant ${owner}`);

/** Undefined for a struct that is no container, or one that this version does not know. */
export function factsOf({ role, fields }: StructLayout, words: Words): ContainerFacts | undefined {
  if (role.kind !== "container" || !Object.hasOwn(FACTS, role.container)) return undefined;
  const list = fields.find(({ type }) => type.kind === "array" || type.kind === "bytes")?.type;
  const length = list?.kind === "array" ? list.length : list?.kind === "bytes" ? list.size : 0;
  return FACTS[role.container]?.(words, length, fields);
}
