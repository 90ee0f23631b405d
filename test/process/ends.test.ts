/**
 * What is left of regions at each end of a process. docs/lifecycle.md has the table of it: one row for each test of the first table here.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { cleanStale, listRegions } from "@shmgen/runtime";
import { HEADER_OFFSET } from "@shmgen/schema/region-format";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { generateModule } from "../support/containers/generated-module.js";
import { codeOf, regionDirectory, until } from "../support/processes/processes.js";

/** What is generated for the recipe. */
interface StateModule {
  readonly State: { openReadOnly(name: string): Disposable & { readonly data: { readonly served: bigint } } };
}

const directory = regionDirectory();
const KIT = JSON.stringify(new URL("../support/processes/script-kit.mjs", import.meta.url).href);
const RUNTIME = JSON.stringify(new URL("../../runtime/lib/index.js", import.meta.url).href);
const IMPORTS = `
  import { Counter, Worker, counterOf, fs } from ${KIT};
  import { closeOnSignals } from ${RUNTIME};
  const say = (text) => fs.writeSync(1, text + "\\n");
`;

interface Ended {
  readonly how: number | string | null;
  readonly said: readonly string[];
  readonly err: string;
}

/** Runs a script, and sends it a signal once it has said "ready". */
function endOf(
  source: string,
  signals: readonly NodeJS.Signals[] = [],
  prefix: readonly string[] = [],
): Promise<Ended> {
  const argv = [...prefix, process.execPath, "--input-type=module", "-e", IMPORTS + source];
  const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const left = [...signals];
  createInterface(child.stdout).on("line", (line) => {
    said.push(line);
    const signal = line.startsWith("ready") ? left.shift() : undefined;
    if (signal !== undefined) process.kill(Number(line.split(" ")[1] ?? child.pid), signal);
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ how: code ?? signal, said, err }));
  });
}

const names = (): string[] => readdirSync(directory);

/** What the next one finds, who takes away what is left. */
function next(name: string): string {
  const opened = codeOf(() => Counter.open(name).close());
  const region = Counter.createOrOpen(name);
  const { outcome } = region;
  region.close();
  return `${opened} ${outcome}`;
}

const GONE = "ERR_SHM_NOT_FOUND created";
const LEFT = "ERR_SHM_STALE reinitialised";
const STAYS = `setInterval(() => {}, 1000); say("ready");`;

/** By the row of the table. What is left, and the exit code or signal. */
const ENDS: readonly (readonly [
  row: string,
  end: string,
  signal: NodeJS.Signals | undefined,
  left: string,
  how: unknown,
])[] = [
  ["the program comes to its end", "", undefined, GONE, 0],
  ["process.exit()", "process.exit(7);", undefined, GONE, 7],
  ["an uncaught error", "throw new Error('oh');", undefined, GONE, 1],
  ["a promise that nobody catches", "await Promise.reject(new Error('oh'));", undefined, GONE, 1],
  ["SIGHUP", STAYS, "SIGHUP", LEFT, "SIGHUP"],
  ["SIGINT", STAYS, "SIGINT", LEFT, "SIGINT"],
  ["SIGTERM", STAYS, "SIGTERM", LEFT, "SIGTERM"],
  ["SIGHUP, with closeOnSignals()", `closeOnSignals(); ${STAYS}`, "SIGHUP", GONE, "SIGHUP"],
  ["SIGINT, with closeOnSignals()", `closeOnSignals(); ${STAYS}`, "SIGINT", GONE, "SIGINT"],
  ["SIGTERM, with closeOnSignals()", `closeOnSignals(); ${STAYS}`, "SIGTERM", GONE, "SIGTERM"],
  ["SIGKILL, the kernel's OOM killer", `closeOnSignals(); ${STAYS}`, "SIGKILL", LEFT, "SIGKILL"],
  ["a crash", "process.abort();", undefined, LEFT, "SIGABRT"],
  ["a crash (SIGSEGV)", `closeOnSignals(); ${STAYS}`, "SIGSEGV", LEFT, "SIGSEGV"],
];

