/**
 * Memory of this process alone as a region: a SharedArrayBuffer, with the header of all regions at its beginning.
 *
 *   in   createLocal (a new buffer), fromShared (one that another thread of this process has posted)
 *   out  {@link RegionMemory}: views, futexes by `Atomics`, participants by words; growth
 *
 * There is no file, so nothing has to be locked, and nobody who has died has to be found. The description of the layout is left out, which is for other
 * programs, and with it the order of steps by which it makes room for a tail: here a tail grows by two atomic steps, longer memory first and then
 * the length, of which either leaves all as it has to be.
 */
import { HEADER_OFFSET as AT } from "../../schema/region-format.js";
import type { StructLayout } from "../access/layout.js";
import type { FutexPort } from "../access/memory-view.js";
import { type Extent, type KnownContainers, type Plan, extentOf, planOf } from "../format/plan.js";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { damagedTail } from "../mapping/refusals.js";
import type { KnownTail, RegionMemory, ViewSource } from "../mapping/region-memory.js";
import { LOCAL_KIND, type SharedFacts, type SharedLocal } from "../mapping/shared-form.js";
import { growablePlan, hasLength, tailWords } from "../mapping/tail.js";
import type { RegionParticipant } from "../participants/describe.js";
import type { RegionOwner } from "../wait/owners.js";
import { LocalFutex } from "./local-futex.js";
import { LocalParticipants } from "./local-participants.js";
import { growthBeyondReserve, localDeaths, localWithout, noLocalMemory, noSharedMemory } from "./refusals.js";

/** Growing buffers, which some libraries of types do not know yet. */
interface GrowingBuffer extends SharedArrayBuffer {
  readonly maxByteLength: number;
  grow(size: number): void;
}
type BufferMaker = new (size: number, options?: { readonly maxByteLength: number }) => GrowingBuffer;

/** Everybody who sleeps. */
const ALL = 0x7fff_ffff;

/** A plan without the description of the layout. */
export function localPlanOf(definition: RegionDefinition<Flyweight, Flyweight>): Plan {
  return { ...planOf(definition), descriptor: new Uint8Array(0) };
}

/** Zeros. @throws ShmError ERR_SHM_UNSUPPORTED, ERR_SHM_NO_SPACE */
export function newBuffer(size: number, most: number, path: string): SharedArrayBuffer {
  const { SharedArrayBuffer: Shared } = globalThis as unknown as { readonly SharedArrayBuffer?: BufferMaker };
  if (Shared === undefined) throw noSharedMemory(path);
  try {
    return most > size ? new Shared(size, { maxByteLength: most }) : new Shared(size);
  } catch (cause) {
    throw noLocalMemory(most, path, cause);
  }
}

/** What is the same in all threads that have it. */
export interface LocalParts {
  readonly id: string;
  readonly path: string;
  readonly buffer: SharedArrayBuffer;
  readonly recoverers: Int32Array;
}

/** By id, what this thread has of each: a posted buffer is another object, and a thread has one number. Those that nobody has in hand go. */
const known = new Map<string, WeakRef<LocalMemory>>();
const collected = new FinalizationRegistry<string>((id) => {
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/** What this thread has of a memory. */
export function localMemory(parts: LocalParts): LocalMemory {
  const found = known.get(parts.id)?.deref();
  if (found !== undefined) return found;
  const made = new LocalMemory(parts);
  known.set(parts.id, new WeakRef(made));
  collected.register(made, parts.id);
  return made;
}

export class LocalMemory implements RegionMemory, ViewSource {
  readonly kind = "local";
  readonly access = "read-write";
  /** Nobody can shorten it. */
  readonly sealed = true;
  readonly wasm = undefined;
  readonly path: string;
  readonly buffer: SharedArrayBuffer;
  readonly #id: string;
  readonly #recoverers: Int32Array;
  #participants: LocalParticipants | undefined;
  #handles = 0;

  constructor({ id, path, buffer, recoverers }: LocalParts) {
    this.path = path;
    this.buffer = buffer;
    this.#id = id;
    this.#recoverers = recoverers;
  }

  get source(): this {
    return this;
  }
  get participants(): LocalParticipants | undefined {
    return this.#participants;
  }
  get descriptor(): number {
    throw localWithout("descriptor", this.path);
  }

  futexOf(offset: number, size: number): FutexPort {
    return new LocalFutex(this.buffer, offset, size, this.path);
  }

  participantsOf(containers: KnownContainers | undefined, payload: number): LocalParticipants | undefined {
    if (containers !== undefined && containers.participants > 0) {
      const { buffer, path } = this;
      const size = buffer.byteLength;
      const table = { buffer, recoverers: this.#recoverers, size, path, containers, payload };
      this.#participants ??= new LocalParticipants(table);
    }
    return this.#participants;
  }

  retain(): void {
    this.#handles += 1;
  }

  release(): void {
    this.#handles -= 1;
    if (this.#handles > 0) return;
    this.#participants?.close();
    // Who opens it again takes part anew.
    this.#participants = undefined;
  }

  token(): string {
    throw localWithout("token", this.path);
  }
  isCurrent(): boolean {
    return true;
  }
  isCutShort(): boolean {
    return false;
  }
  /** Processes have the lock of a file. */
  owners(): RegionOwner[] {
    return [];
  }
  listParticipants(): RegionParticipant[] {
    return this.#participants?.list() ?? [];
  }
  /** Whoever has a number is alive. */
  recoverAll(): number[] {
    return [];
  }
  onPeerDeath(): () => void {
    throw localDeaths(this.path);
  }
  /** What never had a name loses none. */
  onRemoved(): () => void {
    return () => undefined;
  }

  growTail(tail: KnownTail, wanted: number): void {
    const { path } = this;
    const plan = growablePlan(tail, wanted, this);
    const buffer = this.buffer as GrowingBuffer;
    if (hasLength(tailWords(buffer).tailLength, wanted, tail.tailLength, path)) return;
    const { size } = extentOf(plan, wanted, path);
    try {
      if (size > buffer.byteLength) buffer.grow(size); // Step local.lengthen
    } catch (cause) {
      // Somebody else has made it longer than that in the meantime, or it cannot be so long.
      if (size > buffer.maxByteLength) throw growthBeyondReserve(size, buffer.maxByteLength, path);
      if (size > buffer.byteLength) throw noLocalMemory(size, path, cause);
    }
    const word = new BigUint64Array(buffer, AT.tailLength, 1);
    // Step local.loadLength
    for (let now = Atomics.load(word, 0); now < BigInt(wanted);) {
      const found = Atomics.compareExchange(word, 0, now, BigInt(wanted)); // Step local.storeLength
      if (found === now) break;
      now = found;
    }
    Atomics.notify(new Int32Array(buffer, AT.tailLength, 1), 0, ALL);
  }

  follow({ plan, tailLength }: KnownTail, _layout: StructLayout): Extent | undefined {
    const { path, buffer } = this;
    if (plan === undefined || plan.tailStride === 0) return undefined;
    const found = tailWords(buffer).tailLength;
    if (found === tailLength) return undefined;
    const size = buffer.byteLength;
    const facts = { field: "tailLength", expected: `at least ${tailLength}`, found, path };
    if (found < tailLength || plan.headerSize + plan.payloadSize + found * plan.tailStride > size) {
      throw damagedTail(facts, size);
    }
    return extentOf(plan, found, path);
  }

  share({ name }: SharedFacts): SharedLocal {
    return { kind: LOCAL_KIND, id: this.#id, name, path: this.path, buffer: this.buffer, recoverers: this.#recoverers };
  }
}
