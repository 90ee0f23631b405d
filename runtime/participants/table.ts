/** The table of participants in a region's memory, by numbers from 1 on. Every word is loaded and stored with `Atomics`. */
import { ENTRIES_AT, ENTRY_SIZE, PARTICIPANT } from "../../schema/containers/participants.js";
import type { RawMemory } from "../access/memory-view.js";
import type { ProcessStamp } from "../os/contract.js";

const AT = PARTICIPANT.at;
const FREE = 0;
const TAKEN = 1;

export class ParticipantTable {
  /** Entries. */
  readonly count: number;
  readonly #u32: Uint32Array;
  readonly #u64: BigUint64Array;
  /** Of participant 0, which has no entry, bytes. */
  readonly #base: number;

  /** `offset`: of the payload, which begins with the table. */
  constructor(memory: Pick<RawMemory, "u32" | "u64">, offset: number, count: number) {
    this.count = count;
    this.#u32 = memory.u32;
    this.#u64 = memory.u64;
    this.#base = offset + ENTRIES_AT - ENTRY_SIZE;
  }

  /** Whether it has an entry for a number. */
  has(number: number): boolean {
    return Number.isInteger(number) && number >= 1 && number <= this.count;
  }
  /** Numbers that are taken. */
  taken(): number[] {
    const numbers: number[] = [];
    for (let number = 1; number <= this.count; number += 1) if (this.isTaken(number)) numbers.push(number);
    return numbers;
  }
  /** Process of a participant; undefined where that is not known. */
  pidOf(number: number): number | undefined {
    const pid = this.has(number) ? this.pid(number) : 0;
    return pid === 0 ? undefined : pid;
  }
  isTaken(number: number): boolean {
    return this.#load(number, AT["state"]) !== FREE;
  }
  epoch(number: number): number {
    return this.#load(number, AT["epoch"]);
  }
  /** Epoch of the last life that was ended by a death. */
  lost(number: number): number {
    return this.#load(number, AT["lost"]);
  }
  pid(number: number): number {
    return this.#load(number, AT["pid"]);
  }
  thread(number: number): number {
    return this.#load(number, AT["thread"]);
  }
  stamp(number: number): ProcessStamp {
    const load = (at: number | undefined): bigint => Atomics.load(this.#u64, this.#at(number, at) / 8);
    return { pid: this.pid(number), startTime: load(AT["startTime"]), bootId: load(AT["bootId"]) };
  }

  /** Where no kernel has locks for it: this thread alone has the number from then on. */
  claim(number: number): boolean {
    const at = this.#at(number, AT["state"]) / 4;
    return Atomics.compareExchange(this.#u32, at, FREE, TAKEN) === FREE;
  }
  /** With the lock of the number in hand. Somebody who dies before the last store has taken nothing. */
  take(number: number, { pid, startTime, bootId }: ProcessStamp, thread: number): void {
    // Step claim.describe.
    this.#store(number, AT["pid"], pid);
    this.#store(number, AT["thread"], thread);
    Atomics.store(this.#u64, this.#at(number, AT["startTime"]) / 8, startTime);
    Atomics.store(this.#u64, this.#at(number, AT["bootId"]) / 8, bootId);
    // Step claim.raiseEpoch.
    this.#store(number, AT["epoch"], (this.epoch(number) + 1) >>> 0);
    // Step claim.publish.
    this.#store(number, AT["state"], TAKEN);
  }
  /** Says that the life of a number was ended by a death. */
  lose(number: number): void {
    this.#store(number, AT["lost"], this.epoch(number));
  }
  free(number: number): void {
    this.#store(number, AT["state"], FREE);
  }

  #at(number: number, at = 0): number {
    return this.#base + number * ENTRY_SIZE + at;
  }
  #load(number: number, at: number | undefined): number {
    return Atomics.load(this.#u32, this.#at(number, at) / 4);
  }
  #store(number: number, at: number | undefined, value: number): void {
    Atomics.store(this.#u32, this.#at(number, at) / 4, value);
  }
}
