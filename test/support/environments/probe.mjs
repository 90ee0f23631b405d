/**
 * What an engine can do with regions: `ENGINE probe.mjs FEATURE`. Prints "works", or what went wrong. Node, by PROBE_NODE, is the partner on
 * the other side. Features are those of environments.ts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { isShmError, listRegions, stable } from "@shmgen/runtime";
import { checkEnvironment } from "@shmgen/runtime/doctor";
import { Page, Plain, Probe, Seen } from "./generated/probe.js";

const file = fileURLToPath(import.meta.url);
const equal = (found, expected) => {
  if (String(found) !== String(expected)) throw new Error(`found ${found}, not ${expected}`);
};

/** Node, on the other side of a region. Engines say at different times that it has ended: only its event says that it has. */
async function partner(role, name) {
  const child = spawn(process.env.PROBE_NODE, [file, role, name], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  await once(child.stdout, "data");
  return { gone, kill: () => child.kill("SIGKILL") };
}

/** Of the partner. */
const ROLES = {
  async notify(name) {
    const region = Probe.open(name);
    console.log("there");
    // Whoever waits says so first.
    while (region.data.m === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const woken = () => {
      region.data.n = 1;
      return region.data.$n.notify();
    };
    while (woken() === 0 && region.data.m === 1) await new Promise((resolve) => setTimeout(resolve, 1));
    region.close();
  },
  async writes(name) {
    const region = Probe.open(name);
    region.data.name = "node";
    region.data.jobs.producer().push(7);
    console.log("there");
    region.close();
  },
  async scribbles(path) {
    const { data } = Page.attach(path, { access: "read-write" });
    console.log("there");
    for (let value = 1; ; value += 1) {
      data.$begin.add(1);
      data.a = value;
      data.b = value;
      data.$end.add(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
  async dies(name) {
    Plain.createOrOpen(name, { tailLength: 0 }).data.n = 3;
    console.log("there");
    setInterval(() => {}, 1000);
  },
};

const FEATURES = {
  async regions() {
    const region = Probe.createOrOpen("regions");
    await (
      await partner("writes", "regions")
    ).gone;
    equal(region.data.name, "node");
    region.close();
    equal(listRegions().length, 0);
    const dying = await partner("dies", "dying");
    const opened = Plain.open("dying");
    equal(opened.data.n, 3);
    dying.kill();
    await dying.gone;
    opened.close();
    equal(listRegions().length, 0);
  },
  async containers() {
    const region = Probe.createOrOpen("containers");
    await (
      await partner("writes", "containers")
    ).gone;
    equal(region.data.jobs.consumer().pop(), 7);
    region.close();
  },
  async wait() {
    const region = Probe.createOrOpen("wait");
    const child = await partner("notify", "wait");
    region.data.m = 1;
    equal(["ok", "not-equal"].includes(region.data.$n.wait(0, 20000)), true);
    region.data.m = 2;
    await child.gone;
    region.close();
  },
  async waitAsync() {
    const region = Probe.createOrOpen("wait-async");
    const child = await partner("notify", "wait-async");
    const pending = region.data.$n.waitAsync(0, 20000);
    region.data.m = 1;
    equal(await pending, "ok");
    region.data.m = 2;
    await child.gone;
    equal(await region.data.$n.waitAsync(1, 20), "timed-out");
    region.close();
  },
  async workers() {
    const region = Plain.createOrOpen("workers", { tailLength: 0 });
    const worker = new Worker(new URL("./probe-worker.mjs", import.meta.url), { workerData: region.share() });
    worker.once("error", (error) => console.log(String(error)));
    await once(worker, "message");
    equal(region.data.n, 5);
    await worker.terminate();
    region.close();
  },
  async local() {
    const region = Plain.createLocal({ tailLength: 0 });
    const worker = new Worker(new URL("./probe-worker.mjs", import.meta.url), { workerData: region.share() });
    worker.once("error", (error) => console.log(String(error)));
    const woken = region.data.$n.waitAsync(0, 20000);
    await once(worker, "message");
    equal([await woken, region.data.n], "ok,5");
    await worker.terminate();
    region.close();
  },
  async anonymous() {
    const region = Plain.createAnonymous({ tailLength: 0 });
    region.data.n = 9;
    equal(region.data.n, 9);
    region.close();
  },
  async growth() {
    const region = Plain.createOrOpen("growth", { tailLength: 0 });
    region.growTail(100000);
    region.refresh();
    region.data.samples[99999] = 4;
    equal(region.data.samples.length, 100000);
    region.close();
  },
  async foreign() {
    const path = fileURLToPath(new URL(`./page-${process.pid}`, import.meta.url));
    // A page, and behind it what no struct says: a number at an odd place, and a text.
    writeFileSync(
      path,
      Buffer.concat([Buffer.from("PAGE".padEnd(41, "\0")), Buffer.from("\x12\x34caf\xe9\0", "latin1")]),
    );
    const child = await partner("scribbles", path);
    // What Bun compiles of an atomic load stores. It is refused there, and ends no process.
    const inBun = process.versions.bun !== undefined;
    for (const open of [() => Page.attach(path), () => Plain.openReadOnly("foreign")]) {
      const own = Plain.createOrOpen("foreign", { tailLength: 0 });
      try {
        open().close();
        equal(inBun, false);
      } catch (error) {
        if (!isShmError(error)) throw error;
        equal([inBun, error.code], "true,ERR_SHM_UNSUPPORTED");
      }
      own.close();
    }
    const region = Seen.attach(path);
    const { memory, readOnly } = region;
    equal([readOnly, memory.read("be u16", 41), memory.text(43, { encoding: "latin1" })], "true,4660,café");
    const seen = new Set();
    while (seen.size < 50) {
      const { a, b } = stable(region, { begin: "begin", end: "end" }, undefined, { timeoutMs: 60_000 });
      equal(a, b);
      seen.add(a);
    }
    child.kill();
    await child.gone;
    region.close();
    rmSync(path);
  },
  async owners() {
    const region = Plain.createOrOpen("owners", { tailLength: 0 });
    equal(region.owners()[0].command.split(" ")[1], "probe.mjs");
    region.close();
  },
  async doctor() {
    const checks = await checkEnvironment();
    equal(
      checks.filter(({ status }) => status === "problem").map(({ id, found }) => `${id}: ${found}`),
      "",
    );
  },
};

const [, , what, name] = process.argv;
if (what in ROLES) {
  // An engine that crashes kills nobody.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(), 500).unref();
  await ROLES[what](name);
}
if (what in FEATURES) {
  try {
    await FEATURES[what]();
    console.log("works");
  } catch (error) {
    console.log(isShmError(error) ? `${error.code}: ${error.message}` : error.stack);
  }
  process.exit();
}