describe("a region of which this process is the last user", () => {
  it.each(ENDS)("%s", async (_row, end, signal, left, how) => {
    const source = `globalThis.region = Counter.createOrOpen("end"); region.data.count = 5; ${end}`;
    const ended = await endOf(source, signal === undefined ? [] : [signal]);
    expect(ended.how).toBe(how);
    expect(next("end")).toBe(left);
  });

  it("what was opened to stay stays at each of them, with its data", async () => {
    for (const end of ["", "process.exit(7);", "process.abort();", `closeOnSignals(); ${STAYS}`]) {
      await endOf(
        `globalThis.region = Counter.createOrOpen("end", { cleanup: "keep", onStale: "keep" });
        region.data.addCount(1); ${end}`,
        ["SIGTERM"],
      );
    }
    using region = Counter.createOrOpen("end", { onStale: "keep" });
    expect(region.data.count).toBe(4);
  });

  it("others that have it open notice nothing: the file stays until the last of them closes it", async () => {
    const region = Counter.createOrOpen("end");
    for (const end of ["", "process.exit();", "process.abort();", STAYS, `closeOnSignals(); ${STAYS}`]) {
      await endOf(`globalThis.region = Counter.open("end"); region.data.addCount(1); ${end}`, ["SIGTERM"]);
      expect(region.isCurrent()).toBe(true);
    }
    expect(region.data.count).toBe(5);
    region.close();
    expect(names()).toEqual([]);
  });

  it("memory without a name is nowhere to be found, however its process ended", async () => {
    for (const end of ["", "process.abort();", `closeOnSignals(); ${STAYS}`]) {
      const ended = await endOf(`globalThis.region = Counter.createAnonymous(); say(region.token()); ${end}`, [
        "SIGTERM",
      ]);
      expect(codeOf(() => Counter.fromToken(ended.said[0] ?? ""))).toBe("ERR_SHM_NOT_FOUND");
    }
    expect(names()).toEqual([]);
  });

  it("a region that has no name from the beginning leaves nothing, and one with the header of .NET what any other leaves", async () => {
    for (const end of ["", "process.abort();", STAYS]) {
      await endOf(`globalThis.region = Counter.createOrOpen("end", { cleanup: "immediately" }); ${end}`, ["SIGTERM"]);
      expect(names()).toEqual([]);
    }
    const Dotnet = counterOf({ header: "dotnet" });
    for (const [end, left] of [
      ["", []],
      [STAYS, ["end"]],
      [`closeOnSignals(); ${STAYS}`, []],
    ] as const) {
      await endOf(`globalThis.region = counterOf({ header: "dotnet" }).createOrOpen("end"); ${end}`, ["SIGTERM"]);
      expect(names()).toEqual(left);
      Dotnet.createOrOpen("end").close();
    }
  });

  it("what is stale is made anew, refused or gone on with, as its opener says, and cleaned", async () => {
    const die = (): Promise<Ended> =>
      endOf(`globalThis.region = Counter.createOrOpen("end"); region.data.count = 5; process.abort();`);
    await die();
    expect(codeOf(() => Counter.openReadOnly("end"))).toBe("ERR_SHM_STALE");
    await expect(Counter.whenReady("end", { timeoutMs: 20 })).rejects.toMatchObject({ code: "ERR_SHM_NOT_READY" });
    const kept = Counter.createOrOpen("end", { onStale: "keep" });
    expect([kept.outcome, kept.data.count]).toEqual(["opened", 5]);
    kept.close();
    await die();
    const made = Counter.create("end");
    expect([made.outcome, made.data.count]).toEqual(["reinitialised", 0]);
    made.close();
    await die();
    expect(cleanStale().removed).toMatchObject([{ name: "end", state: "stale" }]);
  });

  it("after a loss of power a file that a disk has kept is of another boot, and stale: its data is taken over only by who asks for it", () => {
    Counter.createOrOpen("end", { cleanup: "keep", initialise: (data) => (data.count = 5) }).close();
    const path = join(directory, "end");
    const bytes = readFileSync(path);
    bytes.writeBigUInt64LE(0x1234_5678_9abc_def0n, HEADER_OFFSET.bootId);
    writeFileSync(path, bytes);
    expect(listRegions()).toMatchObject([{ state: "stale", kept: true, creator: { isRunning: false } }]);
    const region = Counter.createOrOpen("end", { onStale: "keep" });
    expect(region.data.count).toBe(5);
    region.close();
    expect(names()).toEqual([]);
  });
});

const WORKER = `
  const { parentPort, workerData } = await import("node:worker_threads");
  const { Counter } = await import(${KIT});
  globalThis.region = Counter.createOrOpen("inner");
  parentPort.postMessage("open");
`;
/** The worker has "inner" open when `then` runs. */
const withWorker = (body: string, then: string): string => `
  globalThis.region = Counter.createOrOpen("outer");
  const source = ${JSON.stringify(WORKER)} + ${JSON.stringify(body)};
  const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(source)));
  worker.on("error", () => {});
  await new Promise((resolve) => worker.once("message", resolve));
  ${then}`;
const LOOP = "setInterval(() => {}, 1000);";
const SPIN = "for (;;);";

