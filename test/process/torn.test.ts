/** The README's counter for values that belong together, as it stands there, between processes that are killed half-way. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { put, shmgen } from "../cli/run-cli.js";
import { regionDirectory, until } from "../support/processes/processes.js";

const root = join(import.meta.dirname, "../..");
const directory = regionDirectory();
let folder = "";

function fromReadme(file: string): string {
  const readme = fs.readFileSync(join(root, "README.md"), "utf8");
  const block = new RegExp(`\`\`\`ts\\n// ${file.replaceAll(".", "\\.")}\\n([\\s\\S]*?)\`\`\``).exec(readme);
  if (block?.[1] === undefined) throw new Error(`README.md shows no ${file}`);
  return block[1];
}

/** Writes pairs that are equal, until it is killed; with "half", dies between the two stores of one. */
const WRITER = `
import { Position } from "./generated/position.js";
import { publish } from "./position.js";
const position = Position.createOrOpen("position", { cleanup: "keep", onStale: "keep" }).data;
let n = position.x;
if (process.argv[2] === "half") {
  // What publish() does, up to the middle of assign().
  position.changes = (position.changes | 1) >>> 0;
  position.x = n + 1;
  process.kill(process.pid, "SIGKILL");
}
for (;;) {
  n += 1;
  publish(position, { x: n, y: n });
  if (n % 1000 === 0) process.stdout.write(".");
}
`;

/** Reads until it has seen many of them, and prints how many were torn, by the counter and without it. */
const READER = `
import { snapshot } from "@shmgen/runtime";
import { Position } from "./generated/position.js";
import { read } from "./position.js";
const region = Position.openReadOnly("position");
const torn = { read: 0, snapshot: 0 };
let seen = 0;
for (const end = performance.now() + 60_000; seen < 20_000 && performance.now() < end;) {
  const plain = snapshot(region.data);
  if (plain.x !== plain.y) torn.snapshot += 1;
  const values = read(region.data);
  if (values === undefined) continue;
  seen += 1;
  if (values.x !== values.y) torn.read += 1;
}
console.log(JSON.stringify({ seen, torn }));
`;

const LOOK = `
import { snapshot } from "@shmgen/runtime";
import { Position } from "./generated/position.js";
import { read } from "./position.js";
const region = Position.createOrOpen("position", { cleanup: "keep", onStale: "keep" });
const { x, y, changes } = snapshot(region.data);
console.log(JSON.stringify({ read: read(region.data)?.x === x, isWhole: x === y, isOdd: changes % 2 === 1 }));
region.close();
`;

beforeAll(() => {
  folder = fs.mkdtempSync("/tmp/shmgen-torn-");
  fs.mkdirSync(join(folder, "node_modules/@shmgen"), { recursive: true });
  for (const name of ["runtime", "schema"])
    fs.symlinkSync(join(root, name), join(folder, "node_modules/@shmgen", name));
  fs.symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  const tsconfig = {
    target: "es2022",
    module: "nodenext",
    strict: true,
    types: ["node"],
    outDir: ".",
    skipLibCheck: true,
  };
  put(folder, {
    "package.json": '{ "type": "module" }',
    "tsconfig.json": JSON.stringify({ compilerOptions: tsconfig, files: ["position.ts"] }),
    "position.shm.ts": fromReadme("position.shm.ts"),
    "position.ts": fromReadme("position.ts"),
    "writer.js": WRITER,
    "reader.js": READER,
    "look.js": LOOK,
  });
  expect(shmgen(["generate", "-t", "ts", "-q"], { cwd: folder })).toEqual({ code: 0, out: "", err: "" });
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(tsc.stdout).toBe("");
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function start(...argv: string[]): ChildProcess {
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

const output = (script: string): unknown => {
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd: folder, encoding: "utf8", timeout: 100_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as unknown;
};

async function killed(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

it("the README's counter never shows a torn pair, whatever the writer is doing", async () => {
  const writer = start("writer.js");
  await until(() => fs.existsSync(join(directory, "position")), "the region is there");
  await new Promise((resolve) => writer.stdout?.once("data", resolve));
  writer.stdout?.resume();
  const found = output("reader.js") as { seen: number; torn: { read: number; snapshot: number } };
  await killed(writer);
  console.log(`${found.seen} pairs read, none torn; snapshot alone has shown ${found.torn.snapshot} torn ones`);
  expect(found.seen).toBeGreaterThan(0);
  expect(found.torn.read).toBe(0);
});

it("a writer that is killed between two stores leaves both halves: snapshot shows them, the counter says so, the next mends it", async () => {
  const whole = start("writer.js");
  await new Promise((resolve) => whole.stdout?.once("data", resolve));
  await killed(whole);
  const dying = start("writer.js", "half");
  await new Promise((resolve) => dying.once("exit", resolve));
  expect(dying.signalCode).toBe("SIGKILL");
  expect(output("look.js")).toEqual({ read: false, isWhole: false, isOdd: true });
  const next = start("writer.js");
  await new Promise((resolve) => next.stdout?.once("data", resolve));
  next.stdout?.resume();
  const found = output("reader.js") as { seen: number; torn: { read: number } };
  await killed(next);
  expect(found.seen).toBeGreaterThan(0);
  expect(found.torn.read).toBe(0);
});
