/**
 * How a runtime once changed the layout of its shared mutexes, kept version = 1, and corrupted in silence what its older versions
 * had written (dotnet/runtime#134491); and how shmgen refuses that at three points: `node accident.js`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Region } from "@shmgen/runtime";
import { isShmError } from "@shmgen/runtime";
import { SharedMutex } from "./generated/mutex.js";

const here = dirname(fileURLToPath(import.meta.url));
/** Beside dist, or where all examples are built together. */
const source =
  [join(here, ".."), join(here, "../../evolution")].find((folder) => existsSync(join(folder, "mutex.shm.ts"))) ?? here;
const schema = readFileSync(join(source, "mutex.shm.ts"), "utf8");
const program = fileURLToPath(new URL("../bin.js", import.meta.resolve("shmgen")));
/** A project of its own, below the checkout, so that it finds the runtime. */
const project = mkdtempSync(join(here, "project-"));

function shmgen(...args: readonly string[]): number {
  const command = [program, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: project, encoding: "utf8" });
  for (const line of `${stdout}${stderr}`.split("\n")) if (line !== "") console.log(`    ${line}`);
  console.log(`  shmgen ${args.join(" ")}: exit code ${status}`);
  return status ?? -1;
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(project, name)), { recursive: true });
  writeFileSync(join(project, name), text);
}

/** The generated class of another build, of which TypeScript knows nothing. */
async function build(name: string): Promise<typeof SharedMutex> {
  const module = (await import(pathToFileURL(join(project, name)).href)) as { SharedMutex: typeof SharedMutex };
  return module.SharedMutex;
}

let refused = 0;

function attempt(what: string, open: () => Region): void {
  try {
    using region = open();
    console.log(`  ${what}: ${region.outcome}, version ${region.actingVersion}`);
  } catch (error) {
    if (!isShmError(error)) throw error;
    refused += 1;
    console.log(`  ${what}: refused\n    ${error.code}: ${error.message}`);
  }
}

try {
  console.log("Version 1 is published.");
  write("package.json", '{ "type": "module" }');
  write("shmgen.config.json", '{ "files": "*.shm.ts", "targets": ["js"] }');
  write("mutex.shm.ts", schema);
  shmgen("lock", "--quiet");
  using region = SharedMutex.createOrOpen("mutex", {
    initialise: (mutex) => {
      mutex.ownerProcess = 4711;
      mutex.timedWaiters = 3;
    },
  });

  console.log("\nSomebody needs wider thread ids, and leaves the version as it is.");
  write(
    "mutex.shm.ts",
    schema.replace("ownerThread: atomic<u32>", "ownerThread: atomic<u64>").replace("u32 }", "u32, u64 }"),
  );
  console.log("1. check, in CI:");
  if (shmgen("check") === 1) refused += 1;
  shmgen("generate", "--quiet");

  console.log("2. code whose two halves come from different builds, when it is first used:");
  const [changed, published] = [join(project, "generated/mutex.js"), join(here, "generated/mutex.js")].map((path) =>
    readFileSync(path, "utf8"),
  );
  const descriptor = /descriptor:\s*"[^"]+"/;
  write(
    "generated/merged.js",
    (changed ?? "").replace(descriptor, () => descriptor.exec(published ?? "")?.[0] ?? ""),
  );
  const Merged = await build("generated/merged.js");
  attempt("merged code", () => Merged.createOrOpen("another"));

  console.log("3. a region that the published version has open:");
  const Changed = await build("generated/mutex.js");
  attempt("changed layout", () => Changed.createOrOpen("mutex"));
  const { ownerProcess, ownerThread, timedWaiters } = region.data;
  console.log(`  the mutex is as it was: process ${ownerProcess}, thread ${ownerThread}, ${timedWaiters} waiters`);

  console.log("\nThe same wish, with a version: the new field goes into bytes that were kept for one.");
  const versioned = schema
    .replace("version: 1", "version: 2; readableFrom: 1")
    .replace(
      "kept: pad<15>;",
      "kept: pad<3>;\n  /** All of the thread's id. */\n  wideThread: since<atomic<u64>, 2, 0n>;",
    )
    .replace("u32 }", "since, u32, u64 }");
  write("mutex.shm.ts", versioned);
  shmgen("generate", "--quiet", "--out", "wide");
  shmgen("check", "--out", "wide");
  const Wide = await build("wide/mutex.js");
  attempt("version 2", () => Wide.createOrOpen("mutex"));
  console.log(`\n${refused} of 3 refused`);
  process.exitCode = refused === 3 ? 0 : 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
