/**
 * Who takes part in memory of this process alone: its threads, each by a number of the region's table that it takes by compare and exchange.
 *
 * There is no kernel here that has a lock for as long as a thread lives. So whoever has a number is alive until it gives it back: by closing the
 * region, or by ending in an orderly way (test/model/local.ts). A worker that is terminated keeps it, and what it had in the containers, for as long as the memory lives.
 */
import { OWNER } from "../../schema/containers/owner.js";
import { MemoryView, type ParticipantsPort, type RawMemory, rawMemory } from "../access/memory-view.js";
import type { KnownContainers } from "../format/plan.js";
import { atThreadEnd, thisThread } from "../host.js";
import { monotonicMs } from "../monotonic.js";
import type { RegionParticipant } from "../participants/describe.js";
import { listed, pathAt, recoverContainers } from "../participants/recovery.js";
import { allNumbersTaken } from "../participants/refusals.js";
import { ParticipantTable } from "../participants/table.js";
import { closedRegion } from "../wait/refusals.js";
import { LocalFutex } from "./local-futex.js";

/** Recoveries need microseconds, so whoever waits so long waits for a thread that was terminated within, ms. */
const RECOVERERS_MS = 1000;
const [FREE, TAKEN] = [0, 1];

/** Those of this thread that have a number. */
const taking = new Set<LocalParticipants>();
let isAwaitingEnd = false;

/** Where the region lies. `size`: bytes without what may grow. */
export interface LocalTable {
  readonly buffer: SharedArrayBuffer;
  /** The recoverers' lock, a word: who works on the containers of somebody else, or gives back its own, is alone in that. */
  readonly recoverers: Int32Array;
  readonly size: number;
  readonly path: string;
  readonly containers: KnownContainers;
  /** Where the payload begins, bytes. */
  readonly payload: number;
}

export class LocalParticipants implements ParticipantsPort {
  readonly #path: string;
  readonly #containers: KnownContainers;
  readonly #payload: number;
  readonly #recoverers: Int32Array;
  readonly #memory: RawMemory;
  readonly #table: ParticipantTable;
  #number = 0;
  #closed = false;

  constructor({ buffer, recoverers, size, path, containers, payload }: LocalTable) {
    this.#path = path;
    this.#containers = containers;
    this.#payload = payload;
    this.#recoverers = recoverers;
    const futex = new LocalFutex(buffer, 0, size, path);
    const view = { buffer, byteLength: size, readOnly: false, label: path, futex, participants: this };
    this.#memory = rawMemory(new MemoryView(view));
    this.#table = new ParticipantTable(this.#memory, payload, containers.participants);
  }

  self(): number {
    return this.#number === 0 ? this.#claim() : this.#number;
  }

  isAlive(number: number): boolean {
    return this.#table.has(number) && this.#table.isTaken(number);
  }

  /** Of a number that nobody has, which a word holds all the same: somebody has damaged it. */
  recover(number: number): boolean {
    if (!(Number.isInteger(number) && number >= 1 && number <= OWNER.most) || number === this.#number) return false;
    const isOfTable = this.#table.has(number);
    return this.#asRecoverer(() => {
      // Step local.claim, so that nobody else has it meanwhile
      if (isOfTable && !this.#table.claim(number)) return false;
      try {
        this.#giveBack(number);
      } finally {
        if (isOfTable) this.#table.free(number); // Step local.free
      }
      return true;
    });
  }

  isRecovering(): boolean {
    return false;
  }

  describe(number: number): string {
    if (!this.#table.has(number)) return `participant ${number}, which the region does not have`;
    return number === this.#number ? "this thread" : `thread ${this.#table.thread(number)} of this process`;
  }

  nameOf(place: number): string | undefined {
    return pathAt(this.#containers.placed, place - this.#payload);
  }

  pidOf(number: number): number | undefined {
    return this.#table.pidOf(number);
  }

  list(): RegionParticipant[] {
    const region = { memory: this.#memory, payload: this.#payload, placed: this.#containers.placed };
    return listed(this.#table, region, () => true);
  }

  /** Gives the number back, and all that it has in the containers. Never throws: who cannot do that keeps it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    taking.delete(this);
    const number = this.#number;
    if (number === 0) return;
    this.#number = 0;
    try {
      this.#asRecoverer(() => {
        this.#giveBack(number);
        this.#table.free(number); // Step local.free
        return true;
      });
    } catch {
      // See above.
    }
  }

  /** @throws ShmError ERR_SHM_BUSY when all numbers are taken, ERR_SHM_CLOSED */
  #claim(): number {
    if (this.#closed) throw closedRegion(this.#path);
    const table = this.#table;
    const { pid, thread } = thisThread();
    for (let number = 1; number <= table.count; number += 1) {
      if (!table.claim(number)) continue; // Step local.claim
      table.take(number, { pid, startTime: 0n, bootId: 0n }, thread);
      taking.add(this);
      if (!isAwaitingEnd) atThreadEnd(closeAll);
      isAwaitingEnd = true;
      return (this.#number = number);
    }
    throw allNumbersTaken(table, (number) => this.describe(number), this.#path);
  }

  /** False where the lock could not be had. */
  #asRecoverer(work: () => boolean): boolean {
    const lock = this.#recoverers;
    const end = monotonicMs() + RECOVERERS_MS;
    // Step local.lockRecoverers
    while (Atomics.compareExchange(lock, 0, FREE, TAKEN) !== FREE) {
      if (monotonicMs() >= end) return false;
      try {
        Atomics.wait(lock, 0, TAKEN, 1);
      } catch {
        // A page's own thread may not block, so it looks again at once.
      }
    }
    try {
      return work();
    } finally {
      Atomics.store(lock, 0, FREE); // Step local.unlockRecoverers
      Atomics.notify(lock, 0, 1);
    }
  }

  #giveBack(number: number): void {
    const death = { number, pid: this.pidOf(number) ?? 0, at: Date.now() };
    // Step local.giveBack
    recoverContainers(this.#memory, this.#payload, this.#containers.placed, death);
  }
}

function closeAll(): void {
  for (const one of taking) one.close();
}
