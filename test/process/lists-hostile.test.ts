/** Anything in any word of a queue, a pool, a queue of work or counters: each call gives something, or one of the runtime's errors, soon. */
import { expect, it } from "vitest";
import { memoryOf, offsetOf } from "@shmgen/runtime/codegen-v1";
import { COUNTERS } from "../../schema/dist/containers/counters.js";
import { WORK_QUEUE } from "../../schema/dist/containers/work-queue.js";
import { depots } from "../support/containers/depots.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";

regionDirectory();
const { Depot, depot } = await depots();
const FIELDS = ["jobs", "numbers", "frames", "counts", "work", "texts", "stats"] as const;
const ROUNDS = byDepth(300, 3000, 100_000);
/** What could be an owner, a counter that is a little off, a gate, an index. */
const ODD = [
  0, 1, 2, 3, 4, 5, 6, 15, 16, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0x8000ffff, 0xffffffff,
];

const CODES = /^ERR_SHM_(FORMAT|BUSY|RANGE|STALE|CLOSED)$/;

it(`${ROUNDS} times anything in all words: values or typed errors, and nothing outside is touched [P-17]`, async () => {
  const random = new Random(runSeed("lists-hostile"));
  const data = depot();
  // Takes part before, in a table that stays as it is.
  data.ids.push(1n);
  const { u8, u32 } = memoryOf(data);
  const placeOf = (name: string): { readonly from: number; readonly count: number } => {
    const { offset = 0, size = 0 } = Depot.layout.fields.find((field) => field.name === name) ?? {};
    return { from: (offsetOf(data) + offset) / 4, count: Math.floor(size / 4) };
  };
  const places = FIELDS.map(placeOf);
  const isOurs = new Uint8Array(u32.length);
  for (const { from, count } of places) isOurs.fill(1, from, from + count);
  // Who is found dead has died for all containers of the region.
  for (const name of ["failed", "many", "lent"]) isOurs[placeOf(name).from + WORK_QUEUE.at.losses / 4] = 1;
  isOurs[placeOf("metrics").from + COUNTERS.at.losses / 4] = 1;
  const kept = u32.slice();
  const seen = new Map<string, number>();
  const calls: (() => unknown)[] = [
    () => data.jobs.push({ id: 1 }),
    () => data.jobs.pushMany([{ id: 1 }, { id: 2 }]),
    () => data.jobs.pop(),
    () => data.jobs.popMany(3),
    () => data.jobs.length,
    () => JSON.stringify(data),
    () => data.numbers.pushWait(1, { timeoutMs: 1 }),
    () => data.numbers.popWait({ timeoutMs: 1 }),
    () => data.frames.alloc()?.free(),
    () => data.frames.alloc()?.lend(),
    () => data.counts.allocWait({ timeoutMs: 1 }).handle,
    () => data.frames.take((BigInt(random.pick(ODD)) << 32n) | BigInt(random.integer(0, 3))),
    () => data.frames.get((BigInt(random.pick(ODD)) << 32n) | BigInt(random.integer(0, 3))).owner,
    () => data.frames.available + data.frames.lent,
    () => data.work.push({ id: 1 }),
    () => data.work.lease()?.done(),
    () => data.work.lease()?.retry(),
    () => data.work.lease()?.retry({ last: true }),
    () => data.work.lease({ maxAttempts: 1, failed: data.jobs })?.pushedAt,
    () => data.texts.pushWait("x", { timeoutMs: 1 }),
    () => data.texts.leaseWait({ timeoutMs: 1 }).data,
    () => data.stats.counter(`a${random.integer(0, 3)}`).add(random.integer(0, 9)),
    () => data.stats.gauge("b", { of: "c" }).set(1),
    () => data.stats.histogram("d").observe(random.integer(0, 9)),
    () => data.stats.counter(`a${random.integer(0, 3)}`).remove(),
    () => data.stats.histogram("d").remove(),
    () => data.stats.series().length + data.stats.dropKept(),
    () => data.work.length + data.work.leasedCount,
  ];
  const later: (() => Promise<unknown>)[] = [
    () => data.numbers.pushAsync(1, { timeoutMs: 1 }),
    () => data.numbers.popAsync({ timeoutMs: 1 }),
    () => data.frames.allocAsync({ timeoutMs: 1 }),
    () => data.work.leased({ timeoutMs: 1 }),
    () => data.texts.pushAsync("x", { timeoutMs: 1 }),
  ];
  const note = (error: unknown): void => {
    const code = String((error as { readonly code?: unknown }).code ?? error);
    expect(code).toMatch(CODES);
    seen.set(code, (seen.get(code) ?? 0) + 1);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { from, count } of places) {
      for (let at = from; at < from + count; at += 1) u32[at] = random.chance(0.25) ? random.bits() : random.pick(ODD);
    }
    for (let turn = 0; turn < 6; turn += 1) {
      try {
        random.pick(calls)();
        if (turn === 0 && round % 10 === 0) await random.pick(later)();
        seen.set("values", (seen.get("values") ?? 0) + 1);
      } catch (error) {
        note(error);
      }
    }
  }
  console.log([...seen].map(([code, count]) => `${code} ${count}`).join(", "));
  // The table of participants, in front, has what was found of the dead; everything else is as it was.
  const table = Math.min(...places.map(({ from }) => from));
  for (let at = table; at < u32.length; at += 1) if (isOurs[at] === 0 && u32[at] !== kept[at]) expect(at).toBe(-1);
  for (const code of ["values", "ERR_SHM_FORMAT", "ERR_SHM_BUSY", "ERR_SHM_STALE"])
    expect(seen.get(code)).toBeGreaterThan(0);
  // So that close finds nothing to give back.
  for (const { from, count } of places) u8.fill(0, from * 4, (from + count) * 4);
});