describe("a region of a worker, of which it is the last user", () => {
  it.each<
    readonly [row: string, body: string, then: string, signal: NodeJS.Signals | undefined, left: readonly string[]]
  >([
    ["the worker comes to its end", "", `await new Promise((resolve) => worker.once("exit", resolve));`, undefined, []],
    [
      "process.exit() in the worker",
      "process.exit(3);",
      `await new Promise((resolve) => worker.once("exit", resolve));`,
      undefined,
      [],
    ],
    [
      "an uncaught error in the worker",
      "throw new Error('oh');",
      `await new Promise((resolve) => worker.once("exit", resolve));`,
      undefined,
      [],
    ],
    ["worker.terminate()", LOOP, "await worker.terminate();", undefined, ["inner"]],
    ["process.exit() in the main thread", LOOP, "process.exit();", undefined, []],
    ["an uncaught error in the main thread", LOOP, "throw new Error('oh');", undefined, []],
    ["SIGTERM", LOOP, STAYS, "SIGTERM", ["inner", "outer"]],
    ["SIGTERM, with closeOnSignals()", LOOP, `closeOnSignals(); ${STAYS}`, "SIGTERM", []],
    ["process.exit() while the worker is busy", SPIN, "process.exit();", undefined, ["inner"]],
    [
      "SIGTERM while the worker is busy, with closeOnSignals()",
      SPIN,
      `closeOnSignals(); ${STAYS}`,
      "SIGTERM",
      ["inner"],
    ],
  ])("%s", async (_row, body, then, signal, left) => {
    await endOf(withWorker(body, then), signal === undefined ? [] : [signal]);
    expect(names()).toEqual(left);
    for (const name of left) next(name);
    expect(names()).toEqual([]);
  });

  it("a region that threads share goes with the process", async () => {
    const source = withWorker(
      `const { once } = await import("node:events");
       const [shared] = await once(parentPort, "message");
       globalThis.second = Counter.fromShared(shared);
       parentPort.postMessage("shared"); ${LOOP}`,
      `worker.postMessage(region.share());
       await new Promise((resolve) => worker.once("message", resolve));
       closeOnSignals(); ${STAYS}`,
    );
    expect((await endOf(source, ["SIGTERM"])).how).toBe("SIGTERM");
    expect(names()).toEqual([]);
  });
});

