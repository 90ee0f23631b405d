/** Threads and processes that end while koffi is being loaded in a worker, which aborts the process unless it is let go on. */
import { execFile } from "node:child_process";
import { expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { inPairs } from "../support/syscalls/strace.js";

regionDirectory();
const SUPPORT = JSON.stringify(new URL("../support/regions/counter.mjs", import.meta.url).href);
const LOADING = JSON.stringify(new URL("../../runtime/dist/runtime/loading.js", import.meta.url).href);
const PROCESSES = byDepth(4, 30, 1000);
const TIMEOUT_MS = 1_200_000;

interface Ended {
  readonly how: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(script: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const argv = ["--input-type=module", "-e", script, ...args];
    const child = execFile(process.execPath, argv, { timeout: 60_000 }, (_error, stdout, stderr) =>
      resolve({ how: child.exitCode ?? child.signalCode, stdout, stderr }),
    );
  });
}

const START = `
  import { Worker } from "node:worker_threads";
  const start = (source, workerData) =>
    new Worker(new URL("data:text/javascript," + encodeURIComponent(source)), { workerData });
`;

/** Ends after so many milliseconds by an exit code of its own, with workers that are just starting. */
const EXITS_EARLY = {
  "workers that open regions": `${START}
    import ${SUPPORT};
    const source = 'import { Counter } from ${SUPPORT}; Counter.createOrOpen("early-" + process.pid); setInterval(() => {}, 1000)';
    for (let n = 0; n < 3; n += 1) start(source);
    setTimeout(() => process.exit(7), Number(process.argv[1]));`,
  "the thread of its first waitAsync": `
    import { Counter, futexOf } from ${SUPPORT};
    const region = Counter.createOrOpen("waits-" + process.pid);
    futexOf(region).waitAsync(132, 0, 60_000).catch(() => {});
    setTimeout(() => process.exit(7), Number(process.argv[1]));`,
};

for (const [what, script] of Object.entries(EXITS_EARLY)) {
  it(
    `${PROCESSES} processes exit while they start ${what}: each ends with its own exit code [fault 19]`,
    async () => {
      const random = new Random(runSeed(`exit beside ${what}`));
      const delays = Array.from({ length: PROCESSES }, () => random.integer(5, 250));
      await inPairs(delays, async (delay) => {
        const { how, stderr } = await run(script, String(delay));
        expect([how, stderr], `after ${delay} ms`).toEqual([7, ""]);
      });
    },
    TIMEOUT_MS,
  );
}

it(
  "a worker that has sent its first message can be terminated at any time, whatever it does just then [fault 19]",
  async () => {
    const script = `${START}
    const source = \`
      import { parentPort } from "node:worker_threads";
      import { Counter, futexOf } from ${SUPPORT};
      parentPort.postMessage("here");
      for (let n = 0; ; n += 1) {
        const region = Counter.createOrOpen("busy-" + (n % 3), { mapping: n % 2 ? "view" : "wasm" });
        if (n % 4 === 0) futexOf(region).waitAsync(132, 0, 60_000).catch(() => {});
        futexOf(region).wait(132, 0, n % 2);
        futexOf(region).notify(132, 1);
        if (n % 10 === 0) region.owners();
        region.close();
        if (n % 5 === 0) Counter.createAnonymous().close();
        await undefined;
      }\`;
    for (const delay of process.argv.slice(1)) {
      const worker = start(source);
      await new Promise((resolve) => worker.once("message", resolve));
      await new Promise((resolve) => setTimeout(resolve, Number(delay)));
      await worker.terminate();
    }
    console.log("alive");`;
    const random = new Random(runSeed("terminate"));
    const rounds = Array.from({ length: byDepth(2, 4, 60) }, () =>
      Array.from({ length: byDepth(6, 15) }, () => random.integer(0, 60)),
    );
    await inPairs(rounds, async (delays) => {
      expect(await run(script, ...delays.map(String))).toEqual({ how: 0, stdout: "alive\n", stderr: "" });
    });
  },
  TIMEOUT_MS,
);

it("a process that ends lets a worker finish that is loading, and keeps others from beginning", async () => {
  const script = `${START}
    import { writeSync } from "node:fs";
    await import(${LOADING});
    const go = new Int32Array(new SharedArrayBuffer(4));
    const source = (what) => \`
      import { writeSync } from "node:fs";
      import { parentPort, workerData } from "node:worker_threads";
      const { loadInWorker } = await import(${LOADING});
      parentPort.postMessage("here");
      if ("\${what}" === "late") Atomics.wait(workerData, 0, 0);
      loadInWorker(() => {
        writeSync(1, "\${what} begins\\\\n");
        if ("\${what}" === "early") parentPort.postMessage("loading");
        for (const end = performance.now() + 100; performance.now() < end;);
        writeSync(1, "\${what} is done\\\\n");
      });\`;
    const late = start(source("late"), go);
    await new Promise((resolve) => late.once("message", resolve));
    const early = start(source("early"), go);
    await new Promise((resolve) => early.on("message", (message) => message === "loading" && resolve()));
    process.on("exit", () => {
      writeSync(1, "ends\\n");
      Atomics.store(go, 0, 1);
      Atomics.notify(go, 0);
      for (const end = performance.now() + 100; performance.now() < end;);
    });
    process.exit(7);`;
  expect(await run(script)).toEqual({ how: 7, stdout: "early begins\nearly is done\nends\n", stderr: "" });
});

it("a worker that was terminated while it loaded holds up nobody's end for long", async () => {
  const script = `${START}
    await import(${LOADING});
    const source = \`
      import { parentPort } from "node:worker_threads";
      const { loadInWorker } = await import(${LOADING});
      loadInWorker(() => {
        parentPort.postMessage("loading");
        for (;;);
      });\`;
    const worker = start(source);
    await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
    const before = process.hrtime.bigint();
    process.on("exit", () => console.log(process.hrtime.bigint() - before < 5_000_000_000n));
    process.exit(7);`;
  expect(await run(script)).toEqual({ how: 7, stdout: "true\n", stderr: "" });
});
