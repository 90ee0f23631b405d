/** Pools over memory of WebAssembly, whose kernel does what it can in one call, and over other memory: the same words after each call. */
import { expect, it } from "vitest";
import { memoryOf, offsetOf, type Region } from "@shmgen/runtime/codegen-v1";
import type { PoolSlot } from "@shmgen/runtime/containers-v1";
import { type DepotData, type DepotModule, generateDepot } from "../support/containers/depot.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { A_KIND } from "../support/run/system.js";

regionDirectory();
const { Depot } = (await import(generateDepot())) as DepotModule;
const { offset = 0, size = 0 } = Depot.layout.fields.find(({ name }) => name === "counts") ?? {};

/** One form of a pool of two slots, and what is had of it. */
class Form {
  readonly region: Region<DepotData>;
  readonly slots: PoolSlot<number>[] = [];
  readonly handles: bigint[] = [];

  constructor(name: string, mapping: "wasm" | "view") {
    this.region = Depot.createOrOpen(`pool-${name}`, { mapping });
  }

  get words(): Uint32Array {
    const { data } = this.region;
    return memoryOf(data).u32.subarray((offsetOf(data) + offset) / 4, (offsetOf(data) + offset + size) / 4);
  }

  /** What a call gives, or the code of its error. */
  does(what: string, index: number, value: number): unknown {
    const { counts } = this.region.data;
    const slot = this.slots.length > 0 ? this.slots[index % this.slots.length] : undefined;
    let given: unknown;
    const code = codeOf(() => {
      if (what === "alloc") {
        const found = counts.alloc();
        if (found !== undefined) this.slots.push(found);
        this.handles.push(...(found === undefined ? [] : [found.handle]));
        given = found?.handle;
      } else if (what === "take" && this.handles.length > 0) {
        const handle = this.handles[index % this.handles.length]!;
        this.slots.push(counts.take(handle));
        given = handle;
      } else if (what === "write") {
        // The lock is left alone: nobody has it, which is all that waits for nobody.
        this.words[1 + (index % (this.words.length - 1))] = value;
      } else if (slot !== undefined) {
        if (what === "free") slot.free();
        if (what === "lend") slot.lend();
        if (what !== "take") this.slots.splice(this.slots.indexOf(slot), 1);
      }
    });
    return [what, code, given];
  }
}

const CALLS = ["alloc", "alloc", "free", "free", "lend", "take"] as const;

for (const [what, calls, ids] of [
  ["what people call", CALLS, "P-07"],
  ["what people call beside somebody who writes into its words", [...CALLS, "write"], "P-07, P-17"],
] as const) {
  it(`a pool over each kind of memory does the same in ${what} [${ids}]`, () => {
    const random = new Random(runSeed(what));
    const forms = [new Form("one", A_KIND), new Form("other", "view")] as const;
    try {
      const given: unknown[] = [];
      for (let round = 0; round < byDepth(3000, 100_000); round += 1) {
        const call = random.pick(calls);
        const index = random.bits();
        const value = random.pick([0, 1, 2, 3, 65_535, 2 ** 31, 2 ** 32 - 1, random.bits()]);
        const [one, other] = forms.map((form) => form.does(call, index, value));
        given.push(one);
        expect(other, given.slice(-8).map(String).join("; ")).toEqual(one);
        expect([...forms[1].words], given.slice(-8).map(String).join("; ")).toEqual([...forms[0].words]);
      }
      expect(new Set(given.map((one) => String((one as unknown[])[0])))).toEqual(new Set(calls));
    } finally {
      for (const { region } of forms) region.close();
    }
  });
}
