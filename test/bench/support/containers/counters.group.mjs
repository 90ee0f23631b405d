import { join } from "node:path";
import { cProgram, generatedModule } from "./c-program.mjs";

const SCHEMA = `import type { counters, Region, u32 } from "@shmgen/schema";

export interface Stats extends Region<{ type: 0x11c7; version: 1 }> {
  stats: counters<64>;
  go: u32;
}
`;
const STATS = { name: "stats", schema: SCHEMA, source: "counters.c" };

/** `folder`: for what is built. */
export async function groups(folder) {
  const c = await cProgram(folder, STATS);
  const module = await generatedModule(join(folder, "stats"), STATS);
  const node = (...words) => [process.execPath, join(import.meta.dirname, "counters-contender.mjs"), module, ...words];
  const all = (work, others) => [
    { name: "c", label: "C", command: c(work) ?? node(work) },
    { name: "shmgen", command: node(work), limit: 1.5 },
    ...others.map(([name, label]) => ({ name, label, command: node(`${work}-${name}`) })),
  ];
  return [
    {
      name: "counters: add to a counter, one thread",
      contenders: all("add", [
        ["raw", "a Float64Array of shared memory"],
        ["atomic", "Atomics.add of a BigInt64Array"],
      ]),
    },
    { name: "counters: observe in a histogram, one thread", contenders: all("observe", []) },
    {
      name: "counters: read 64 series of another thread, ns for each",
      contenders: [{ name: "shmgen", command: node("read") }],
    },
  ];
}
