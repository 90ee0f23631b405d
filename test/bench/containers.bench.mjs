// What containers cost beside raw atomics and C (CONTAINERS: figures). Each file support/containers/*.group.mjs is a group or some.
// Every contender is a process of its own; rounds are interleaved, so that a busy machine slows all of them; each figure is the
// median of its rounds. Ratios are those of one run. `--short`: fewer rounds. `--only WORD`: groups whose name has the word.
//
// A group: { name, unit ("ns": less is better; else more is), contenders: [{ name, label, command, limit, atLeast }] }. `command`: what to run, which
// prints a number, or undefined where it cannot run. `limit`, `atLeast`: times the first contender's figure.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const flag = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const rounds = process.argv.includes("--short") ? 1 : 9;
const only = flag("--only");
const support = join(import.meta.dirname, "support/containers");
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function measure({ name, unit = "ns", contenders }) {
  const able = contenders.filter(({ command }) => command !== undefined);
  const figures = new Map(able.map((contender) => [contender.name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name: contender, command } of able) {
      figures.get(contender).push(Number(execFileSync(command[0], command.slice(1), { encoding: "utf8" })));
    }
  }
  const first = median(figures.get(able[0].name));
  console.log(`\n${name}`);
  for (const { name: contender, label = contender, command, limit, atLeast } of contenders) {
    if (command === undefined) {
      console.log(`  ${label.padEnd(36)}  cannot run here`);
      continue;
    }
    const ratio = median(figures.get(contender)) / first;
    const goal = limit !== undefined ? `<= ${limit} x` : atLeast !== undefined ? `>= ${atLeast} x` : "";
    const isMet = limit === undefined ? ratio >= (atLeast ?? 0) : ratio <= limit;
    const columns = [
      label.padEnd(36),
      `${(ratio * first).toFixed(1)} ${unit}`.padStart(14),
      `${ratio.toFixed(2)} x`.padStart(9),
      goal.padStart(10),
      goal === "" ? "" : isMet ? "met" : "missed",
    ];
    console.log(`  ${columns.join("  ").trimEnd()}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "shmgen-bench-"));
try {
  const files = readdirSync(support).filter((file) => file.endsWith(".group.mjs"));
  for (const file of files.sort()) {
    const { groups } = await import(join(support, file));
    for (const group of await groups(folder)) if (only === undefined || group.name.includes(only)) measure(group);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
