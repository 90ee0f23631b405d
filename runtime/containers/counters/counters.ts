/**
 * `counters<N>`: series of numbers for monitoring, each changed by one thread. Their bytes are in schema/containers/counters.ts, their steps in
 * test/model/counters.ts.
 *
 *   ask     under the lock: a kept series of the same key, by its state; else a free place, whose stamp, kind, texts and values are stored,
 *           and then its state: who has it, the one store that counts
 *   count   by who has the series, by one plain store of 8 bytes
 *   read    without the lock: a copy between two looks at the stamp
 *   remove  under the lock: the state, then the list
 *   death   the states of the dead become those of kept series, or free, by compare and exchange, without the lock; `losses` says that the
 *           list is incomplete, and the next to have the lock makes it anew
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { COUNTERS, SERIES, SERIES_KIND } from "../../../schema/containers/counters.js";
import {
  isLabelName,
  isLabelValue,
  isMetricName,
  type Labels,
  seriesKey,
} from "../../../schema/containers/series-key.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { ShmErrorFacts } from "../../errors.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { AskedOwners } from "../parts/asked-owners.js";
import { FreeList, mendLists } from "../parts/free-list.js";
import { OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { TakingPart } from "../parts/taking-part.js";
import {
  bucketsAt,
  compareKey,
  entryAt,
  kindName,
  type Lookalike,
  lookalikeAt,
  lookalikesOf,
  readSeries,
  type SeriesEntries,
  type SeriesKind,
  type SeriesState,
  storeTexts,
  zeroValues,
} from "./entries.js";
import { addSeries, endSeries } from "./own-series.js";
import {
  badLabelName,
  badLabels,
  badLabelValue,
  badName,
  damagedSeries,
  noSeries,
  otherKind,
  partOfHistogram,
  seriesIsOver,
  textTooLong,
} from "./refusals.js";
import { Counter, Gauge, Histogram, type SeriesPlace } from "./series.js";

const AT = COUNTERS.at;
const STATE = SERIES.state / 4;
/** The state of a series that is nobody's, and whose values hold. */
const KEPT = OWNER.abandoned;
const NO_OPTIONS: SeriesOptions = {};
/** Owners of the same key that are asked whether they live. */
const ASKED_MAX = 64;
const encoder = new TextEncoder();

/** How a series is made. */
export interface SeriesOptions {
  /** What it counts, for people: up to 120 bytes of UTF-8. Of a series that is taken over, what stands there stays. */
  readonly help?: string;
  /**
   * What becomes of it when its thread dies or closes the region: "keep", so that sums over all threads do not fall, which is the default of
   * counters and histograms, or "drop", the default of gauges.
   */
  readonly onDeath?: "keep" | "drop";
}

/** What somebody asks for. */
interface Request {
  readonly kind: SeriesKind;
  readonly name: string;
  readonly labels: Labels;
  readonly text: string;
  readonly key: Uint8Array;
  readonly help: Uint8Array;
  readonly flags: number;
  readonly lookalikes: readonly Lookalike[];
}

/** What was found: a place that is this thread's now, an owner to ask for, or that there is no room. */
type Found = { readonly index: number } | { readonly owner: number } | "full";

/**
 * Counters, gauges and histograms with labels, of all threads of all processes. Each is changed by the thread that asked for it, at the price of a
 * store; everybody may read all. SIGKILL at any instruction leaves every series with what it had counted: whoever asks for the same
 * name and labels next goes on with it.
 */
export class Counters extends Container {
  readonly #view: MemoryView;
  readonly #words: Uint32Array;
  /** Of the first word in `words`. */
  #base: number;
  readonly #place: SeriesEntries;
  readonly #field: string;
  readonly #lock: OwnerWord;
  readonly #list: FreeList;
  readonly #part: TakingPart;
  readonly #owners: AskedOwners;
  /** Those of this thread, by their keys. */
  readonly #own = new Map<string, Counter | Gauge | Histogram>();

  static {
    spoilable<Counters, never>(this, (own, unusable) => {
      own.#base = unusable;
    });
  }

