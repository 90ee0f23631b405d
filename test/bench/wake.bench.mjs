/**
 * Round trips of two processes that wake each other: by `process.send`, by `waitAsync` of an atomic field, over rings, by changes of
 * seqlocks and by a mutex that goes from one to the other (all with event loops), and by `wait`, which blocks. Each pair in processes of its own, in turns, so that a busy moment of the machine does not hit one
 * contender alone. A ratio is the median of those of single turns.
 * `node wake.bench.mjs [--short]`
 */
import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateBench } from "./support/generate.mjs";

const self = fileURLToPath(import.meta.url);
const short = process.argv.includes("--short");
const TURNS = short ? 3 : 9;
/** The first quarter of the rounds does not count: until then V8 compiles. */
const ROUNDS = short ? 4000 : 20_000;
const WARM = ROUNDS / 4;
const SCHEMA = `
import type { Region, atomic, mutex, ring, seqlock, u32 } from "@shmgen/schema";
export interface Bell extends Region<{ type: 1; version: 1 }> {
  turn: atomic<u32>;
  there: ring<u32, 64>;
  back: ring<u32, 64>;
  ping: seqlock<u32>;
  pong: seqlock<u32>;
  door: mutex;
}
`;
/** What each pair does, and what is set for it. */
const CONTENDERS = {
  "process.send": ["send", {}],
  waitAsync: ["waitAsync", {}],
  "waitAsync, by a thread": ["waitAsync", { UV_USE_IO_URING: "0" }],
  "for await over rings": ["rings", {}],
  "changed of seqlocks": ["changed", {}],
  "lockAsync of a mutex": ["lockAsync", {}],
  wait: ["wait", {}],
};

/** Microseconds of a round, and of this process's processors in it. */
function stopwatch() {
  const start = { at: process.hrtime.bigint(), cpu: process.cpuUsage() };
  return () => {
    const { user, system } = process.cpuUsage(start.cpu);
    const rounds = ROUNDS - WARM;
    return { us: Number(process.hrtime.bigint() - start.at) / 1000 / rounds, cpu: (user + system) / rounds };
  };
}

/** The first of a pair: starts the other one, says "go", and prints what a round took. */
async function first(how, generated) {
  const other = fork(self, ["second", how, generated]);
  await new Promise((resolve) => other.once("message", resolve));
  const measured = how === "send" ? await firstBySend(other) : await takeTurns(how, generated, 0);
  console.log(JSON.stringify(measured));
  // It may have ended already. Its end closes the channel, which keeps this process.
  other.kill();
}

function firstBySend(other) {
  return new Promise((resolve) => {
    let took;
    let round = 0;
    other.on("message", () => {
      round += 1;
      if (round === WARM) took = stopwatch();
      if (round === ROUNDS) resolve(took());
      else other.send(round);
    });
    other.send(round);
  });
}

/** Even numbers are the first one's turn, odd ones that of the second. */
async function takeTurns(how, generated, own) {
  const { Bell } = await import(generated);
  const region = Bell.createOrOpen("bell");
  const { data } = region;
  if (how in ROUND_TRIPS) return ROUND_TRIPS[how](data, own);
  const { $turn } = data;
  let took;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round === WARM) took = stopwatch();
    const mine = 2 * round + own;
    if (how === "wait") while (data.turn !== mine) $turn.wait(mine - 1);
    else while (data.turn !== mine) await $turn.waitAsync(mine - 1);
    data.turn = mine + 1;
    $turn.notify(1);
  }
  return took();
}

const ROUND_TRIPS = {
  async rings(data, own) {
    const [to, from] = own === 0 ? [data.there, data.back] : [data.back, data.there];
    const producer = to.producer();
    let took;
    let round = 0;
    if (own === 0) producer.push(0);
    for await (const value of from.consumer()) {
      if (value !== round) throw new Error(`${value} instead of ${round}`);
      round += 1;
      if (round === WARM) took = stopwatch();
      if (own === 1) await producer.pushAsync(value);
      if (round === ROUNDS) return took();
      if (own === 0) await producer.pushAsync(round);
    }
  },
  async changed(data, own) {
    const [mine, other] = own === 0 ? [data.ping, data.pong] : [data.pong, data.ping];
    let took;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round === WARM) took = stopwatch();
      if (own === 0) mine.write(round);
      while (other.sequence < round + 1) await other.changed(other.sequence < round + 1 ? round : -1);
      if (own === 1) mine.write(round);
    }
    return took();
  },
  /** Each waits for the lock while the other one has it: the number under it says whose turn it is. */
  async lockAsync(data, own) {
    let took;
    for (let round = 0; round < ROUNDS;) {
      const lock = await data.door.lockAsync();
      const isMine = data.turn === 2 * round + own;
      if (isMine) data.turn += 1;
      lock.unlock();
      if (!isMine) {
        // The other one has not been there yet.
        await new Promise(setImmediate);
        continue;
      }
      round += 1;
      if (round === WARM) took = stopwatch();
    }
    return took();
  },
};

async function second(how, generated) {
  if (how === "send") process.on("message", (round) => process.send(round));
  await new Promise((resolve) => process.send("ready", resolve));
  if (how !== "send") await takeTurns(how, generated, 1);
}

function measure(contender, folder, generated) {
  const [how, more] = CONTENDERS[contender];
  const directory = mkdtempSync(join(folder, "regions-"));
  const env = { ...process.env, SHMGEN_DIR: directory, ...more };
  return JSON.parse(execFileSync(process.execPath, [self, "first", how, generated], { encoding: "utf8", env }));
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function main() {
  const folder = mkdtempSync("/dev/shm/shmgen-bench-");
  try {
    const generated = await generateBench(folder, SCHEMA);
    const names = Object.keys(CONTENDERS);
    const turns = Array.from({ length: TURNS }, () =>
      Object.fromEntries(names.map((name) => [name, measure(name, folder, generated)])),
    );
    for (const name of names) {
      const us = median(turns.map((turn) => turn[name].us));
      const cpu = median(turns.map((turn) => turn[name].cpu));
      const ratio = median(turns.map((turn) => turn[name].us / turn["process.send"].us));
      console.log(
        `${name.padEnd(24)}${us.toFixed(1).padStart(7)} us a round trip ${ratio.toFixed(2).padStart(6)} x   ` +
          `processor time of one side ${cpu.toFixed(1).padStart(5)} us`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [role, how, generated] = process.argv.slice(2);
if (role === "first") await first(how, generated);
else if (role === "second") await second(how, generated);
else await main();
