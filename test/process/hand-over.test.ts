/** Regions over a Unix socket, between processes that are strangers to each other. */
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendRegion } from "@shmgen/runtime";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { COMPILERS, compileProgram, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { endOfScript } from "../support/processes/scripts.js";

const directory = regionDirectory();
const sockets = fs.mkdtempSync("/dev/shm/shmgen-sockets-");
const refused = (code: string, facts: object = {}): unknown => expect.objectContaining({ code, ...facts });
const script = join(import.meta.dirname, "../support/processes/receiver.mjs");
const rude = join(sockets, "rude-sender");
const started = new Set<ChildProcess>();
const otherUser = process.getuid?.() === 0 ? 65534 : undefined;
const withoutRoot = otherUser === undefined ? " (skipped: needs root, to become another user)" : "";
const withoutC = withoutCompilers === undefined ? "" : ` (skipped: ${withoutCompilers})`;
let count = 0;

beforeAll(() => {
  if (withoutCompilers !== undefined) return;
  const [compiler = { name: "", command: "", args: [], extension: "" }] = COMPILERS;
  const flags = ["-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE"];
  compileProgram(compiler, {
    folder: join(import.meta.dirname, "../support/c"),
    source: "rude-sender.c",
    program: rude,
    flags,
  });
});

afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  fs.rmSync(sockets, { recursive: true, force: true });
});

/** A new path for a socket. */
function socketPath(): string {
  count += 1;
  return join(sockets, `s${count}`);
}

/** Descriptors of memory, of what the rude ones send, and of sockets of our kind; Node's own are streams. */
function socketsOpen(): number {
  const lines = fs.readFileSync("/proc/net/unix", "utf8").split("\n");
  const fields = lines.map((line) => line.split(/\s+/)).filter((line) => line[4] === "0005");
  const ours = new Set(fields.map((line) => `socket:[${line[6] ?? ""}]`));
  return fs.readdirSync("/proc/self/fd").filter((fd) => {
    try {
      const link = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return ours.has(link) || link.startsWith("/memfd:") || link === "/dev/null";
    } catch {
      return false;
    }
  }).length;
}

/** A process that receives one region. `listening` is when it waits, `said` what it printed then. */
function receiver(
  path: string,
  options: object = {},
  user?: number,
): { listening: Promise<unknown>; said: Promise<string>; kill(): Promise<void> } {
  const identity = user === undefined ? {} : { uid: user, gid: user };
  const args = [script, path, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], ...identity });
  started.add(child);
  if (child.stdout === null) throw new Error("no pipe");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const listening = lines.next();
  const said = listening.then(async () => String((await lines.next()).value));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return { listening, said, kill };
}

