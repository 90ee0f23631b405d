/**
 * A producer and two consumers over rings, one of them in C: `node main.js [LAST ORDER]`. Each is killed with SIGKILL and started again,
 * several times, and in the end every order has arrived.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Floor } from "./generated/floor.js";

const last = BigInt(process.argv[2] ?? 300_000);
const KILLS = 5;

const here = import.meta.dirname;
/** Where consumer.c is: beside dist, or where all examples are built together. */
const source =
  [join(here, ".."), join(here, "../../pipeline")].find((folder) => existsSync(join(folder, "consumer.c"))) ?? here;
const scratch = mkdtempSync(join(tmpdir(), "pipeline-"));
const running = new Set<ChildProcess>();
try {
  await run();
} finally {
  for (const child of running) child.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const program = join(scratch, "consumer");
  const runtime = fileURLToPath(new URL("../c-runtime", import.meta.resolve("shmgen")));
  execFileSync("gcc", ["-std=c11", "-O2", "-I", runtime, "-o", program, join(source, "consumer.c")]);
  using region = Floor.createUnique("floor");
  const { data, name } = region;
  const args = [name, String(last)];
  await Promise.all([
    keep(process.execPath, [join(here, "consumer.js"), ...args]),
    keep(program, args),
    keep(process.execPath, [join(here, "producer.js"), ...args]),
  ]);
  for (const [who, tally] of [
    ["node", data.node],
    ["C", data.c],
  ] as const) {
    console.log(
      `${who} consumer: ${tally.last} orders, ${tally.again} came again, ${tally.wrong} were missing or not whole`,
    );
  }
  const left = region.participants().length;
  console.log(`${3 * KILLS} processes were killed; participants that nobody has recovered: ${left}`);
  const isComplete = [data.node, data.c].every(({ last: done, wrong }) => done === last && wrong === 0);
  process.exitCode = isComplete ? 0 : 1;
}

/** Runs a program to its end; kills it a few times before, at no particular moment, and starts it again. */
async function keep(command: string, args: readonly string[]): Promise<void> {
  for (let kills = 0; ; kills += 1) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    child.stdout.pipe(process.stdout, { end: false });
    const ended = once(child, "exit");
    if (kills < KILLS) {
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
