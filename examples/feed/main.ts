/**
 * A feed in C, and two readers: `node main.js [LAST TICK]`. The feed is killed with SIGKILL and started again, several times; one reader is quick, the
 * other one pauses, and both know in the end how many ticks they missed.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Feed } from "./generated/feed.js";

const last = process.argv[2] ?? "300000";
const KILLS = 5;

const here = import.meta.dirname;
/** Where feed.c is: beside dist, or where all examples are built together. */
const source =
  [join(here, ".."), join(here, "../../feed")].find((folder) => existsSync(join(folder, "feed.c"))) ?? here;
const scratch = mkdtempSync(join(tmpdir(), "feed-"));
const running = new Set<ChildProcess>();
try {
  await run();
} finally {
  for (const child of running) child.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const program = join(scratch, "feed");
  const runtime = fileURLToPath(new URL("../c-runtime", import.meta.resolve("shmgen")));
  execFileSync("gcc", ["-std=c11", "-O2", "-I", runtime, "-o", program, join(source, "feed.c")]);
  using region = Feed.createUnique("feed");
  const { name, data } = region;
  const reader = (...words: readonly string[]): Promise<void> =>
    keep(process.execPath, [join(here, "reader.js"), name, last, ...words], 0);
  await Promise.all([reader("quick"), reader("slow", "300"), keep(program, [name, last], KILLS)]);
  console.log(`${data.ticks.published} ticks were published; the feed was killed ${KILLS} times`);
}

/** Runs a program to its end; kills it some times before, at no particular moment, and starts it again. */
async function keep(command: string, args: readonly string[], kills: number): Promise<void> {
  for (let life = 0; ; life += 1) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    child.stdout.pipe(process.stdout, { end: false });
    const ended = once(child, "exit");
    if (life < kills) {
      // Not before it is at work.
      await once(child.stdout, "data");
      await sleep(Math.random() * 100);
      child.kill("SIGKILL");
    }
    const [code, signal] = (await ended) as [number | null, string | null];
    running.delete(child);
    if (signal === "SIGKILL") continue;
    if (code === 0) return;
    throw new Error(`${command} ended with ${String(code)}`);
  }
}
