/**
 * `listRegions` of 1,000 regions, half of them live, against opening, reading and closing as many files. Each contender runs
 * in a process of its own. `node list.bench.mjs [--short]`; with a contender's name as its argument it runs that one.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { listRegions } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";

const self = fileURLToPath(import.meta.url);
const short = process.argv.includes("--short");
const contender = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
const COUNT = 1000;

/** What nobody can do without: every file is opened, looked at and read. */
function readAll(directory) {
  const header = new Uint8Array(128);
  let bytes = 0;
  for (const name of fs.readdirSync(directory)) {
    const fd = fs.openSync(`${directory}/${name}`, "r");
    fs.fstatSync(fd);
    bytes += fs.readSync(fd, header, 0, header.length, 0);
    fs.closeSync(fd);
  }
  return bytes === COUNT * header.length;
}

/** Who is in the list, as it should be. */
function listAll() {
  const regions = listRegions();
  return (
    regions.filter(({ state, owners }) => state === "live" && owners.length === 1).length === COUNT / 2 &&
    regions.filter(({ state }) => state === "stale").length === COUNT / 2
  );
}

/** Milliseconds, the best of some. */
function best(work) {
  let fastest = Infinity;
  for (let round = 0; round < (short ? 5 : 20); round += 1) {
    const start = performance.now();
    if (!work()) throw new Error("not what was expected");
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

function measure(name, directory) {
  const args = [self, name, ...(short ? ["--short"] : [])];
  const env = { ...process.env, SHMGEN_DIR: directory };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

if (contender !== undefined) {
  const directory = process.env.SHMGEN_DIR;
  console.log(best(contender === "list" ? listAll : () => readAll(directory)));
} else {
  const directory = fs.mkdtempSync("/dev/shm/shmgen-bench-");
  try {
    const regions = Array.from({ length: COUNT / 2 }, (_, n) => {
      Counter.createOrOpen(`left-${n}`, { directory, cleanup: "keep" }).close();
      return Counter.createOrOpen(`live-${n}`, { directory });
    });
    const [list, read] = [measure("list", directory), measure("read", directory)];
    console.log(`open, stat, read and close ${COUNT} files                   ${read.toFixed(0).padStart(6)} ms`);
    console.log(
      `list of ${COUNT} regions, half live, with their owners       ${list.toFixed(0).padStart(6)} ms   ${(list / read).toFixed(1)} x   (at most 200 ms)`,
    );
    for (const region of regions) region.close();
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
