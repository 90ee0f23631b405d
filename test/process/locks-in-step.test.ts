/**
 * A lock whose owner lets it go and takes it again at once, between every look of ours and our try. Two cores do go in step like that:
 * before, a thousand tries in vain were called damage.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { Gates, type GatesData } from "../support/containers/gates.mjs";
import type * as GatesModule from "../support/containers/gates.mjs";
import { type ChildContext, codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";

const directory = regionDirectory();
const GATES = new URL("../support/containers/gates.mjs", import.meta.url).href;
const SLEEPERS = 0x8000_0000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has a number in the region, and does nothing else. */
const takePart = async ({ load, kept }: ChildContext, own: string, gates: string, name: string): Promise<number> => {
  process.env["SHMGEN_DIR"] = own;
  const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
  const region = OwnGates.open(name);
  (kept as Record<string, unknown>)["region"] = region;
  return region.data.participants.self();
};

/**
 * From now on `other` has the word of `data.door`, lets it go before each look of ours, and takes it again after it. Once somebody has said
 * that it sleeps, it lets it go and does not come back, unless it does so `forEver`. Counts our tries.
 */
function goInStep(data: GatesData, other: number, forEver = false): { tries: number } {
  const words = data.wordsOf("door");
  const at = words.byteOffset / 4;
  const seen = { tries: 0 };
  let comesBack = true;
  const { load, compareExchange, or } = Atomics;
  const isDoor = (array: Uint32Array, index: number): boolean =>
    array.buffer === words.buffer && array.byteOffset / 4 + index === at;
  const letGo = (): void => void Atomics.and(words, 0, SLEEPERS);
  Atomics.store(words, 0, other);
  const spy = (name: "load" | "compareExchange" | "or", instead: (...given: never[]) => number): void => {
    vi.spyOn(Atomics, name).mockImplementation(instead as never);
  };
  spy("load", (array: Uint32Array, index: number) => {
    if (!isDoor(array, index) || !comesBack) return load(array, index);
    letGo();
    const word = load(array, index);
    Atomics.store(array, index, (word | other) >>> 0);
    return word;
  });
  spy("compareExchange", (array: Uint32Array, index: number, expected: number, next: number) => {
    if (isDoor(array, index)) seen.tries += 1;
    return compareExchange(array, index, expected, next);
  });
  spy("or", (array: Uint32Array, index: number, bits: number) => {
    if (!isDoor(array, index)) return or(array, index, bits);
    letGo();
    comesBack = forEver;
    return or(array, index, bits);
  });
  return seen;
}

describe("a lock whose owner is faster each time", () => {
  it("is had by who has tried for a while: it says that it sleeps, though the lock is free", async () => {
    using region = Gates.createOrOpen("in-step");
    const { data } = region;
    const child = await startProcess();
    const other = await child.run(takePart, directory, GATES, region.name);
    data.door.lock().unlock();
    const seen = goInStep(data, other);
    const lock = data.door.lock({ timeoutMs: 60_000 });
    vi.restoreAllMocks();
    expect(seen.tries).toBeGreaterThan(10);
    expect(seen.tries).toBeLessThan(1000);
    expect(Atomics.load(data.wordsOf("door"), 0) >>> 0).toBe((SLEEPERS | data.participants.self()) >>> 0);
    lock.unlock();
    expect(Atomics.load(data.wordsOf("door"), 0)).toBe(0);
    await child.kill();
  });

  it("is never called damaged: who tries gets nothing, and who waits is told who has it", async () => {
    using region = Gates.createOrOpen("in-step-for-ever");
    const { data } = region;
    const child = await startProcess();
    const other = await child.run(takePart, directory, GATES, region.name);
    data.door.lock().unlock();
    goInStep(data, other, true);
    expect(data.door.tryLock()).toBeUndefined();
    expect(codeOf(() => data.door.lock({ timeoutMs: 300 }))).toBe("ERR_SHM_BUSY");
    await expect(data.door.lockAsync({ timeoutMs: 300 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    vi.restoreAllMocks();
    Atomics.store(data.wordsOf("door"), 0, 0);
    data.door.lock().unlock();
    await child.kill();
  });
});
