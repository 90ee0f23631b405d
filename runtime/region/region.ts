import type { Flyweight, FlyweightReader } from "../access/flyweight.js";
import { type MemoryView, rawMemory } from "../access/memory-view.js";
import type { MappingKind } from "../os/memory.js";
import { names } from "./entry.js";
import { type RegionHeader, readHeader } from "./header.js";
import type { Lifeline } from "./lifeline.js";
import { closeLifeline } from "./lifeline.js";
import type { RegionFutex } from "./region-futex.js";

/** How a region came to be open. */
export type RegionOutcome = "created" | "opened" | "reinitialised" | "attached";

/** What a {@link Region} is made of. */
export interface RegionParts<T> {
  readonly name: string;
  readonly path: string;
  readonly outcome: RegionOutcome;
  readonly data: T;
  readonly memory: MemoryView;
  readonly kind: MappingKind;
  readonly generation: number;
  /** Undefined where there is no standard header. */
  readonly headerCopy: Uint8Array | undefined;
  readonly lifeline: Lifeline;
  readonly futex: RegionFutex;
}

const inspect = Symbol.for("nodejs.util.inspect.custom");

/**
 * An open region: its data, and what can be done with the region as a whole.
 * While it is open, the process holds a kernel lock that tells others that it is in use.
 */
export class Region<T extends Flyweight | FlyweightReader = Flyweight> {
  readonly #parts: RegionParts<T>;
  #header: RegionHeader | undefined;
  #closed = false;

  /** @internal */
  constructor(parts: RegionParts<T>) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }
  get path(): string {
    return this.#parts.path;
  }
  /** Whether this call created the region, found it alive, made a left-over anew, or attached foreign memory. */
  get outcome(): RegionOutcome {
    return this.#parts.outcome;
  }
  /** The fields. After close every use of them throws ERR_SHM_CLOSED. */
  get data(): T {
    return this.#parts.data;
  }
  /** The whole mapping, header included. */
  get memory(): MemoryView {
    return this.#parts.memory;
  }
  /** "wasm": a real SharedArrayBuffer, which workers can share. "view": an external ArrayBuffer. */
  get kind(): MappingKind {
    return this.#parts.kind;
  }
  /** Initialisations of this file up to now, this one included; 0 where the header has none. */
  get generation(): number {
    return this.#parts.generation;
  }
  /** Bytes that are mapped. */
  get size(): number {
    return this.#parts.memory.byteLength;
  }
  /** Elements of the tail. */
  get tailLength(): number {
    return this.#parts.memory.tailLength;
  }
  get readOnly(): boolean {
    return this.#parts.memory.readOnly;
  }
  get closed(): boolean {
    return this.#closed;
  }
  /** The header as validated; undefined for foreign memory and the dotnet header. */
  get header(): RegionHeader | undefined {
    const { headerCopy } = this.#parts;
    return headerCopy && (this.#header ??= readHeader(headerCopy));
  }

  /** Whether the path still names this region; false after its file was removed or replaced. */
  isCurrent(): boolean {
    return !this.#closed && names(this.#parts.path, this.#parts.lifeline);
  }

  /**
   * Lets go of the region; the last to do so removes its file, unless it was opened with `cleanup: "keep"`. Pending
   * waits are rejected with ERR_SHM_CLOSED. Closing twice is fine.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { memory, futex, lifeline } = this.#parts;
    futex.close();
    closeLifeline(lifeline, rawMemory(memory).buffer.byteLength === 0);
    // Last, because somebody may have frozen an accessor: then this throws, and the lock is gone already.
    memory.retire();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [inspect](_depth: number, options: object, print?: (value: object, options: object) => string): string {
    const { name, path, outcome, kind, generation, data } = this.#parts;
    const facts = { name, path, outcome, kind, generation, size: this.size, closed: this.#closed, data };
    return `Region ${print?.(facts, options) ?? name}`;
  }
}
