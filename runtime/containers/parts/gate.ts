/**
 * A word to sleep on for something that is found elsewhere, as a permit is: bit 31 says that somebody sleeps, the others count what they
 * have to be woken for. The steps are those of test/model/semaphore.ts.
 *
 *   sleep      bit 31 on; look again for what is wanted; sleep
 *   wake one   when bit 31 is on: count + 1, wake one. When nobody was there to be woken: bit 31 off, wake all
 *
 * The count is raised so that nobody falls asleep who has looked before. The bit stays while somebody sleeps; who takes it off wakes
 * all, because one may have lain down since.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import type { FutexPort, MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { cannotSleep } from "./refusals.js";
import { type Awakening, EVERYBODY, sleepAsync, triesAgain } from "./sleeping.js";

const SLEEPERS = OWNER.sleepers;
const COUNT_MAX = 0x7fff_ffff;

/** Has all who sleep look again. For recovery. */
export function wakeAll({ u32: words, futex }: RawMemory, index: number): void {
  for (let failures = 0; ;) {
    const gate = Atomics.load(words, index); // Step recover.lookGate
    if (gate < SLEEPERS) return;
    // Step recover.gate
    if (Atomics.compareExchange(words, index, gate, (gate + 1) & COUNT_MAX) === gate) break;
    if (!triesAgain((failures += 1))) break;
  }
  futex?.notify(index * 4, EVERYBODY); // Step recover.wake
}

export class Gate {
  readonly #words: Uint32Array;
  readonly #index: number;
  readonly #view: MemoryView;
  readonly #field: string;

  /** `index` is that of the word in `rawMemory(view).u32`. */
  constructor(view: MemoryView, index: number, field: string) {
    this.#words = rawMemory(view).u32;
    this.#index = index;
    this.#view = view;
    this.#field = field;
  }

  /** Says that somebody will sleep: the word to sleep on, after another look for what is wanted. @throws ShmError ERR_SHM_UNSUPPORTED */
  announce(): number {
    this.#futex();
    const gate = Atomics.load(this.#words, this.#index); // Step gate.look
    if (gate >= SLEEPERS) return gate;
    return (Atomics.or(this.#words, this.#index, SLEEPERS) | SLEEPERS) >>> 0; // Step gate.announce
  }

  sleep(gate: number, timeoutMs: number): void {
    this.#futex().wait(this.#index * 4, gate, timeoutMs); // Step gate.sleep
  }

  sleepAsync(gate: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<Awakening> {
    return sleepAsync({ futex: this.#futex(), byteOffset: this.#index * 4, expected: gate, timeoutMs, signal });
  }

  /** Wakes one who sleeps, or `count`, if anybody does. To be called when what they want is there. */
  wake(count = 1): void {
    const words = this.#words;
    const index = this.#index;
    // Step gate.look
    let gate = Atomics.load(words, index);
    for (let failures = 0; gate >= SLEEPERS && (failures === 0 || triesAgain(failures)); failures += 1) {
      const raised = (((gate + 1) & COUNT_MAX) | SLEEPERS) >>> 0;
      // Step gate.raise
      const found = Atomics.compareExchange(words, index, gate, raised);
      if (found === gate) {
        this.#wake(raised, count);
        return;
      }
      gate = found;
    }
  }

  #wake(raised: number, count: number): void {
    const words = this.#words;
    const index = this.#index;
    const futex = this.#futex();
    // Step gate.wake
    if (futex.notify(index * 4, count) > 0) return;
    // Step gate.lower
    if (Atomics.compareExchange(words, index, raised, raised & COUNT_MAX) !== raised) return;
    futex.notify(index * 4, EVERYBODY); // Step gate.wakeAll
  }

  #futex(): FutexPort {
    const { futex } = rawMemory(this.#view);
    if (futex === undefined) throw cannotSleep(this.#view.label, this.#field);
    return futex;
  }
}