  /** Keeps or frees the series of the dead, as each was declared; frees the lock, and says that the list is incomplete. */
  static recover(memory: RawMemory, offset: number, shape: ContainerShape, { number }: Death): void {
    const words = memory.u32;
    const place = placeOf(memory, offset, shape);
    for (let index = 0; index < place.length; index += 1) {
      const at = entryAt(place, index) / 4;
      if (Atomics.load(words, at + STATE) !== number) continue;
      const isKept = (Atomics.load(words, at + SERIES.kind / 4) & SERIES_KIND.kept) !== 0;
      Atomics.compareExchange(words, at + STATE, number, isKept ? KEPT : OWNER.free); // Step recover.slot
    }
    // Whether there were any or not: who recovered before may have died here, and the dead one with the lock.
    Atomics.add(words, (offset + AT.losses) / 4, 1); // Step recover.losses
    recoverOwner(memory, (offset + AT.lock) / 4, number, OWNER.free);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, shape: ContainerShape, number: number): string | undefined {
    const place = placeOf(memory, offset, shape);
    let count = 0;
    for (let index = 0; index < place.length; index += 1) {
      if (Atomics.load(memory.u32, entryAt(place, index) / 4 + STATE) === number) count += 1;
    }
    const parts = [
      ...(count === 0 ? [] : [`${count} series`]),
      ...(ownerOf(memory.u32, (offset + AT.lock) / 4) === number ? ["the lock"] : []),
    ];
    return parts.length === 0 ? undefined : parts.join(" and ");
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    const memory = rawMemory(view);
    const place = placeOf(memory, offset, shape);
    const word = (at: number): number => (offset + at) / 4;
    this.#view = view;
    this.#words = memory.u32;
    this.#base = offset / 4;
    this.#place = place;
    this.#field = name;
    this.#lock = new OwnerWord(view, word(AT.lock), name);
    this.#list = new FreeList({
      words: memory.u32,
      fresh: word(AT.fresh),
      free: word(AT.free),
      state: place.entries / 4 + STATE,
      next: (place.entries + SERIES.next) / 4,
      stride: SERIES.size / 4,
      length: place.length,
    });
    this.#part = new TakingPart(view, name);
    this.#owners = new AskedOwners({
      part: this.#part,
      length: place.length,
      ownerAt: (index) => this.#stateOf(index),
      nobody: KEPT,
      path: view.label,
      field: name,
    });
  }

  /** Series that there can be. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#place.length;
  }

  /**
   * A counter of this thread: the one that it has by this name and these labels already; else one that was kept, with what that has counted; else
   * a new one. Another living thread may have one of the same key as well: who reads adds them. Keep what this gives, and call
   * its `add` where something happens.
   *
   * @param name letters, digits, `_` and `:`; by custom it ends in `_total`
   * @param labels texts by names; with the name up to 176 bytes, as Prometheus writes them
   * @throws ShmRangeError for wrong or too long texts, and for a name that is another kind's, or a part of a histogram's in
   * Prometheus' text, `a_sum` beside a histogram `a`; ShmError ERR_SHM_BUSY when the living and the
   * kept have all series, or another thread is within a call for 5 s, because it is stopped; ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED for memory
   * without participants, ERR_SHM_FORMAT for words that others have damaged, ERR_SHM_CLOSED
   */
  counter(name: string, labels: Labels = {}, options: SeriesOptions = NO_OPTIONS): Counter {
    return this.#ask("counter", name, labels, options) as Counter;
  }

  /** As {@link counter}, a gauge. It goes with its thread, unless it is asked for with `onDeath: "keep"`. */
  gauge(name: string, labels: Labels = {}, options: SeriesOptions = NO_OPTIONS): Gauge {
    return this.#ask("gauge", name, labels, options) as Gauge;
  }

  /** As {@link counter}, a histogram: 256 buckets, four for each power of two from 2^-24 to 2^39. */
  histogram(name: string, labels: Labels = {}, options: SeriesOptions = NO_OPTIONS): Histogram {
    return this.#ask("histogram", name, labels, options) as Histogram;
  }

  /**
   * All series that threads have, or that were kept, each whole, and all of no one moment. Takes no lock; also of a region that is opened
   * read-only. Left out are places whose words nobody leaves who keeps to the rules. @throws ShmError ERR_SHM_CLOSED
   */
  series(): SeriesState[] {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const found: SeriesState[] = [];
    for (let index = 0; index < this.#place.length; index += 1) {
      const one = readSeries(this.#place, index);
      if (one !== undefined) found.push(one);
    }
    return found;
  }

  /** Frees the series that were kept, and that nobody has: how many. @throws ShmError as {@link counter} */
  dropKept(): number {
    let count = 0;
    const lock = this.#lock;
    lock.take();
    try {
      this.#mend();
      for (let index = 0; index < this.#place.length; index += 1) {
        if (this.#stateOf(index) !== KEPT) continue;
        this.#free(index, KEPT);
        count += 1;
      }
    } finally {
      lock.release();
    }
    return count;
  }

  /** Its state, for people. */
  toJSON(): { series: number; kept: number; capacity: number } {
    const capacity = this.capacity;
    let [series, kept] = [0, 0];
    for (let index = 0; index < capacity; index += 1) {
      const state = this.#stateOf(index);
      if (state !== OWNER.free) series += 1;
      if (state === KEPT) kept += 1;
    }
    return { series, kept, capacity };
  }

  #ask(kind: SeriesKind, name: string, labels: Labels, options: SeriesOptions): Counter | Gauge | Histogram {
    const request = this.#request(kind, name, labels, options);
    const own = this.#own.get(request.text);
    if (own === undefined) return this.#made(request, this.#index(request));
    if (own.kind !== kind) throw otherKind(this.#facts, name, own.kind, kind);
    return own;
  }

  #request(kind: SeriesKind, name: string, labels: Labels, options: SeriesOptions): Request {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    checkOptions(options, "series");
    const field = this.#field;
    if (!isMetricName(name)) throw badName(field, name);
    if (typeof labels !== "object" || labels === null || Array.isArray(labels)) throw badLabels(field, labels);
    for (const [label, value] of Object.entries(labels)) {
      if (!isLabelName(label)) throw badLabelName(field, label);
      if (!isLabelValue(value)) throw badLabelValue(field, label, value);
    }
    const text = seriesKey(name, labels);
    const [key, help] = [encoder.encode(text), encoder.encode(options.help ?? "")];
    if (key.length > SERIES.keySize) throw textTooLong(field, "name and labels", SERIES.keySize, key.length);
    if (help.length > SERIES.helpSize) throw textTooLong(field, "help", SERIES.helpSize, help.length);
    const isKept = (options.onDeath ?? (kind === "gauge" ? "drop" : "keep")) === "keep";
    const flags = SERIES_KIND[kind] | (isKept ? SERIES_KIND.kept : 0);
    return { kind, name, labels: { ...labels }, text, key, help, flags, lookalikes: lookalikesOf(kind, name) };
  }

  /** The place of a series that is this thread's now. */
  #index(request: Request): number {
    const asked = new Set<number>();
    let hasAsked = false;
    for (;;) {
      const found = this.#tryTake(request, asked);
      if (found === "full") {
        if (hasAsked || this.#owners.ask(this.#lock.self()) !== "recovered") {
          throw noSeries(this.#facts, this.#place.length, this.toJSON().kept);
        }
        hasAsked = true;
      } else if ("index" in found) return found.index;
      else {
        // Who restarts finds its series here before anybody has missed it.
        const { owner } = found;
        asked.add(owner);
        this.#part.hasRecovered(owner, () => true); // Step series.isAlive
      }
    }
  }

  #tryTake(request: Request, asked: ReadonlySet<number>): Found {
    const lock = this.#lock;
    lock.take();
    try {
      this.#mend();
      return this.#find(request, asked) ?? this.#allot(request);
    } finally {
      lock.release();
    }
  }

  /** By who has the lock: a series of the same key that can be had, or somebody who may be dead and has one. */
  #find({ kind, name, key, flags, lookalikes }: Request, asked: ReadonlySet<number>): Found | undefined {
    const [words, place, me] = [this.#words, this.#place, this.#lock.self()];
    let kept = -1;
    let owner: number = OWNER.free;
    for (let index = 0; index < place.length; index += 1) {
      const state = this.#stateOf(index); // Step series.look
      if (state === OWNER.free) continue;
      const has = kindName(Atomics.load(words, entryAt(place, index) / 4 + SERIES.kind / 4));
      const lookalike = lookalikeAt(place, index, has, lookalikes);
      if (lookalike !== undefined) throw this.#isPart(lookalike, has);
      const same = compareKey(place, index, key, name.length);
      if (same === "other") continue;
      if (has !== kind) throw otherKind(this.#facts, name, has ?? "damaged series", kind);
      if (same === "name") continue;
      // By another handle of the region.
      if (state === me) return { index };
      if (state === KEPT) kept = index;
      else if (state <= OWNER.most && asked.size < ASKED_MAX && !asked.has(state)) owner = state;
    }
    if (kept < 0) return owner === OWNER.free ? undefined : { owner };
    const at = entryAt(place, kept) / 4;
    // Nobody else changes it: it is no dead one's, and the lock is ours.
    Atomics.store(words, at + SERIES.kind / 4, flags); // Step series.again
    Atomics.store(words, at + STATE, me); // Step series.own
    return { index: kept };
  }

  /** By who has the lock. */
  #allot(request: Request): Found {
    let index = this.#list.take();
    if (index < -1) {
      this.#list.rebuild();
      index = this.#list.take();
      if (index < -1) throw damagedSeries(this.#facts);
    }
    if (index === -1) return "full";
    const words = this.#words;
    const at = entryAt(this.#place, index) / 4;
    // Before anything else: who still copies what was here before throws it away.
    Atomics.add(words, at + SERIES.stamp / 4, 1); // Step series.stamp
    Atomics.store(words, at + SERIES.kind / 4, request.flags); // Step series.kind
    storeTexts(this.#place, index, request.key, request.help);
    zeroValues(this.#place, index);
    Atomics.store(words, at + STATE, this.#lock.self()); // Step series.publish
    return { index };
  }

  #made({ kind, text, name, labels }: Request, index: number): Counter | Gauge | Histogram {
    const at = entryAt(this.#place, index);
    const place: SeriesPlace = {
      view: this.#view,
      index,
      value: at + SERIES.value,
      buckets: bucketsAt(this.#place, index),
      key: text,
      name,
      labels,
      remove: (own) => this.#remove(own),
      ended: (own) => this.#own.delete(own.key),
      over: (key) => seriesIsOver(this.#facts, key),
    };
    const made = new CLASSES[kind](place);
    this.#own.set(text, made);
    addSeries(this.#part.port, at / 4, made);
    return made;
  }

  #remove({ index }: SeriesPlace): void {
    const lock = this.#lock;
    lock.take();
    try {
      this.#mend();
      this.#free(index, lock.self());
    } finally {
      lock.release();
    }
    endSeries(this.#part.port, entryAt(this.#place, index) / 4);
  }

  /** By who has the lock: frees a place that `state` has. */
  #free(index: number, state: number): void {
    const at = entryAt(this.#place, index) / 4;
    // Step remove.publish
    if (Atomics.compareExchange(this.#words, at + STATE, state, OWNER.free) === state) this.#list.give(index);
  }

  #isPart(found: Lookalike, kind: SeriesKind | undefined): Error {
    return partOfHistogram(this.#facts, found, { name: found.name, kind: kind ?? "damaged series" });
  }

  #mend(): void {
    const base = this.#base;
    mendLists(this.#words, { losses: base + AT.losses / 4, repaired: base + AT.repaired / 4 }, () =>
      this.#list.rebuild(),
    );
  }

  #stateOf(index: number): number {
    return Atomics.load(this.#words, entryAt(this.#place, index) / 4 + STATE);
  }

  get #facts(): ShmErrorFacts {
    return { path: this.#view.label, field: this.#field };
  }
}

const CLASSES = { counter: Counter, gauge: Gauge, histogram: Histogram };

function placeOf(memory: RawMemory, offset: number, { at, length = 0 }: ContainerShape): SeriesEntries {
  return { memory, entries: offset + (at["entries"] ?? 0), buckets: offset + (at["buckets"] ?? 0), length };
}

/** Counters in memory that is only read. */
export type CountersReader = Pick<Counters, "series" | "capacity" | "toJSON">;
