/** Containers on Windows: a peer in C that MinGW has built and one in Node for Windows, in the same region, under wine. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Built, type Peer, build, peerOf } from "../support/c/containers/peers.js";
import { WINDOWS, type Compiler } from "../support/c/gcc.js";
import { byDepth } from "../support/run/depth.js";
import { moduleOnWindows, startTold } from "../support/windows/node-peer.js";
import { type WindowsFolder, spawnOnWindows, windowsFolder, withoutWindows } from "../support/windows/programs.js";

const STORM = byDepth(300, 2000);
const NODE = 22;

describe.skipIf(withoutWindows !== undefined)(`containers of C and Node on Windows ${withoutWindows ?? ""}`, () => {
  let built: Built | undefined;
  let folder: WindowsFolder;
  let module: string;
  let region = 0;
  const peers = new Set<Peer>();

  beforeAll(async () => {
    built = await build(["c", "js"]);
    folder = windowsFolder();
    mkdirSync(join(folder.path, "regions"), { mode: 0o700 });
    copyFileSync(`${built.program("peer", WINDOWS[0] as Compiler)}.exe`, join(folder.path, "peer.exe"));
    module = moduleOnWindows(built.module, folder);
  });

  afterEach(async () => {
    await Promise.all([...peers].map((peer) => peer.kill()));
    peers.clear();
    region += 1;
  });

  afterAll(() => {
    built?.remove();
    folder?.remove();
  });

  async function start(language: "C" | "Node"): Promise<Peer> {
    const peer = await (language === "C" ? startC() : startNode());
    peers.add(peer);
    expect(await peer.ask("join")).toMatch(/^ok/);
    return peer;
  }

  function startC(): Promise<Peer> {
    const env = { SHMGEN_DIR: `${folder.windows}\\regions` };
    const program = `${folder.windows}\\peer.exe`;
    return peerOf(spawnOnWindows(program, [`floor-${region}`], { stdio: ["pipe", "pipe", "ignore"], env }), "exit");
  }

  async function startNode(): Promise<Peer> {
    const told = await startTold(NODE, "test/support/c/containers/peer.mjs", [module, `floor-${region}`], folder);
    const kill = async (): Promise<void> => {
      told.forget();
      told.signal("SIGKILL");
      await told.exited;
    };
    return { pid: told.pid, ask: told.ask, signal: told.signal, kill, end: kill };
  }

  it("count under one mutex, and lose nothing", async () => {
    const all = [await start("C"), await start("Node"), await start("C")];
    expect(await Promise.all(all.map((peer) => peer.ask(`count ${STORM}`)))).toEqual(["ok", "ok", "ok"]);
    for (const peer of all) expect(await peer.ask("counted")).toBe(`ok ${3 * STORM}`);
  }, 240_000);

  it("see each other's changes when they wait for a mutex, an event, a semaphore and a value", async () => {
    const [c, node] = [await start("C"), await start("Node")];
    for (const [one, other] of [
      [c, node],
      [node, c],
    ] as const) {
      expect(await one.ask("lock 0")).toBe("ok");
      const locked = other.ask("lock 20000");
      expect(await one.ask("unlock")).toBe("ok");
      expect(await locked).toBe("ok");
      expect(await one.ask("lock 20")).toBe("busy");
      expect(await other.ask("unlock")).toBe("ok");
      const waited = other.ask("wait 20000");
      expect(await one.ask("set")).toBe("ok");
      expect(await waited).toBe("ok");
      expect(await other.ask("reset")).toBe("ok");
      const [, sequence = ""] = (await one.ask("sequence")).split(" ");
      const changed = other.ask(`changed ${sequence} 20000`);
      expect(await one.ask("write 1")).toBe("ok");
      expect(await changed).toBe("ok");
    }
    expect(await c.ask("acquire 0")).toBe("ok 0");
    expect(await node.ask("acquire 0")).toBe("ok");
    const acquired = node.ask("acquire 20000");
    expect(await c.ask("release 0")).toBe("ok");
    expect(await acquired).toBe("ok");
  }, 240_000);

  it.each([
    ["C", "Node"],
    ["Node", "C"],
    ["C", "C"],
  ] as const)(
    "what %s has goes to %s when it is killed",
    async (first, second) => {
      const dies = await start(first);
      const lives = await start(second);
      expect(await dies.ask("lock 0")).toBe("ok");
      expect(await dies.ask("produce")).toBe("ok");
      expect(await lives.ask("lock 20")).toBe("busy");
      expect(await lives.ask("produce")).toBe("busy");
      const locked = lives.ask("lock 20000");
      await dies.kill();
      peers.delete(dies);
      expect(await locked).toBe("abandoned");
      const third = await start(first);
      expect(await third.ask("produce")).toBe("ok");
    },
    240_000,
  );

  it.each([
    ["C", "Node"],
    ["Node", "C"],
  ] as const)(
    "a ring from %s to %s delivers all in order",
    async (from, to) => {
      const [producer, consumer] = [await start(from), await start(to)];
      expect(await producer.ask("produce")).toBe("ok");
      expect(await consumer.ask("consume")).toBe("ok");
      const done = await Promise.all([producer.ask(`push 0 ${STORM}`), consumer.ask(`pop 0 ${STORM}`)]);
      expect(done).toEqual(["ok", `ok ${STORM}`]);
    },
    240_000,
  );
});
