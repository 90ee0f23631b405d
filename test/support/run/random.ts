/** Random choices that a seed repeats. `SHMGEN_SEED=<number>` replays a run. */

/** mulberry32: small, and good enough to choose test cases. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + (this.bits() % (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.bits() < probability * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.bits() % list.length] as T;
  }

  big(): bigint {
    return (BigInt(this.bits()) << 32n) | BigInt(this.bits());
  }
}

const seeds = new Map<string, number>();

/** The seed of this run, printed so that a failure can be repeated. A test that is repeated gets the same one. */
export function runSeed(what: string): number {
  const given = process.env["SHMGEN_SEED"];
  const seed = given === undefined ? (seeds.get(what) ?? Math.floor(Math.random() * 2 ** 32)) : Number(given);
  seeds.set(what, seed);
  console.log(`${what}: SHMGEN_SEED=${seed}`);
  return seed;
}
