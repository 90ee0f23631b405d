/**
 * Engines besides Node: what docs/environments.md says of each is tried with the engine on one side of a region, and Node on the other.
 * SHMGEN_TEST_ENGINES says where they are (`bun=/path/to/bun:deno=/path/to/deno`); .ci/run installs them. Node on another processor counts as one: it is
 * emulated, and shares its regions with the one of this machine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { beforeAll, describe, expect, it } from "vitest";
import { ENGINES, environmentTables, type Feature, FEATURES } from "../support/environments/environments.js";
import { givenEngines } from "../support/environments/given-engines.js";
import { type PackedProject, packedProjects } from "../support/environments/packed-project.js";

const support = join(import.meta.dirname, "../support/environments");
const project = packedProjects();
const SCHEMA = `import type { Foreign, Region, atomic, expect, f64, ring, tail, u32, utf8 } from "@shmgen/schema";
export interface Probe extends Region<{ type: 1; version: 1 }> {
  n: atomic<u32>;
  m: atomic<u32>;
  name: utf8<16>;
  jobs: ring<u32, 8>;
}
export interface Plain extends Region<{ type: 2; version: 1 }> { n: atomic<u32>; samples: tail<u32>; }
export interface Page extends Foreign { magic: expect<utf8<8>, "PAGE">; begin: atomic<u32>; end: atomic<u32>; a: f64; b: f64; }
export interface Seen extends Foreign { magic: expect<utf8<8>, "PAGE">; begin: u32; end: u32; a: f64; b: f64; }
`;

const programs: readonly { id: string; name: string; program: string | undefined; words: readonly string[] }[] = [
  { id: "node", name: "Node", program: process.execPath, words: [] },
  ...Object.entries(ENGINES).map(([id, { name, words }]) => ({ id, name, program: givenEngines.get(id), words })),
];

let made: PackedProject;
beforeAll(() => {
  made = project("module");
  const read = (name: string): string => readFileSync(join(support, name), "utf8");
  made.write({
    "probe.shm.ts": SCHEMA,
    "probe.mjs": read("probe.mjs"),
    "probe-worker.mjs": read("probe-worker.mjs"),
  });
  made.shmgen("generate", "--quiet", "--target", "js");
});

for (const { id, name, program, words } of programs) {
  const missing = program === undefined ? ` (skipped: SHMGEN_TEST_ENGINES names no ${id})` : "";
  describe.skipIf(program === undefined)(`${name}${missing}`, () => {
    const untried = id in ENGINES ? ENGINES[id as keyof typeof ENGINES].untried : undefined;
    const tried = Object.entries(FEATURES).filter(([feature]) => untried?.[feature as Feature] === undefined);
    it.each(tried)("%s: %s", (feature) => {
      const env = { PROBE_NODE: process.execPath };
      expect(made.run(program ?? "", [...words, "probe.mjs", feature], env).trim()).toBe("works");
    });

    it("is of the version that the table names", () => {
      if (id === "node") return;
      const printed = made.run(program ?? "", ["--version"]);
      expect(printed).toContain(`${ENGINES[id as keyof typeof ENGINES].version}.`);
    });
  });
}

describe("docs/environments.md", () => {
  it("has the tables of what is tried (UPDATE_DOCS=1 writes them)", async () => {
    const path = join(import.meta.dirname, "../../docs/environments.md");
    const text = readFileSync(path, "utf8");
    const [begin, end] = ["<!-- tables: begin -->", "<!-- tables: end -->"];
    const rest = text.slice(text.indexOf(end));
    const whole = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${environmentTables()}\n\n${rest}`;
    const formatted = await format(whole, { parser: "markdown", printWidth: 125 });
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, formatted);
    else expect(text).toBe(formatted);
  });
});