async function rudely(
  path: string,
  ...args: readonly [magic: string, status: number, extra: number, descriptors: number, payload: string]
): Promise<string> {
  const child = spawn(rude, [path, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  started.add(child);
  let text = "";
  child.stdout?.on("data", (chunk) => (text += String(chunk)));
  const code = await new Promise((resolve) => child.once("close", resolve));
  return code === 0 ? text.trim() : `ended with ${String(code)}`;
}

describe.each(["with a name", "without a name"] as const)("a region %s", (kind) => {
  const create = () => {
    const options = { initialise: (data: { count: number }) => void (data.count = 10) };
    return kind === "with a name" ? Counter.createOrOpen("handed", options) : Counter.createAnonymous(options);
  };

  it("is handed to a stranger, whoever comes first, and both see the same memory [S-04 A-02]", async () => {
    using region = create();
    const before = socketsOpen();
    const first = socketPath();
    const early = receiver(first);
    await until(() => fs.existsSync(first), "the socket");
    expect(fs.statSync(first).mode & 0o777).toBe(0o600);
    await sendRegion(region, first);
    expect(await early.said).toBe(`${region.name} 10 ${String(region.sealed)}`);
    await until(() => !fs.existsSync(first), "the socket goes");
    const second = socketPath();
    const sending = sendRegion(region, second, { timeoutMs: 20_000 });
    const late = receiver(second);
    await sending;
    expect(await late.said).toBe(`${region.name} 11 ${String(region.sealed)}`);
    expect([region.data.count, socketsOpen()]).toEqual([12, before]);
    expect(fs.readdirSync(sockets).filter((name) => name !== "rude-sender")).toEqual([]);
  });

  it("is received in this process from another one, read-only as well, and lives on when the sender dies [S-04]", async () => {
    const child = await startProcess();
    await child.run(({ Counter: There, kept }, named) => {
      const options = { initialise: (data: { count: number }) => void (data.count = 10) };
      kept["r"] = named ? There.createOrOpen("handed", options) : There.createAnonymous(options);
    }, kind === "with a name");
    const path = socketPath();
    const sent = child.run(({ runtime, kept }, to) => runtime.sendRegion(kept["r"]!, to), path);
    using region = await Counter.receiveRegion(path);
    await sent;
    const again = socketPath();
    const sentAgain = child.run(({ runtime, kept }, to) => runtime.sendRegion(kept["r"]!, to), again);
    using reader = await Counter.receiveRegion(again, { access: "read-only", mapping: "view" });
    await sentAgain;
    await child.kill();
    region.data.count = 11;
    expect([region.outcome, reader.readOnly, reader.kind, reader.data.count]).toEqual(["opened", true, "view", 11]);
    if (kind === "with a name") {
      expect([region.isCurrent(), region.path]).toEqual([true, join(directory, "handed")]);
      region.close();
      expect(fs.existsSync(region.path)).toBe(true);
      reader.close();
      expect(fs.existsSync(region.path)).toBe(false);
    }
  });

  it(
    "N-24 another user gets it only if both sides expect him" + withoutRoot,
    { skip: otherUser === undefined },
    async () => {
      using region = create();
      const folder = fs.mkdtempSync("/dev/shm/shmgen-sockets-");
      fs.chmodSync(folder, 0o777);
      try {
        const path = join(folder, "s");
        const stranger = receiver(path, { timeoutMs: 20_000, allowOtherUsers: true }, otherUser);
        await until(() => fs.existsSync(path), "the socket");
        expect(fs.statSync(path).mode & 0o777).toBe(0o666);
        await expect(sendRegion(region, path)).rejects.toThrow(refused("ERR_SHM_PERMISSION"));
        if (kind === "with a name") {
          // Its file is ours alone, and being handed it changes nothing about that.
          const sent = sendRegion(region, path, { allowOtherUsers: true });
          await expect(sent).rejects.toThrow(/receiver refused.*belongs to another user/);
          await stranger.kill();
          return;
        }
        await sendRegion(region, path, { allowOtherUsers: true });
        // The memory is 0600 and ours: what was handed over is the right itself.
        expect(await stranger.said).toBe("Counter 10 true");
        expect(region.data.count).toBe(11);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    },
  );
});

describe("a receiver [P-11 P-12]", () => {
  const well = "SHMD";
  it(
    `refuses what breaks a rule, ends that connection alone, keeps no descriptor, and takes the region that comes then${withoutC}`,
    { skip: withoutCompilers !== undefined },
    async () => {
      using region = Counter.createAnonymous({ initialise: (data) => void (data.count = 1) });
      using other = counterOf({ fingerprint: "00000000000000ee" }).createAnonymous();
      const before = socketsOpen();
      const path = socketPath();
      const receiving = Counter.receiveRegion(path, { timeoutMs: 30_000 });
      await until(() => fs.existsSync(path), "the socket");
      const token = region.token();
      const cases: readonly (readonly [
        ...(Parameters<typeof rudely> extends [string, ...infer A] ? A : never),
        RegExp,
      ])[] = [
        ["SHMX", 1, 0, 1, token, /^3 ERR_SHM_FORMAT this is no message.*descriptors=0$/],
        [well, 1, 1, 1, token, /^3 ERR_SHM_FORMAT .*descriptors=0$/],
        [well, 1, 0, 1, "large", /^3 ERR_SHM_FORMAT .*descriptors=0$/],
        [well, 1, 0, 0, token, /^3 ERR_SHM_FORMAT a region comes with exactly one descriptor.*descriptors=0$/],
        [well, 1, 0, 2, token, /^3 ERR_SHM_FORMAT a region comes with exactly one descriptor.*descriptors=0$/],
        [well, 1, 0, 60, token, /^3 ERR_SHM_FORMAT .*descriptors=0$/],
        [well, 3, 0, 0, "ERR_SHM_FORMAT no", /^3 ERR_SHM_FORMAT the message brings no region.*descriptors=0$/],
        [well, 3, 0, 1, "ERR_SHM_FORMAT no", /^3 ERR_SHM_FORMAT the message brings no region.*descriptors=0$/],
        [well, 1, 0, 1, token.slice(0, -3), /^3 ERR_SHM_FORMAT the token is damaged.*descriptors=0$/],
        [well, 1, 0, 1, other.token(), /^3 ERR_SHM_LAYOUT .*descriptors=0$/],
        // The descriptor leads to /dev/null.
        [well, 1, 0, 1, token, /^3 ERR_SHM_FOREIGN it is not a regular file.*descriptors=0$/],
      ];
      for (const [magic, status, extra, descriptors, payload, expected] of cases) {
        expect(await rudely(path, magic, status, extra, descriptors, payload)).toMatch(expected);
        expect(socketsOpen(), `${magic} ${status} ${descriptors}`).toBe(before + 1);
      }
      // One who says nothing, and one who dies in the middle, are not waited for.
      const silent = rudely(path, well, -1, 0, 0, "");
      await until(() => socketsOpen() === before + 2, "two sockets");
      await sendRegion(region, path);
      using received = await receiving;
      expect(received.data.count).toBe(1);
      expect(await silent).toBe("");
      received.close();
      expect([socketsOpen(), fs.existsSync(path)]).toEqual([before, false]);
    },
  );

  it("tells the sender why it refuses, and at its deadline its caller what came", async () => {
    using region = counterOf({ fingerprint: "00000000000000ee" }).createAnonymous();
    const path = socketPath();
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    const receiving = Counter.receiveRegion(path, { timeoutMs: 2000 });
    const outcome = expect(receiving).rejects.toThrow(
      refused("ERR_SHM_NOT_READY", { cause: refused("ERR_SHM_LAYOUT"), message: expect.stringContaining("refused=1") }),
    );
    await expect(sendRegion(region, path)).rejects.toThrow(refused("ERR_SHM_LAYOUT"));
    await outcome;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
    expect(fs.existsSync(path)).toBe(false);
  });

  it("a descriptor that is not the one of its token is refused", async () => {
    using region = Counter.createAnonymous();
    using other = Counter.createAnonymous();
    const path = socketPath();
    const receiving = Counter.receiveRegion(path, { timeoutMs: 20_000 });
    const swapped = {
      access: region.access,
      path: region.path,
      descriptor: other.descriptor,
      token: () => region.token(),
    };
    await expect(sendRegion(swapped, path)).rejects.toThrow(refused("ERR_SHM_STALE"));
    await sendRegion(region, path);
    using received = await receiving;
    expect(received.isCurrent()).toBe(true);
  });
});

describe("a socket's path", () => {
  it("that is too long, abstract or none is refused before anything happens", async () => {
    using region = Counter.createAnonymous();
    for (const path of ["", "\0abstract", "x".repeat(108), `${"é".repeat(54)}`, 7 as unknown as string]) {
      await expect(sendRegion(region, path)).rejects.toThrow(refused("ERR_SHM_NAME", { field: "socketPath" }));
      await expect(Counter.receiveRegion(path)).rejects.toThrow(refused("ERR_SHM_NAME", { field: "socketPath" }));
    }
    await expect(Counter.receiveRegion(join(sockets, "none/s"))).rejects.toThrow(refused("ERR_SHM_NOT_FOUND"));
  });

  it("with 107 bytes is long enough for nobody to be cut", async () => {
    using region = Counter.createAnonymous();
    const folder = join(sockets, "d".repeat(107 - sockets.length - 1 - 4));
    fs.mkdirSync(folder);
    const path = join(folder, "abc");
    expect(path).toHaveLength(107);
    const receiving = Counter.receiveRegion(path);
    await sendRegion(region, path);
    (await receiving).close();
    fs.rmdirSync(folder);
  });

  it("where somebody listens, or something else is, is left alone; what a killed receiver left is replaced", async () => {
    using region = Counter.createAnonymous();
    const path = socketPath();
    const first = receiver(path, { timeoutMs: 20_000 });
    await until(() => fs.existsSync(path), "the socket");
    await expect(Counter.receiveRegion(path)).rejects.toThrow(refused("ERR_SHM_EXISTS"));
    await first.kill();
    expect(fs.statSync(path).isSocket()).toBe(true);
    const both = [1, 2, 3].map(async () => Counter.receiveRegion(path, { timeoutMs: 20_000 }));
    const sent = sendRegion(region, path);
    const outcomes = await Promise.allSettled(both);
    await sent;
    const opened = outcomes.filter((outcome) => outcome.status === "fulfilled");
    const others = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason.code);
    expect([opened.length, others]).toEqual([1, ["ERR_SHM_EXISTS", "ERR_SHM_EXISTS"]]);
    for (const { value } of opened) value.close();
    fs.writeFileSync(path, "mine");
    await expect(Counter.receiveRegion(path)).rejects.toThrow(refused("ERR_SHM_EXISTS"));
    expect(fs.readFileSync(path, "utf8")).toBe("mine");
    fs.rmSync(path);
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    // A stream socket is none of ours.
    await expect(Counter.receiveRegion(path)).rejects.toThrow(refused("ERR_SHM_SYSCALL", { errno: "EPROTOTYPE" }));
    expect(fs.existsSync(path)).toBe(true);
    server.close();
  });

  it("where nobody comes is left at the deadline or when aborted, and the event loop runs on", async () => {
    using region = Counter.createAnonymous();
    const path = socketPath();
    await expect(sendRegion(region, path, { timeoutMs: 60 })).rejects.toThrow(
      /nobody took the region in time.*waitedMs=60/,
    );
    await expect(Counter.receiveRegion(path, { timeoutMs: 60 })).rejects.toThrow(refused("ERR_SHM_NOT_READY"));
    for (const start of [
      (signal: AbortSignal) => sendRegion(region, path, { signal }),
      (signal: AbortSignal) => Counter.receiveRegion(path, { signal }),
    ]) {
      const controller = new AbortController();
      const pending = start(controller.signal);
      setTimeout(() => controller.abort(new Error("enough")), 30);
      await expect(pending).rejects.toThrow("enough");
      await expect(start(AbortSignal.abort(new Error("never")))).rejects.toThrow("never");
    }
    expect(fs.existsSync(path)).toBe(false);
    region.close();
    await expect(sendRegion(region, path)).rejects.toThrow(refused("ERR_SHM_CLOSED"));
  });

  it("is removed when the receiver ends in an orderly way", () => {
    const path = socketPath();
    const run = endOfScript(`
      Counter.receiveRegion(${JSON.stringify(path)});
      setTimeout(() => process.exit(), 100);`);
    expect([run.status, run.stderr, fs.existsSync(path)]).toEqual([0, "", false]);
  });
});
