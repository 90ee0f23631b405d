import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const here = import.meta.dirname;
const root = join(here, "../../../..");
const SCHEMA = `
import type { array, Region, seqlock, u32 } from "@shmgen/schema";
export interface Short { words: array<u32, 16>; }
export interface Long { words: array<u32, 250>; }
export interface Floor extends Region<{ type: 1; version: 1 }> { short: seqlock<Short>; long: seqlock<Long>; }
`;

function generated(folder) {
  writeFileSync(join(folder, "seqlock.shm.ts"), SCHEMA);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const command = [join(root, "generator/bin.js"), "generate", "-q", "-t", "js", "seqlock.shm.ts"];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return pathToFileURL(join(folder, "generated/seqlock.js")).href;
}

/** `folder`: for what is generated. */
export function groups(folder) {
  const module = generated(folder);
  const node = (...words) => [process.execPath, join(here, "seqlock-contender.mjs"), module, ...words];
  return ["64", "1000"].flatMap((size) => [
    {
      name: `seqlock: a value of ${size} bytes, nobody writes`,
      contenders: [
        { name: "set", label: "plain copy, target.set(source)", command: node(size, "set") },
        { name: "read(copy)", label: "shmgen read(copy)", command: node(size, "read(copy)"), limit: 1.3 },
        { name: "loop", label: "plain copy, a loop over u32", command: node(size, "loop") },
        { name: "seq", label: "the loop between two sequences", command: node(size, "loop, between sequences") },
        { name: "atomics", label: "the same with Atomics.load", command: node(size, "atomics") },
        { name: "read()", label: "shmgen read(), a plain object", command: node(size, "read()") },
        { name: "update", label: "shmgen update", command: node(size, "update") },
      ],
    },
    {
      name: `seqlock: read(copy) of ${size} bytes beside a writer at full speed`,
      contenders: [
        { name: "alone", label: "nobody writes", command: node(size, "read(copy)") },
        { name: "beside", label: "beside a writer", command: node(size, "read(copy)", "beside"), limit: 2 },
        {
          name: "raw",
          label: "raw loop between sequences, beside it",
          command: node(size, "loop, between sequences", "beside"),
        },
      ],
    },
  ]);
}
