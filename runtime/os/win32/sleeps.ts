/**
 * Falling asleep on a word and waking who sleeps there, by the table of wait-table.ts. The comparison and the falling asleep are one step for others:
 *
 *   sleep   count     there will be one more at this counter
 *           seek      a free slot
 *           take      it, by compare and exchange, which begins its next turn
 *           publish   what he sleeps on stands in the slot: from here on he is found
 *           fence     an addition of 0 to the counter
 *           compare   the word: if it has changed he leaves
 *           see       after each end of the sleep: whether the slot is still as he left it, and then the word again
 *           renew     the slot counts longer, by compare and exchange
 *           leave     the slot is free, by compare and exchange; refused: he was woken meanwhile
 *           free      the slot, when he was woken, by compare and exchange; refused: it was cleared
 *           uncount   by whoever has freed the slot, afterwards
 *   wake    look      an addition of 0 to the counter, after the store: 0, nobody sleeps
 *           find      slots with this word; who came first is woken first
 *           claim     one, by compare and exchange of what was found: each once
 *           signal    its owner goes on
 *           free      and uncount: where nobody is there for the signal, since the process has ended. The next one is claimed
 *   clear   free      a slot that does not count any more, by compare and exchange; then uncount, and signal: its owner may live
 *
 * These are the steps of test/model/windows-waits.ts. Both additions are to one word, so that one is first: that has the store before the
 * comparison, or `publish` before `find`, on every processor and for every kind of store. A slot that is cleared under a sleeper costs him a wake-up without
 * a reason; one that is taken and not published yet is cleared only when its process has ended.
 */
import { ERROR } from "./calls.js";
import { isHandle } from "./handles.js";
import { kernel32 } from "./kernel32.js";
import { type Signal, signal } from "./signals.js";
import {
  FREE,
  SLEEPING,
  SLOT,
  TAKEN,
  WOKEN,
  type WaitTable,
  type WordPlace,
  changedTo,
  isHalfOver,
  isOver,
  renewed,
  takenAfter,
  what,
} from "./wait-table.js";

const SYNCHRONIZE = 0x10_0000;
/** After so long a sleeper compares the word by himself: somebody may have been ended between store and signal. */
export const LOOK_MS = 100;

/** A sleep in its slot. */
export interface Sleep {
  readonly place: WordPlace;
  readonly slot: number;
  /** As it is unless somebody else has changed it. */
  state: bigint;
}

/** From here on whoever wakes finds it. The word has to be compared afterwards, and the sleep to be left. @throws ShmError */
export function enter(place: WordPlace, by: Signal): Sleep {
  const { table, counter } = place;
  // Step sleep.count
  Atomics.add(table.words, counter, 1);
  let taken: Pick<Sleep, "slot" | "state">;
  try {
    taken = take(table);
  } catch (error) {
    Atomics.sub(table.words, counter, 1);
    throw error;
  }
  const { slot, state } = taken;
  const { words } = table;
  const at = table.wordAt(slot);
  table.writeKey(at, place);
  words[at + SLOT.ticket] = table.nextTicket();
  words.set(by.id, at + SLOT.id);
  words[at + SLOT.kind] = by.kind;
  const published = changedTo(SLEEPING, state);
  // Step sleep.publish
  Atomics.store(table.states, at / 2, published);
  // Step sleep.fence
  Atomics.add(words, counter, 0);
  return { place, slot, state: published };
}

/** Slots of this thread are looked for where it had the last. */
let lastSlot = 0;

function take(table: WaitTable): Pick<Sleep, "slot" | "state"> {
  for (;;) {
    const found = takeFree(table, lastSlot, lastSlot + 1) ?? takeFree(table, 0, table.slots);
    if (found !== undefined) {
      lastSlot = found.slot;
      table.raiseUsed(found.slot);
      return found;
    }
    if (!clearAll(table)) table.grow();
  }
}

function takeFree(table: WaitTable, from: number, to: number): Pick<Sleep, "slot" | "state"> | undefined {
  for (let slot = from; slot < Math.min(to, table.slots); slot += 1) {
    const at = table.wordAt(slot);
    if (what(Atomics.load(table.words, at)) !== FREE) continue;
    const free = Atomics.load(table.states, at / 2);
    // Step sleep.seek
    if (what(Number(free & 3n)) !== FREE) continue;
    const state = takenAfter(free);
    // Step sleep.take
    if (Atomics.compareExchange(table.states, at / 2, free, state) === free) return { slot, state };
  }
  return undefined;
}

/** Whether somebody has woken it, or has cleared its slot. */
export function isWoken({ place: { table }, slot, state }: Sleep): boolean {
  // Step sleep.see
  return Atomics.load(table.states, table.wordAt(slot) / 2) !== state;
}

/** To be called before its slot stops counting. What was woken meanwhile stays so. */
export function renew(sleep: Sleep): void {
  const { place, slot, state } = sleep;
  if (!isHalfOver(Number(state & 0xffff_ffffn))) return;
  const { table } = place;
  const longer = renewed(state);
  // Step sleep.renew
  if (Atomics.compareExchange(table.states, table.wordAt(slot) / 2, state, longer) === state) sleep.state = longer;
}

