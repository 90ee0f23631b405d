// What an accessor costs beside the same access on raw typed arrays, other libraries and C (issue 2, E1).
// Every contender is a process of its own; rounds are interleaved, so that a busy machine slows all of them; each figure
// is the median of its rounds, each round the fastest of a hundred short batches. Ratios are those of one run.
// `--short`: fewer rounds. `--json FILE`: the figures as data. `--only WORD`: groups whose name has the word.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "../../generator/dist/compile.js";
import { SCHEMA } from "./support/access-schema.mjs";

const flag = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const rounds = process.argv.includes("--short") ? 3 : 9;
const only = flag("--only");
const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "shmgen-bench-"));

/** Operations whose operands are refused out of range at a price: bigints. */
const CHECKED = new Set(["store64", "add64"]);

/** `limit`: at most so many times the first, or `than`; `atLeast`: so many times slower than the second. */
const GROUPS = [
  {
    name: "record of 6 number fields, 3 reads and 3 writes; one record, a constant of the program",
    records: "constant",
    contenders: [
      { name: "raw", label: "raw typed arrays" },
      { name: "shmgen", limit: 1.05 },
      { name: "buffer-backed-object" },
      { name: "structurae", atLeast: 40 },
      { name: "typed-struct", atLeast: 100 },
      { name: "koffi", label: "koffi.decode + encode", atLeast: 100 },
      { name: "c", label: "C, gcc -O2" },
    ],
  },
  {
    name: "the same record, an argument of a function",
    records: "argument",
    contenders: [
      { name: "raw", label: "raw typed arrays" },
      { name: "shmgen", limit: 1.05 },
      { name: "buffer-backed-object" },
    ],
  },
  ...[4, 64].map((records) => ({
    name: `${records} such records in turn`,
    records,
    contenders: [
      { name: "raw", label: "raw, arrays in a const" },
      { name: "shmgen", limit: 1.05, than: "raw carried" },
      { name: "raw carried", label: "raw, arrays of record" },
      { name: "raw computed", label: "raw, base computed" },
      { name: "shmgen at", label: "shmgen, array.at(i)" },
      { name: "buffer-backed-object", atLeast: 2.5 },
      { name: "structurae" },
      { name: "typed-struct", atLeast: 100 },
      { name: "c", label: "C, gcc -O2" },
    ],
  })),
  ...["load32", "store32", "add32", "load64", "store64", "add64"].map((operation) => ({
    name: `atomic ${operation}`,
    records: "constant",
    contenders: [
      { name: `raw ${operation}`, label: `Atomics.${operation.slice(0, -2)}` },
      { name: `accessor ${operation}`, label: "shmgen", limit: 1.05 },
      ...(CHECKED.has(operation) ? [{ name: `checked ${operation}`, label: "Atomics, range checked" }] : []),
    ],
  })),
  // `const hits = data.$hits` in a function, where V8 knows the handle's class and not the handle.
  ...["argument", "mixed"].map((records) => ({
    name: `atomic add32, handle of an accessor that is an argument${records === "mixed" ? "; handles of other kinds are in use" : ""}`,
    records,
    contenders: [
      { name: "raw add32", label: "Atomics.add" },
      { name: "accessor add32", label: "shmgen", limit: 1.05 },
      { name: "carried add32", label: "Atomics, array of object" },
    ],
  })),
].filter(({ name }) => only === undefined || name.includes(only));

async function generate() {
  const { files, diagnostics } = await compile({
    files: ["sample.shm.ts"],
    readFile: (path) => (path === "sample.shm.ts" ? SCHEMA : undefined),
    targets: ["js"],
    outputPath: () => "sample",
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const runtime = import.meta.resolve("@shmgen/runtime/codegen-v1");
  const module = files.find(({ path }) => path === "sample.js");
  writeFileSync(
    join(folder, "sample.mjs"),
    module.text.replace('"@shmgen/runtime/codegen-v1"', JSON.stringify(runtime)),
  );
  return pathToFileURL(join(folder, "sample.mjs")).href;
}

/** Path of the C program, or undefined where there is no gcc. */
function buildC() {
  const program = join(folder, "access");
  const { status } = spawnSync("gcc", ["-O2", "-std=gnu11", "-o", program, support("access.c")], { stdio: "ignore" });
  return status === 0 ? program : undefined;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

try {
  const module = await generate();
  const program = buildC();
  const results = [];
  for (const group of GROUPS) {
    const contenders = group.contenders.filter(({ name }) => name !== "c" || program !== undefined);
    if (contenders.length < group.contenders.length) console.log("gcc is not installed: the row of C is left out.");
    const times = new Map(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name } of contenders) {
        const command =
          name === "c"
            ? [program, String(Number(group.records) || 1)]
            : [process.execPath, support("access-contender.mjs"), name, module, String(group.records)];
        times.get(name).push(Number(execFileSync(command[0], command.slice(1), { encoding: "utf8" })));
      }
    }
    const raw = median(times.get(contenders[0].name));
    const own = median(times.get(contenders[1].name));
    console.log(`\n${group.name}`);
    for (const { name, label = name, limit, than = contenders[0].name, atLeast } of contenders) {
      const ns = median(times.get(name));
      const bound = than === contenders[0].name ? "raw" : than;
      const target =
        limit !== undefined ? `<= ${limit} x ${bound}` : atLeast !== undefined ? `>= ${atLeast} x shmgen` : "";
      const met =
        limit !== undefined
          ? ns <= limit * median(times.get(than))
          : atLeast !== undefined
            ? ns >= atLeast * own
            : undefined;
      const columns = [
        label.padEnd(24),
        `${ns.toFixed(2)} ns`.padStart(12),
        `${(ns / raw).toFixed(2)} x raw`.padStart(14),
        `${(ns / own).toFixed(2)} x shmgen`.padStart(18),
        target.padStart(21),
        met === undefined ? "" : met ? "met" : "missed",
      ];
      console.log(`  ${columns.join("  ").trimEnd()}`);
      results.push({ group: group.name, contender: label, ns, overRaw: ns / raw, overShmgen: ns / own, target, met });
    }
  }
  const json = flag("--json");
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ node: process.version, rounds, results }, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
