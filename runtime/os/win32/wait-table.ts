/**
 * The table of those who sleep on words of regions, `.waits-1` in the directory of their locks: WaitOnAddress wakes threads of its own process
 * alone. All zeros is an empty one, so that nobody has to make it; the number in its name is that of this form. Everybody who sleeps or wakes
 * has it mapped as long as he has a region there.
 *
 *   byte   0  u32  doublings: there are 1024 << doublings slots
 *          4  u32  used: slots from here on were never taken
 *          8  u32  ticket: of who has come last
 *         64  u32  256 counters, of who is about to sleep or sleeps, by where
 *       4096       slots of 64 bytes
 *
 *   slot   0  u64  state: 2 bits what it is, 14 bits turn, 16 bits until when it counts (in 64 ms), 32 bits number of the process
 *          8  u64  the file's number (FileIndex, 53 bits), 16 u64 the word's place in it, bytes, 24 u32 the volume's number
 *         28  u32  ticket
 *         32       16 random bytes: the name of what wakes him; 48 u32 what that is
 */
import { kernelMs } from "../../monotonic.js";
import { attempt, attemptUnless } from "./calls.js";
import { defaultDirectory } from "./directory.js";
import { closeQuietly } from "./handles.js";
import { kernel32 } from "./kernel32.js";
import { type MappedRange, mapAnywhere, rangeAt, whenUnmapped } from "./memory.js";
import { scopeDirectoryOf } from "./names.js";
import { fs } from "../node.js";
import { tooManySleep } from "./refusals.js";

const NAME = ".waits-1";
const { O_RDWR, O_CREAT } = fs.constants;

/** Places in the table, 32-bit words. */
const DOUBLINGS = 0;
const USED = 1;
const TICKET = 2;
const COUNTERS = 16;
const COUNTERS_MASK = 255;
const SLOTS = 1024;
const SLOT_SIZE = 16;
const SLOTS_FIRST = 1024;
const SLOTS_MAX = 65_536;

/** Of a slot, 32-bit words. */
export const SLOT = { file: 2, offset: 4, volume: 6, ticket: 7, id: 8, kind: 12 } as const;

/** What a slot is. */
export const FREE = 0;
/** Somebody writes to it. */
export const TAKEN = 1;
export const SLEEPING = 2;
export const WOKEN = 3;

const TURN_UNIT = 4;
const TURN_MASK = 0xfffc;
const UNTIL_SHIFT = 16;
const UNIT_MS = 64;
/** A slot counts so long, and longer if its owner says so in time: who is ended in a sleep leaves his slot as it is. */
const COUNTS_MS = 10_000;
const COUNTS_UNITS = Math.ceil(COUNTS_MS / UNIT_MS);

function units(): number {
  return Math.floor(kernelMs() / UNIT_MS) & 0xffff;
}

export function what(low: number): number {
  return low & 3;
}

/** Units that a slot still counts. The clock is the same for all processes, from when the machine began: what an earlier run of it left may have any time. */
function left(low: number): number {
  return ((low >>> UNTIL_SHIFT) - units()) & 0xffff;
}

/** Whether the owner of a slot has not said for long that he still sleeps. */
export function isOver(low: number): boolean {
  return left(low) > 2 * COUNTS_UNITS;
}

/** Whether it is time to say so. */
export function isHalfOver(low: number): boolean {
  const units = left(low);
  return units < COUNTS_UNITS / 2 || units > COUNTS_UNITS;
}

/** A state that counts from now on. */
function stateOf(is: number, turn: number, pid: number): bigint {
  const until = (units() + COUNTS_UNITS) & 0xffff;
  return (BigInt(pid) << 32n) | BigInt(((until << UNTIL_SHIFT) | (turn & TURN_MASK) | is) >>> 0);
}

/** The state of one who takes what was free. */
export function takenAfter(free: bigint): bigint {
  return stateOf(TAKEN, Number(free & 0xffffn) + TURN_UNIT, process.pid);
}

/** The same slot in the same turn as something else. */
export function changedTo(is: number, state: bigint): bigint {
  return (state & ~3n) | BigInt(is);
}

/** The same that counts from now on. */
export function renewed(state: bigint): bigint {
  return stateOf(Number(state & 3n), Number(state & 0xffffn), Number(state >> 32n));
}

/** A word of a file, in 32-bit words: the same for all processes, whatever address it has. */
interface WordKey {
  readonly volume: number;
  readonly fileLow: number;
  readonly fileHigh: number;
  readonly offsetLow: number;
  readonly offsetHigh: number;
}

/** Where those sleep who sleep on a word. */
export interface WordPlace extends WordKey {
  readonly table: WaitTable;
  /** {@link counterOf} it. */
  readonly counter: number;
}

export class WaitTable {
  readonly path: string;
  /** Ranges of this thread whose words are slept on by it. */
  users = 0;
  words: Uint32Array<ArrayBuffer>;
  states: BigUint64Array<ArrayBuffer>;
  #address: number;
  #slots: number;

  /** @throws ShmError */
  constructor(path: string) {
    this.path = path;
    this.#slots = SLOTS_FIRST;
    this.#address = this.#map();
    [this.words, this.states] = this.#show();
  }