describe("closeOnSignals", () => {
  const open = `globalThis.region = Counter.createOrOpen("end");`;

  it("leaves the end to a program that listens itself, before it or after it, once or always", async () => {
    for (const listen of ["on", "once", "prependListener"]) {
      for (const order of [`closeOnSignals(); LISTEN`, `LISTEN closeOnSignals();`]) {
        const source = `${open} ${order.replace(
          "LISTEN",
          `process.${listen}("SIGTERM", async () => {
            await new Promise((resolve) => setTimeout(resolve, 20));
            say("mine " + region.data.count + " " + fs.readdirSync(process.env.SHMGEN_DIR).length);
            process.exit(4);
          });`,
        )} ${STAYS}`;
        expect(await endOf(source, ["SIGTERM"])).toMatchObject({ how: 4, said: ["ready", "mine 0 1"], err: "" });
        expect(names()).toEqual([]);
      }
    }
  });

  it("asked for twice it is one listener, until both have taken it back", async () => {
    const source = `${open}
      const count = () => say(["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR2"].map((signal) => process.listenerCount(signal)).join(" "));
      count();
      const first = closeOnSignals();
      const second = closeOnSignals(["SIGTERM", "SIGUSR2", "SIGTERM"]);
      count();
      first();
      first();
      count();
      second[Symbol.dispose]();
      count();
      ${STAYS}`;
    const ended = await endOf(source, ["SIGTERM"]);
    expect(ended).toMatchObject({ how: "SIGTERM", said: ["0 0 0 0", "1 1 1 1", "0 0 1 1", "0 0 0 0", "ready"] });
    expect(next("end")).toBe(LEFT);
  });

  it("closes all regions, whatever they are open as, and leaves those of others alone", async () => {
    const mine = Counter.createOrOpen("ours");
    const source = `
      globalThis.regions = [Counter.createOrOpen("a"), Counter.createOrOpen("b", { mapping: "view" }),
        Counter.openReadOnly("ours"), Counter.createOrOpen("stays", { cleanup: "keep" }), Counter.createAnonymous()];
      closeOnSignals(["SIGUSR2"]); ${STAYS}`;
    expect((await endOf(source, ["SIGUSR2"])).how).toBe("SIGUSR2");
    expect(names().sort()).toEqual(["ours", "stays"]);
    mine.close();
    next("stays");
  });

  it("beside packages that end the process only where nobody else listens, the process ends", async () => {
    // As signal-exit does, versions 3 and 4.
    const polite = (place: string): string => `
      ${place} = { count: 1 };
      const listener = () => {
        if (process.listeners("SIGTERM").length !== ${place}.count) return;
        ${place}.count = 0;
        process.off("SIGTERM", listener);
        say("polite");
        process.kill(process.pid, "SIGTERM");
      };
      process.on("SIGTERM", listener);`;
    for (const place of [`process.__signal_exit_emitter__`, `globalThis[Symbol.for("signal-exit emitter")]`]) {
      for (const source of [`closeOnSignals(); ${polite(place)}`, `${polite(place)} closeOnSignals();`]) {
        expect(await endOf(`${open} ${source} ${STAYS}`, ["SIGTERM"])).toMatchObject({
          how: "SIGTERM",
          said: ["ready", "polite"],
        });
        expect(names()).toEqual([]);
      }
    }
  });

  it("refuses workers and what is no signal that ends a process, with words", async () => {
    const wrong = await endOf(`${open}
      for (const signals of [["SIGKILL"], "SIGTERM", [5]]) {
        try { closeOnSignals(signals); } catch (error) { say(error.code + " " + error.message); }
      }
      const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(
        'const { closeOnSignals } = await import(' + ${JSON.stringify(RUNTIME)} + '); closeOnSignals();')));
      worker.on("error", ({ code, message }) => say(code + " " + message));`);
    expect(wrong.said.join("\n")).toMatchInlineSnapshot(`
      "ERR_SHM_RANGE signals are a list of SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR2: found="SIGKILL"; leave it out for the default
      ERR_SHM_RANGE signals are a list of SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR2: found="SIGTERM"; leave it out for the default
      ERR_SHM_RANGE signals are a list of SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR2: found=5; leave it out for the default
      ERR_SHM_UNSUPPORTED signals come to the main thread alone; call closeOnSignals there; it closes what workers have open as well"
    `);
  });

  const unshare = existsSync("/usr/bin/unshare") && process.getuid?.() === 0;
  it.skipIf(!unshare)(
    `ends the first process of a container, which a signal that is not handled does not end${unshare ? "" : " (skipped: needs root and unshare)"}`,
    async () => {
      const inside = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
      // The child of unshare, by the number that it has outside.
      const source = `${open} closeOnSignals(); setInterval(() => {}, 1000); say("up " + process.pid);`;
      const argv = [...inside.slice(1), process.execPath, "--input-type=module", "-e", IMPORTS + source];
      const child = spawn("unshare", argv, { stdio: ["ignore", "pipe", "inherit"] });
      const exited = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
      const up = await new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));
      expect(up).toBe("up 1");
      const [first = ""] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
      process.kill(Number(first), "SIGTERM");
      expect(await exited).toBe(143);
      expect(names()).toEqual([]);
    },
  );
});

const STATE = `import type { Region, atomic, u64 } from "@shmgen/schema";
export interface State extends Region<{ type: 0x51; version: 1 }> { served: atomic<u64> }`;

it("the recipe for a cluster: restarted worker by worker it keeps its region, and leaves nothing at its end", async () => {
  const module = new URL(generateModule("state", STATE));
  const document = readFileSync(join(import.meta.dirname, "../../docs/lifecycle.md"), "utf8");
  const recipe = /<!-- recipe: cluster -->\n+```js\n([^]*?)```/.exec(document)?.[1] ?? "";
  const main = new URL("../main.mjs", module);
  writeFileSync(main, recipe);
  const primary = spawn(process.execPath, [main.pathname], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise((resolve) => primary.once("exit", (code, signal) => resolve(code ?? signal)));
  const workers = (): string[] => {
    const { pid = 0 } = primary;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  };
  const { State } = (await import(module.href)) as StateModule;
  const served = (): bigint => {
    if (!existsSync(join(directory, "state"))) return 0n;
    using region = State.openReadOnly("state");
    return region.data.served;
  };
  await until(() => served() === 2n, "two workers");
  const first = workers();
  expect(first).toHaveLength(2);
  primary.kill("SIGHUP");
  await until(() => served() === 4n && workers().length === 2, "two other workers");
  expect(workers().filter((pid) => first.includes(pid))).toEqual([]);
  expect(listRegions()).toMatchObject([{ name: "state", generation: 1, state: "live" }]);
  const last = workers();
  primary.kill("SIGTERM");
  expect(await ended).toBe("SIGTERM");
  await until(() => last.every((pid) => !existsSync(`/proc/${pid}`)), "the workers have ended");
  expect(names()).toEqual([]);
});