/** The sleep is over. True when it was woken: whoever did that counts on it. */
export function leave({ place, slot, state }: Sleep): boolean {
  const { table, counter } = place;
  const at = table.wordAt(slot) / 2;
  // Step sleep.leave
  const found = Atomics.compareExchange(table.states, at, state, changedTo(FREE, state));
  const wasWoken = found !== state;
  const woken = changedTo(WOKEN, state);
  // Step sleep.free. Where it was cleared, that was counted.
  if (wasWoken && Atomics.compareExchange(table.states, at, woken, changedTo(FREE, state)) !== woken) return true;
  // Step sleep.uncount
  Atomics.sub(table.words, counter, 1);
  return wasWoken;
}

/** Wakes at most `count` who sleep on a word, and says how many. After the store. */
export function wakeAt(place: WordPlace, count: number): number {
  const { table, counter } = place;
  // Step wake.look
  if (Atomics.add(table.words, counter, 0) === 0) return 0;
  const found: Found[] = [];
  const { used } = table;
  for (let slot = 0; slot < used; slot += 1) {
    const at = table.wordAt(slot);
    const low = Atomics.load(table.words, at);
    if (what(low) === FREE) continue;
    // Step wake.find
    const state = Atomics.load(table.states, at / 2);
    if (isOver(Number(state & 0xffff_ffffn))) clear(table, slot, state);
    else if (what(Number(state & 3n)) === SLEEPING && table.hasKey(at, place)) {
      found.push({ slot, state, age: table.age(table.words[at + SLOT.ticket] ?? 0) });
    }
  }
  found.sort((one, other) => other.age - one.age);
  let woken = 0;
  for (const one of found) {
    if (woken >= count) break;
    if (isClaimedAndSignalled(place, one)) woken += 1;
  }
  return woken;
}

interface Found {
  readonly slot: number;
  readonly state: bigint;
  readonly age: number;
}

function isClaimedAndSignalled({ table, counter }: WordPlace, { slot, state }: Found): boolean {
  const at = table.wordAt(slot);
  const by = signalIn(table, at);
  // What was read of the slot is of this turn if the turn is still the same. Its owner may have said that it counts longer.
  for (let expected = state; ;) {
    const woken = changedTo(WOKEN, expected);
    // Step wake.claim
    const seen = Atomics.compareExchange(table.states, at / 2, expected, woken);
    if (seen === expected) {
      // Step wake.signal
      if (signal(by)) return true;
      // Step wake.free
      const free = changedTo(FREE, woken);
      // Step wake.uncount
      if (Atomics.compareExchange(table.states, at / 2, woken, free) === woken) Atomics.sub(table.words, counter, 1);
      return false;
    }
    if (!isSameSleep(seen, state)) return false;
    expected = seen;
  }
}

/** All but until when it counts. */
const ALL_BUT_UNTIL = 0xffff_ffff_0000_ffffn;

function isSameSleep(one: bigint, other: bigint): boolean {
  return (one & ALL_BUT_UNTIL) === (other & ALL_BUT_UNTIL);
}

function signalIn({ words }: WaitTable, at: number): Signal {
  return { id: words.slice(at + SLOT.id, at + SLOT.id + 4), kind: words[at + SLOT.kind] ?? 0 };
}

/** Frees what its owner has left as it was. False where that may not be. */
function clear(table: WaitTable, slot: number, state: bigint): boolean {
  const at = table.wordAt(slot);
  const is = what(Number(state & 3n));
  if (is === TAKEN && mayRun(Number(state >> 32n))) return false;
  const by = signalIn(table, at);
  const counter = table.counterIn(at);
  // Step clear.free
  if (Atomics.compareExchange(table.states, at / 2, state, changedTo(FREE, state)) !== state) return true;
  // Of a slot that was not published nobody knows which counter it is for.
  if (is === TAKEN) return true;
  // Step clear.uncount
  Atomics.sub(table.words, counter, 1);
  // Step clear.signal
  signal(by);
  return true;
}

/** Whether anything was cleared. */
function clearAll(table: WaitTable): boolean {
  let isCleared = false;
  for (let slot = 0; slot < table.slots; slot += 1) {
    const state = Atomics.load(table.states, table.wordAt(slot) / 2);
    if (what(Number(state & 3n)) === FREE) return true;
    if (!isOver(Number(state & 0xffff_ffffn))) continue;
    if (clear(table, slot, state)) isCleared = true;
  }
  return isCleared;
}

/** By its number alone: if that is another process's by now, a slot stays taken until that ends. */
function mayRun(pid: number): boolean {
  const k = kernel32();
  const handle = Number(k.openProcess(SYNCHRONIZE, 0, pid));
  if (!isHandle(handle)) return k.lastError() !== ERROR.invalidParameter;
  const isRunning = k.waitForSingleObject(handle, 0) !== 0;
  k.closeHandle(handle);
  return isRunning;
}
