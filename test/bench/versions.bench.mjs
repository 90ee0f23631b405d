/**
 * What versions cost: opening a region of the code's own version and of an older one, and using accessors of either. Each
 * contender runs in a process of its own. `node versions.bench.mjs [--short]`; with a contender's name it runs that one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const self = fileURLToPath(import.meta.url);
const short = process.argv.includes("--short");
const [contender, folder] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const BATCHES = short ? 10 : 40;

const schema = (options, fields) => `import type { Region, array, atomic, f32, since, u32, u64 } from "@shmgen/schema";
  export interface Car extends Region<{ type: 1; ${options} }> { ${fields} }
  export interface Wheel { rpm: f32; slip: f32 }`;
const FIELDS = "samples: u64; a: u32; b: f32; c: u32; count: atomic<u32>; wheels: array<Wheel, 4>";
const VERSIONS = {
  1: schema("version: 1", FIELDS),
  2: schema("version: 2; readableFrom: 1", `${FIELDS}; more: since<atomic<u32>, 2, 7>`),
};

/** Nanoseconds of one call: the best of many batches. */
async function best(rounds, work) {
  let fastest = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    const start = process.hrtime.bigint();
    work(rounds);
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - start) / rounds);
  }
  return fastest;
}

const load = async (version, from = folder) => (await import(pathToFileURL(join(from, `car${version}.mjs`)).href)).Car;

/** Six plain accesses, three reads and three writes. */
function records(car, rounds) {
  for (let n = 0; n < rounds; n += 1) {
    car.a = (car.a + 1) >>> 0;
    car.b = car.b + 1;
    car.c = (car.c + 1) >>> 0;
  }
}

async function contend() {
  const [what, version] = contender.split("-");
  const Newer = await load(2);
  const name = `warm${version}`;
  if (what === "open")
    return best(200, (rounds) => {
      for (let n = 0; n < rounds; n += 1) Newer.open(name).close();
    });
  const region = Newer.open(name);
  const car = region.data;
  if (region.actingVersion !== Number(version)) throw new Error(`version ${region.actingVersion}`);
  const time = await (what === "record"
    ? best(200_000, (rounds) => records(car, rounds))
    : what === "atomic"
      ? best(100_000, (rounds) => {
          for (let n = 0; n < rounds; n += 1) car.count = (car.count + 1) >>> 0;
        })
      : best(50_000, (rounds) => {
          for (let n = 0; n < rounds; n += 1) car.wheels.at(n & 3).rpm += 1;
        }));
  region.close();
  return time;
}

if (contender !== undefined) {
  console.log(await contend());
  process.exit(0);
}
const directory = mkdtempSync("/dev/shm/shmgen-bench-");
const modules = mkdtempSync(join(tmpdir(), "shmgen-bench-"));
try {
  const { compile } = await import("../../generator/dist/compile.js");
  const door = pathToFileURL(join(import.meta.dirname, "../../runtime/lib/codegen-v1.js")).href;
  for (const [version, text] of Object.entries(VERSIONS)) {
    const { files } = await compile({ files: ["car.shm.ts"], readFile: () => text, targets: ["js"] });
    const code = files.find(({ path }) => path.endsWith(".js")).text;
    writeFileSync(
      join(modules, `car${version}.mjs`),
      code.replaceAll('"@shmgen/runtime/codegen-v1"', JSON.stringify(door)),
    );
  }
  // Others have the regions open, as in life: what this thread had open already would be shared.
  process.env["SHMGEN_DIR"] = directory;
  const open = [];
  for (const version of [1, 2]) open.push((await load(version, modules)).createOrOpen(`warm${version}`));
  const measure = (name) => {
    const args = [self, name, modules, ...(short ? ["--short"] : [])];
    const env = { ...process.env, SHMGEN_DIR: directory };
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", env });
    if (status !== 0) throw new Error(stderr);
    return Number(stdout);
  };
  for (const [what, title] of [
    ["open", "open and close a live region"],
    ["record", "record of 6 plain accesses"],
    ["atomic", "atomic<u32> load and store"],
    ["nested", "element of an array of structs"],
  ]) {
    const [own, older] = [measure(`${what}-2`), measure(`${what}-1`)];
    console.log(
      `${title.padEnd(46)} own version ${own.toFixed(1)} ns, older region ${older.toFixed(1)} ns (${(older / own).toFixed(2)} x)`,
    );
  }
  for (const region of open) region.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
  rmSync(modules, { recursive: true, force: true });
}