  /** How many slots there are to look at. */
  get used(): number {
    const used = Atomics.load(this.words, USED);
    if (used > this.#slots) this.#follow();
    return Math.min(used, this.#slots);
  }

  /** How many there are. */
  get slots(): number {
    this.#follow();
    return this.#slots;
  }

  nextTicket(): number {
    return Atomics.add(this.words, TICKET, 1);
  }

  /** Of tickets, by who came first. */
  age(ticket: number): number {
    return ((this.words[TICKET] ?? 0) - ticket) >>> 0;
  }

  /** Before what is in a slot can be looked for. */
  raiseUsed(slot: number): void {
    for (let used = Atomics.load(this.words, USED); used <= slot;) {
      used = Atomics.compareExchange(this.words, USED, used, slot + 1);
    }
  }

  /** Makes twice as many slots. @throws ShmError when there are enough */
  grow(): void {
    const before = this.slots;
    if (before >= SLOTS_MAX) throw tooManySleep(this.path, before);
    // The file is as long before anybody can think so.
    this.#remap(2 * before);
    Atomics.compareExchange(
      this.words,
      DOUBLINGS,
      Math.log2(before / SLOTS_FIRST),
      Math.log2(before / SLOTS_FIRST) + 1,
    );
  }

  /** Of a slot's first word. */
  wordAt(slot: number): number {
    return SLOTS + SLOT_SIZE * slot;
  }

  /** Who sleeps on a word. */
  writeKey(at: number, { volume, fileLow, fileHigh, offsetLow, offsetHigh }: WordKey): void {
    this.words.set([fileLow, fileHigh, offsetLow, offsetHigh, volume], at + SLOT.file);
  }

  hasKey(at: number, { volume, fileLow, fileHigh, offsetLow, offsetHigh }: WordKey): boolean {
    const { words } = this;
    return (
      words[at + SLOT.offset] === offsetLow &&
      words[at + SLOT.file] === fileLow &&
      words[at + SLOT.offset + 1] === offsetHigh &&
      words[at + SLOT.file + 1] === fileHigh &&
      words[at + SLOT.volume] === volume
    );
  }

  /** The counter of the word that is slept on in a slot. */
  counterIn(at: number): number {
    const [fileLow = 0, fileHigh = 0, offsetLow = 0, offsetHigh = 0, volume = 0] = this.words.subarray(at + SLOT.file);
    return counterOf({ volume, fileLow, fileHigh, offsetLow, offsetHigh });
  }

  close(): void {
    kernel32().unmapViewOfFile(this.#address);
    this.words = new Uint32Array();
    this.states = new BigUint64Array();
  }

  #follow(): void {
    const doublings = Atomics.load(this.words, DOUBLINGS);
    const slots = Math.min(SLOTS_FIRST * 2 ** doublings, SLOTS_MAX);
    if (slots > this.#slots) this.#remap(slots);
  }

  #remap(slots: number): void {
    const [address, before] = [this.#address, this.#slots];
    this.#slots = slots;
    try {
      this.#address = this.#map();
    } catch (error) {
      this.#slots = before;
      throw error;
    }
    [this.words, this.states] = this.#show();
    kernel32().unmapViewOfFile(address);
  }

  get #size(): number {
    return 4 * (SLOTS + SLOT_SIZE * this.#slots);
  }

  #map(): number {
    const { path } = this;
    const fd = attempt(path, () => fs.openSync(path, O_RDWR | O_CREAT));
    try {
      return mapAnywhere({ fd, size: this.#size, path, access: "read-write" });
    } finally {
      closeQuietly(fd);
    }
  }

  #show(): [Uint32Array<ArrayBuffer>, BigUint64Array<ArrayBuffer>] {
    const memory = kernel32().view(this.#address, this.#size);
    return [new Uint32Array(memory), new BigUint64Array(memory)];
  }
}

/** By their paths. */
const tables = new Map<string, WaitTable>();
const tableOf = new Map<MappedRange, WaitTable>();
whenUnmapped((range) => {
  const table = tableOf.get(range);
  if (table === undefined) return;
  tableOf.delete(range);
  // What is mapped keeps its directory from being removed.
  if ((table.users -= 1) > 0) return;
  tables.delete(table.path);
  table.close();
});

/** The same for all who can reach the file: its directory, the one that its folder is in, or the user's own for a file of others. */
function directoryOf(file: string | undefined): string {
  const found = file === undefined ? undefined : scopeDirectoryOf(file);
  if (found !== undefined) return found;
  const own = defaultDirectory();
  attemptUnless(own, ["EEXIST"], () => fs.mkdirSync(own));
  return own;
}

function tableFor(range: MappedRange): WaitTable {
  const path = `${directoryOf(range.path)}\\${NAME}`;
  const table = tables.get(path) ?? new WaitTable(path);
  tables.set(path, table);
  tableOf.set(range, table);
  table.users += 1;
  return table;
}

/** Undefined where no file of ours is mapped. @throws ShmError where there can be no table */
export function placeOf(address: number): WordPlace | undefined {
  const range = rangeAt(address);
  if (range === undefined) return undefined;
  const table = tableOf.get(range) ?? tableFor(range);
  const { dev, ino } = range.file;
  const offset = range.offset + address - range.address;
  const words = {
    volume: dev >>> 0,
    fileLow: ino >>> 0,
    fileHigh: Math.floor(ino / 2 ** 32),
    offsetLow: offset >>> 0,
    offsetHigh: Math.floor(offset / 2 ** 32),
  };
  return { table, ...words, counter: counterOf(words) };
}

/** Which of the counters is for a word: an index in the table's words. */
function counterOf({ volume, fileLow, fileHigh, offsetLow, offsetHigh }: WordKey): number {
  let mixed = 0;
  for (const word of [volume, fileLow, fileHigh, offsetLow, offsetHigh]) {
    mixed = Math.imul(mixed ^ word, 0x9e37_79b1);
    mixed ^= mixed >>> 15;
  }
  return COUNTERS + (mixed & COUNTERS_MASK);
}
