/**
 * relaxed<f32> and relaxed<f64> are never torn between two processes, whichever stage of V8 runs the accesses. The memory model would allow it, so
 * this is what says it, on every version of Node and processor that the tests run on.
 */
import { describe, expect, it } from "vitest";
import { generateModule } from "../support/containers/generated-module.js";
import { type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

const directory = regionDirectory();
/** Values that a reader sees come, of each field. */
const CHANGES = byDepth(2_000, 20_000, 1_000_000);
/** Halves of two values that the reader has to see of what is written in halves: so the test could see them of others. */
const TORN = byDepth(3, 20, 100);

const module = generateModule(
  "floats",
  `
import type { Region, array, relaxed, f32, f64, u32 } from "@shmgen/schema";
export interface Floats extends Region<{ type: 7; version: 1 }> {
  f64: relaxed<f64>; f32: relaxed<f32>; more: array<relaxed<f64>, 2>; halves: relaxed<f64>; isOver: relaxed<u32>;
}`,
);

interface Floats {
  f64: number;
  f32: number;
  readonly more: Float64Array;
  halves: number;
  isOver: number;
}
interface Module {
  readonly Floats: {
    readonly layout: { readonly fields: readonly { readonly name: string; readonly offset: number }[] };
    createOrOpen(
      name: string,
      options: object,
    ): { readonly data: Floats; readonly memory: { readonly u32: Uint32Array } };
  };
}

interface Order {
  readonly url: string;
  readonly name: string;
  readonly directory: string;
  readonly changes: number;
  readonly torn: number;
}

async function write({ load }: ChildContext, { url, name, directory }: Order): Promise<number> {
  const { Floats: Class } = (await load(url)) as Module;
  const { data, memory } = Class.createOrOpen(name, { directory });
  const { u32 } = memory;
  const at = (128 + (Class.layout.fields.find((field) => field.name === "halves")?.offset ?? NaN)) / 4;
  // All bytes of the two differ.
  const bits = new DataView(new ArrayBuffer(8));
  const [one, other] = [0x11111111, 0xeeeeeeee].map((word) => {
    bits.setUint32(0, word);
    bits.setUint32(4, word);
    return { f64: bits.getFloat64(0), f32: bits.getFloat32(0), word };
  }) as [{ f64: number; f32: number; word: number }, { f64: number; f32: number; word: number }];
  const step = (value: typeof one): void => {
    data.f64 = value.f64;
    data.f32 = value.f32;
    data.more[1] = value.f64;
    u32[at] = value.word;
    u32[at + 1] = value.word;
  };
  let count = 0;
  for (; data.isOver === 0; count += 1) step(count % 2 === 0 ? one : other);
  return count;
}

async function read({ load }: ChildContext, { url, name, directory, changes, torn }: Order): Promise<object> {
  const { Floats: Class } = (await load(url)) as Module;
  const { data } = Class.createOrOpen(name, { directory });
  const bits = new DataView(new ArrayBuffer(8));
  const good = [0x11111111, 0xeeeeeeee].map((word) => {
    bits.setUint32(0, word);
    bits.setUint32(4, word);
    return [bits.getFloat64(0), bits.getFloat32(0)];
  });
  const wide = new Set([0, good[0]?.[0], good[1]?.[0]]);
  const narrow = new Set([0, good[0]?.[1], good[1]?.[1]]);
  const seen = { changes: [0, 0, 0], torn: 0, halves: 0 };
  const last = [0, 0, 0];
  const look = (index: number, value: number, allowed: ReadonlySet<number | undefined>): void => {
    if (!allowed.has(value)) seen.torn += 1;
    if (value !== last[index]) seen.changes[index] = (seen.changes[index] ?? 0) + 1;
    last[index] = value;
  };
  while (seen.changes.some((count) => count < changes) || seen.halves < torn) {
    for (let n = 0; n < 1000; n += 1) {
      look(0, data.f64, wide);
      look(1, data.f32, narrow);
      look(2, data.more[1] ?? NaN, wide);
      if (!wide.has(data.halves)) seen.halves += 1;
    }
  }
  data.isOver = 1;
  return seen;
}

describe("relaxed floats that two processes have", () => {
  it.each([
    ["V8 chooses the stage", []],
    ["in the interpreter", ["--no-opt", "--no-sparkplug", "--no-maglev"]],
    ["in the first compiler", ["--no-opt", "--always-sparkplug", "--no-maglev"]],
  ])("are whole where %s", async (stage, flags) => {
    const order = { url: module, name: `floats${flags.join("")}`, directory, changes: CHANGES, torn: TORN };
    const [writer, reader] = await Promise.all([startProcess(flags), startProcess(flags)]);
    const writing = writer.run(write, order);
    const seen = (await reader.run(read, order)) as { changes: number[]; torn: number; halves: number };
    console.log(`${stage}: ${await writing} writes, ${seen.changes.join(", ")} changes seen, ${seen.halves} halves`);
    expect(seen.torn).toBe(0);
    await Promise.all([writer.kill(), reader.kill()]);
  });
});
