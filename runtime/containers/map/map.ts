/**
 * A hash map of all processes: `sessions.get("ayse")`, `sessions.set("ayse", { visits: 1 }, { ttlMs: 60_000 })`.
 *
 *   get      the bucket's stamp, the chain, a copy of the value, the stamp again; once more when an entry was taken out meanwhile
 *   set ...  changer.ts, under the lock. Entries are complete before one store puts them into their chain
 *
 * The steps are those of test/model/map.ts. chains.ts and kernels.ts look through chains and copy, repair.ts makes anew what a death
 * has left.
 */
import { MAP } from "../../../schema/containers/map.js";
import { OWNER } from "../../../schema/containers/owner.js";
import type { Flyweight } from "../../access/flyweight.js";
import { type MemoryView, type RawMemory, rawMemory } from "../../access/memory-view.js";
import type { Snapshot } from "../../access/plain.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkFunction, checkOptions } from "../../arguments/check-options.js";
import { kernelMs, monotonicMs } from "../../monotonic.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { edit, memoryForCopy } from "../parts/local-value.js";
import { OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { Changer } from "./changer.js";
import { ABSENT, type Chains, CHANGED, DAMAGED } from "./chains.js";
import { type Desk, newDesk } from "./desk.js";
import { hashOf, type Seed } from "./hash.js";
import { entriesOf, type Found, type Wanted } from "./iteration.js";
import type { KeyCell } from "./keys.js";
import type {
  Keeping,
  MapChange,
  MapSetAsyncOptions,
  MapSetOptions,
  MapUpdateAsyncOptions,
  MapUpdateOptions,
} from "./options.js";
import { mapPlace, WORD } from "./place.js";
import { changesAlready, damagedChain, damagedLists, full, takenOutTooFast } from "./refusals.js";

/** A map of memory that is only read. */
export type SharedMapReader<K, T> = Pick<
  SharedMap<K, T, never>,
  "get" | "has" | "size" | "capacity" | "keys" | "values" | "entries" | "toJSON" | typeof Symbol.iterator
>;

const NO_OPTIONS = {};
/** Copies in a row that changes may spoil before the clock is asked. */
const TRIES = 1000;

/**
 * A map of all processes and threads that have it. Readers wait for nobody, alive, stopped or dead, and see each value whole; those who
 * change it take turns. Killed at any instruction, a thread leaves each entry as it was or as it was to be.
 */
export class SharedMap<K, T, W = T> extends Container {
  readonly #view: MemoryView;
  readonly #words: Uint32Array;
  readonly #field: string;
  readonly #offset: number;
  readonly #shape: ContainerShape<T, W>;
  readonly #capacity: number;
  readonly #valueSize: number;
  /** What readers have, made at the first use. */
  #chains: Chains | undefined;
  #key: KeyCell | undefined;
  #reading: Desk<T, W> | undefined;
  /** Undefined as long as nothing was ever set. */
  #seed: Seed | undefined;
  /** What is changed, apart: a change may read. */
  #drafting: Desk<T, W> | undefined;
  #lock: OwnerWord | undefined;
  #changer: Changer | undefined;
  /** The last accessor that `get(key, copy)` found to be one of ours, and its memory. */
  #copy: Flyweight | undefined;
  #copyMemory: RawMemory | undefined;

  /** For generated code. @throws ShmError ERR_SHM_RANGE when it does not lie in the memory, ERR_SHM_CLOSED */
  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const { capacity, valueSize } = mapPlace(offset, shape);
    this.#view = view;
    this.#words = rawMemory(view).u32;
    this.#field = nameOf(view, offset, field);
    this.#offset = offset;
    this.#shape = shape;
    this.#capacity = capacity;
    this.#valueSize = valueSize;
  }

  /**
   * Entries that it has, with those that have expired and that nobody has removed yet; after a death, as the one before said it, until
   * the next change. One load, sequentially consistent. @throws ShmError ERR_SHM_CLOSED
   */
  get size(): number {
    this.#checkOpen();
    return Math.min(Atomics.load(this.#words, this.#offset / 4 + WORD.count), this.#capacity);
  }

  /** Entries that it has room for. */
  get capacity(): number {
    this.#checkOpen();
    return this.#capacity;
  }

  /**
   * The value of a key as a plain object, number or text, whole; undefined where there is none. Waits for nobody. With an accessor over
   * private memory, `Session.local()`, the value is copied there without allocation, and the accessor returned; where there is none, it is
   * left with anything.
   * @throws ShmRangeError for what is no key, or another accessor; ShmError ERR_SHM_FORMAT for a damaged chain, ERR_SHM_CLOSED;
   * ERR_SHM_BUSY when entries of the bucket were replaced faster than one could be copied for 5 s
   */
  get(key: K): Snapshot<T> | undefined;
  get<C extends Flyweight>(key: K, copy: C): C | undefined;
  get(key: K, copy?: Flyweight): unknown {
    const chains = this.#chains ?? this.#open();
    if (copy !== undefined) return this.#getInto(chains, key, copy);
    const { value, slots } = this.#reading!;
    return this.#holds(chains, key, value.memory, this.#valueSize) ? slots.copy(0) : undefined;
  }

  /** Whether there is such a key. @throws as {@link SharedMap.get} */
  has(key: K): boolean {
    const chains = this.#chains ?? this.#open();
    return this.#holds(chains, key, this.#reading!.value.memory, 0);
  }

  /**
   * Sets the value of a key; fields of a struct that are not given are zero. Readers see the old value or the new one, whole. Others who
   * change the map wait meanwhile. Entries that have expired make room, the oldest ones first.
   * @throws ShmError ERR_SHM_BUSY where the map is full and nothing is to be evicted, at the timeout, with who changes the map, and inside of
   * an update; ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT, ERR_SHM_CLOSED; ShmRangeError for a key or value that does not fit
   */
  set(key: K, value: W, options: MapSetOptions = NO_OPTIONS): this {
    if (options !== NO_OPTIONS) checkOptions(options, "set");
    this.#lockNow().take(options.timeoutMs);
    this.#set(key, value, options);
    return this;
  }

  /** As {@link SharedMap.set}, without blocking. The value is read when it is this one's turn. */
  async setAsync(key: K, value: W, options: MapSetAsyncOptions = NO_OPTIONS): Promise<void> {
    if (options !== NO_OPTIONS) checkOptions(options, "setAsync");
    await this.#lockNow().turnAsync(() => this.#set(key, value, options), options);
  }

  /**
   * Changes the value of a key: `change` is given a private copy, and what it leaves there, or returns for a number or text, is the new value.
   * No other change comes between. Where there is no such key, `initial` is what is changed, and without that nothing is done. Says whether
   * there is one now. If `change` throws, the old value stays.
   * @throws as {@link SharedMap.set}; ShmRangeError for a function that returns a promise, or another object instead of changing its argument
   */
  update(key: K, change: MapChange<T, W>, options: MapUpdateOptions<W> = NO_OPTIONS): boolean {
    checkFunction(change, "change");
    if (options !== NO_OPTIONS) checkOptions(options, "update");
    this.#lockNow().take(options.timeoutMs);
    return this.#update(key, change as (value: T) => W, options);
  }

  /** As {@link SharedMap.update}, without blocking. `change` itself is not to be asynchronous. */
  async updateAsync(key: K, change: MapChange<T, W>, options: MapUpdateAsyncOptions<W> = NO_OPTIONS): Promise<boolean> {
    checkFunction(change, "change");
    if (options !== NO_OPTIONS) checkOptions(options, "updateAsync");
    return this.#lockNow().turnAsync(() => this.#update(key, change as (value: T) => W, options), options);
  }

  /** Removes a key. Whether it was there. @throws as {@link SharedMap.set} */
  delete(key: K, options: WaitOptions = NO_OPTIONS): boolean {
    if (options !== NO_OPTIONS) checkOptions(options, "wait");
    this.#lockNow().take(options.timeoutMs);
    return this.#delete(key);
  }

  /** As {@link SharedMap.delete}, without blocking. */
  async deleteAsync(key: K, options: WaitAsyncOptions = NO_OPTIONS): Promise<boolean> {
    if (options !== NO_OPTIONS) checkOptions(options, "waitAsync");
    return this.#lockNow().turnAsync(() => this.#delete(key), options);
  }

  /**
   * Removes all entries, one bucket after the other; also where they are damaged. Takes time for each of them.
   * @throws as {@link SharedMap.set}
   */
  clear(options: WaitOptions = NO_OPTIONS): void {
    if (options !== NO_OPTIONS) checkOptions(options, "wait");
    this.#lockNow().take(options.timeoutMs);
    this.#clear();
  }

  /** As {@link SharedMap.clear}, without waiting in a blocking way. */
  async clearAsync(options: WaitAsyncOptions = NO_OPTIONS): Promise<void> {
    if (options !== NO_OPTIONS) checkOptions(options, "waitAsync");
    await this.#lockNow().turnAsync(() => this.#clear(), options);
  }

  /**
   * Keys with their values, in no certain order. Each is whole, and none comes twice. A key that is there from the beginning to the end of
   * the iteration comes once, with a value that it had meanwhile; what is added or removed meanwhile may come or not.
   * @throws as {@link SharedMap.get}
   */
  entries(): Generator<[K, Snapshot<T>], undefined, undefined> {
    this.#checkOpen();
    return this.#all("both", ({ key, value }): [K, Snapshot<T>] => [key as K, value as Snapshot<T>]);
  }

  /** As {@link SharedMap.entries}. */
  [Symbol.iterator](): Generator<[K, Snapshot<T>], undefined, undefined> {
    return this.entries();
  }

  /** As {@link SharedMap.entries}, keys alone. */
  keys(): Generator<K, undefined, undefined> {
    this.#checkOpen();
    return this.#all("keys", ({ key }) => key as K);
  }

  /** As {@link SharedMap.entries}, values alone. */
  values(): Generator<Snapshot<T>, undefined, undefined> {
    this.#checkOpen();
    return this.#all("values", ({ value }) => value as Snapshot<T>);
  }

  /** Its state, for people. What it holds is had by `[...map]`. */
  override toJSON(): { size: number; capacity: number } {
    return { size: this.size, capacity: this.capacity };
  }

  /**
   * Frees the lock, after it has said that the dead had it: lists may be half changed, and whoever has the lock next makes them anew. Not
   * here, since that one may be alive and stopped.
   */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number }: Death): void {
    const words = memory.u32;
    const lock = (offset + MAP.at.lock) / 4;
    if (ownerOf(words, lock) !== number) return;
    Atomics.add(words, offset / 4 + WORD.losses, 1); // Step recover.losses
    recoverOwner(memory, lock, number, OWNER.free);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    return ownerOf(memory.u32, (offset + MAP.at.lock) / 4) === number ? "changing" : undefined;
  }

  static {
    spoilable<SharedMap<unknown, unknown>, Chains & OwnerWord & Desk<unknown, unknown>>(this, (own, unusable) => {
      own.#chains = own.#reading = own.#lock = unusable;
    });
  }

  #getInto(chains: Chains, key: K, copy: Flyweight): Flyweight | undefined {
    const memory = copy === this.#copy ? this.#copyMemory! : this.#memoryOf(copy);
    const own = this.#reading!.value.memory;
    const isNear = memory.wasm === own.wasm;
    if (!this.#holds(chains, key, isNear ? memory : own, this.#valueSize)) return undefined;
    // Kernels copy to one private memory; where it was full, accessors that were made later lie in another one.
    if (!isNear) memory.u8.set(own.u8);
    return copy;
  }

  /** Copies the value of a key, if there is one. */
  #holds(chains: Chains, key: K, to: RawMemory, size: number): boolean {
    const cell = this.#key!;
    const length = cell.put(key);
    const seed = this.#seed ?? this.#drawnSeed();
    if (seed === undefined) return false;
    const hash = hashOf(cell.words, length, seed);
    const until = chains.get(hash, cell.memory, to, size);
    if (until === 0) return true;
    if (until === ABSENT) return false;
    return this.#holdsStill(until, chains, hash, to, size);
  }

  /** Of what expires, and of chains that were changed meanwhile. */
  #holdsStill(found: number, chains: Chains, hash: number, to: RawMemory, size: number): boolean {
    let until = found;
    for (let tries = 1, deadline = 0; until === CHANGED; tries += 1) {
      if (tries % TRIES === 0) {
        if (deadline === 0) deadline = monotonicMs() + TIMEOUT_MS;
        else if (monotonicMs() > deadline) throw takenOutTooFast(this.#view.label, this.#field);
      }
      until = chains.get(hash, this.#key!.memory, to, size);
    }
    if (until === DAMAGED) throw damagedChain(this.#view.label, this.#field);
    return until !== ABSENT && (until === 0 || until > kernelMs());
  }

  #all<R>(wanted: Wanted, shown: (found: Found) => R): Generator<R, undefined, undefined> {
    const desk = this.#reading ?? (this.#open(), this.#reading!);
    return entriesOf(desk, { view: this.#view, field: this.#field }, wanted, shown);
  }

  #set(key: K, value: W, options: Keeping): void {
    const lock = this.#lock!;
    try {
      const desk = this.#drafting!;
      const length = desk.key.put(key);
      desk.slots.store(0, value);
      this.#checkOpen();
      const changer = this.#begun();
      const hash = hashOf(desk.key.words, length, changer.seed());
      const link = this.#find(desk, hash);
      if (link === 0) this.#makeRoom(changer, options);
      this.#put(changer, desk, link, hash, options.ttlMs === undefined ? 0 : untilOf(options.ttlMs));
    } finally {
      lock.release();
    }
  }

  #update(key: K, change: (value: T) => W, options: Keeping & { readonly initial?: W }): boolean {
    const lock = this.#lock!;
    try {
      const desk = this.#drafting!;
      const { initial, ttlMs } = options;
      const length = desk.key.put(key);
      const changer = this.#begun();
      const hash = hashOf(desk.key.words, length, changer.seed());
      const link = this.#find(desk, hash);
      let until = link === 0 ? ABSENT : desk.chains.get(hash, desk.key.memory, desk.value.memory, this.#valueSize);
      if (until < 0 || (until > 0 && until <= kernelMs())) {
        if (initial === undefined) return false;
        desk.slots.store(0, initial);
        until = 0;
      }
      const { of } = this.#shape;
      edit(desk.value, of!, { change, value: undefined, path: this.#view.label, field: this.#field });
      this.#checkOpen();
      if (link === 0) this.#makeRoom(changer, options);
      this.#put(changer, desk, link, hash, ttlMs === undefined ? until : untilOf(ttlMs));
      return true;
    } finally {
      lock.release();
    }
  }

  #delete(key: K): boolean {
    const lock = this.#lock!;
    try {
      const desk = this.#drafting!;
      const length = desk.key.put(key);
      const changer = this.#begun();
      const link = this.#find(desk, hashOf(desk.key.words, length, changer.seed()));
      if (link === 0) return false;
      const until = changer.expiryOf(link);
      changer.remove(link);
      return until === 0 || until > kernelMs();
    } finally {
      lock.release();
    }
  }

  #clear(): void {
    const lock = this.#lock!;
    try {
      this.#changer!.clear();
    } finally {
      lock.release();
    }
  }

  #put(changer: Changer, { key, value }: Desk<T, W>, link: number, hash: number, expires: number): void {
    changer.put(link, { hash, key: key.memory, value: value.memory, expires });
  }

  /** What is done first under the lock. */
  #begun(): Changer {
    const changer = this.#changer!;
    changer.begin();
    return changer;
  }

  #find({ chains, key }: Desk<T, W>, hash: number): number {
    const link = chains.find(hash, key.memory);
    if (link < 0) throw damagedChain(this.#view.label, this.#field);
    return link;
  }

  #makeRoom(changer: Changer, { evict }: Keeping): void {
    if (!changer.makeRoom(evict === "oldest")) throw full(this.#view.label, this.#field, this.#capacity);
  }

  /** Also asked after calls of the user's code, which may have closed the region. @throws ShmError ERR_SHM_CLOSED */
  #checkOpen(): void {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
  }

  /** The hash's key, once there is one. It never changes. */
  #drawnSeed(): Seed | undefined {
    const first = this.#offset / 4;
    const low = Atomics.load(this.#words, first + WORD.seed);
    if (low === 0) return undefined;
    return (this.#seed = { low, high: Atomics.load(this.#words, first + WORD.seedHigh) });
  }

  #memoryOf(copy: Flyweight): RawMemory {
    this.#copyMemory = memoryForCopy(copy, this.#reading!.value, this.#field);
    this.#copy = copy;
    return this.#copyMemory;
  }

  #open(): Chains {
    const desk = (this.#reading = newDesk(this.#view, this.#offset, this.#shape, this.#field));
    this.#key = desk.key;
    return (this.#chains = desk.chains);
  }

  #lockNow(): OwnerWord {
    if (this.#lock !== undefined) return this.#lock;
    const { place, chains } = (this.#drafting = newDesk(this.#view, this.#offset, this.#shape, this.#field));
    const damaged = (): Error => damagedLists(this.#view.label, this.#field);
    this.#changer = new Changer(rawMemory(this.#view), place, chains, damaged);
    return (this.#lock = new OwnerWord(this.#view, this.#offset / 4 + WORD.lock, this.#field, changesAlready));
  }
}

/** When an entry expires that holds for so long: in ms of CLOCK_MONOTONIC, 0 for never. */
function untilOf(ttlMs: number): number {
  return ttlMs === Infinity ? 0 : Math.min(Math.ceil(kernelMs() + ttlMs), Number.MAX_SAFE_INTEGER);
}
