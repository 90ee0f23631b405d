/**
 * How long it takes until `region.onPeerDeath()` tells of a SIGKILL, in a region whose holders are looked for in the kernel's list of locks, and in one
 * whose participants are asked for one by one; and what a watch costs while nobody dies. Each in a process of its own, in turns.
 * `node deaths.bench.mjs [--short]`
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { generateBench } from "./support/generate.mjs";

const self = fileURLToPath(import.meta.url);
const short = process.argv.includes("--short");
const TURNS = short ? 2 : 5;
const DEATHS = short ? 5 : 40;
const IDLE_MS = short ? 500 : 4000;
const SCHEMA = `
import type { Region, atomic, mutex, u32 } from "@shmgen/schema";
export interface Held extends Region<{ type: 1; version: 1 }> { n: atomic<u32>; }
export interface Shared extends Region<{ type: 2; version: 1 }> { n: atomic<u32>; door: mutex; }
`;
const CONTENDERS = { "holders of the lock": "Held", participants: "Shared" };

async function open(struct, generated) {
  const region = (await import(generated))[struct].createOrOpen("deaths");
  // A participant is who has used a container.
  region.data.door?.lock().unlock();
  return region;
}

/** Somebody else, who is killed. */
async function holder(struct, generated) {
  const region = await open(struct, generated);
  process.stdout.write("there");
  setInterval(() => region.data.n, 1000);
}

/** Prints the delays, ms, and the processor time of a second of watching, ms. */
async function watcher(struct, generated) {
  const region = await open(struct, generated);
  const idle = async () => {
    const before = process.cpuUsage();
    await sleep(IDLE_MS);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / IDLE_MS;
  };
  await idle();
  const without = await idle();
  // A watch keeps no process alive.
  const alive = setInterval(() => undefined, 1000);
  const told = new Map();
  region.onPeerDeath(({ pid }) => told.get(pid)?.(process.hrtime.bigint()));
  const watching = await idle();
  const delays = [];
  for (let death = 0; death < DEATHS; death += 1) {
    const child = spawn(process.execPath, [self, "holder", struct, generated], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    // So that kills fall anywhere between two looks, and the watch has seen who has come.
    await sleep(120 + Math.random() * 60);
    const heard = new Promise((resolve) => told.set(child.pid, resolve));
    const killed = process.hrtime.bigint();
    child.kill("SIGKILL");
    delays.push(Number((await heard) - killed) / 1e6);
  }
  console.log(JSON.stringify({ delays, without, watching }));
  clearInterval(alive);
  region.close();
}

async function main() {
  const folder = mkdtempSync("/dev/shm/shmgen-bench-");
  try {
    const generated = await generateBench(folder, SCHEMA);
    for (const [name, struct] of Object.entries(CONTENDERS)) {
      const turns = Array.from({ length: TURNS }, (_, turn) => {
        const env = { ...process.env, SHMGEN_DIR: mkdtempSync(join(folder, `regions-${turn}-`)) };
        return JSON.parse(
          execFileSync(process.execPath, [self, "watcher", struct, generated, ...(short ? ["--short"] : [])], {
            encoding: "utf8",
            env,
          }),
        );
      });
      const delays = turns.flatMap((turn) => turn.delays).toSorted((a, b) => a - b);
      const at = (part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))].toFixed(0);
      const cost = turns.map(({ without, watching }) => watching - without).toSorted((a, b) => a - b)[TURNS >> 1];
      console.log(
        `${name.padEnd(22)} told after ${at(0.5).padStart(3)} ms in the median, ${at(0.9)} ms in nine of ten, ${at(1)} ms at most of ${delays.length}; ` +
          `a watch costs ${(cost * 1000).toFixed(0)} us of processor time a second`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [role, struct, generated] = process.argv.slice(2);
if (role === "holder") await holder(struct, generated);
else if (role === "watcher") await watcher(struct, generated);
else await main();
