/** C and Node in the same containers, and each after the other's SIGKILL. */
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { type PeerGroup, peerGroup } from "../support/c/containers/group.js";
import type { Peer } from "../support/c/containers/peers.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

const directory = regionDirectory();
const STORM = byDepth(50_000, 200_000, 1_000_000);
/** One in so many instructions. */
const STRIDE = byDepth(7, 3, 1);

/** Both languages in one region, which all of them take part in. */
function languages(): { group: PeerGroup; start(language: "C" | "Node"): Promise<Peer>; both(): Promise<Both> } {
  const group = peerGroup(directory, COMPILERS[0] as Compiler, ["c", "js"]);
  async function start(language: "C" | "Node"): Promise<Peer> {
    const peer = await group.start(language);
    expect(await peer.ask("join")).toMatch(/^ok/);
    return peer;
  }
  async function both(): Promise<Both> {
    group.renew();
    return { c: await start("C"), node: await start("Node") };
  }
  return { group, start, both };
}

interface Both {
  readonly c: Peer;
  readonly node: Peer;
}

describe.skipIf(withoutCompilers !== undefined)(`C and Node ${withoutCompilers ?? ""}`, () => {
  const { group, start, both } = languages();

  it("count under one mutex, and lose nothing", async () => {
    const { c, node } = await both();
    expect(await Promise.all([c.ask(`count ${STORM}`), node.ask(`count ${STORM}`)])).toEqual(["ok", "ok"]);
    expect(await node.ask("counted")).toBe(`ok ${2 * STORM}`);
    expect(await c.ask("counted")).toBe(`ok ${2 * STORM}`);
  });

  it("wake each other from a mutex, an event, a semaphore and a wait for a change", async () => {
    const { c, node } = await both();
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
    expect(await c.ask("bell")).toBe("ok 0 2");
    expect(await node.ask("bell")).toBe("ok 0 2");
    expect(await c.ask("acquire 0")).toBe("ok 0");
    expect(await node.ask("acquire 0")).toBe("ok");
    const acquired = node.ask("acquire 20000");
    expect(await c.ask("release 0")).toBe("ok");
    expect(await acquired).toBe("ok");
    expect(await c.ask("free")).toBe("ok 0");
  });

  it("read each other's values whole, both writing", async () => {
    const { c, node } = await both();
    const third = await start("C");
    const fourth = await start("Node");
    const writes = [c.ask(`write ${STORM}`), node.ask(`write ${STORM}`)];
    const reads = await Promise.all([third.ask(`read ${10 * STORM}`), fourth.ask(`read ${STORM}`)]);
    expect(reads).toEqual(["ok torn 0 back 0", "ok torn 0 back 0"]);
    expect(await Promise.all(writes)).toEqual(["ok", "ok"]);
    expect(await third.ask("sequence")).toBe(`ok ${2 * STORM}`);
  });

  it.each([
    ["C", "Node"],
    ["Node", "C"],
  ] as const)("a ring from %s to %s delivers all in order, one by one and in batches", async (from, to) => {
    group.renew();
    const producer = await start(from);
    const consumer = await start(to);
    expect(await producer.ask("produce")).toBe("ok");
    expect(await consumer.ask("produce")).toBe("busy");
    expect(await consumer.ask("consume")).toBe("ok");
    const ways = [`push 0 ${STORM}`, `batches ${STORM} ${STORM}`];
    for (const [at, way] of ways.entries()) {
      const done = await Promise.all([producer.ask(way), consumer.ask(`pop ${at * STORM} ${STORM}`)]);
      expect(done).toEqual(["ok", `ok ${(at + 1) * STORM}`]);
    }
    // The roles change hands.
    expect(await consumer.ask("close-consumer")).toBe("ok");
    expect(await producer.ask("consume")).toBe("ok");
    expect(await producer.ask("close-producer")).toBe("ok");
    expect(await consumer.ask("produce")).toBe("ok");
    expect(await consumer.ask(`push ${2 * STORM} 10`)).toBe("ok");
    expect(await producer.ask(`pop ${2 * STORM} 10`)).toBe(`ok ${2 * STORM + 10}`);
  });
});

describe.skipIf(withoutCompilers !== undefined)(`maps and series of C and Node ${withoutCompilers ?? ""}`, () => {
  const { group, start, both } = languages();

  it("find in a map what the other has set, by texts and numbers, until it expires or is removed", async () => {
    const { c, node } = await both();
    for (const [one, other] of [
      [c, node],
      [node, c],
    ] as const) {
      expect(await other.ask("find ayse")).toBe("empty 0");
      expect(await one.ask("keep ayse 7 0")).toBe("ok 1");
      expect(await one.ask("keep çağrı 8 60000")).toBe("ok 2");
      expect(await other.ask("find ayse")).toBe("ok 7");
      expect(await other.ask("find çağrı")).toBe("ok 8");
      expect(await other.ask("keep nine-byte 9 30")).toBe("ok 3");
      expect(await one.ask("find nine-byte")).toBe("ok 9");
      expect(await one.ask("keep 1234567890 9 0")).toMatch(/no-key|ERR_SHM_RANGE/);
      await delay(50);
      expect([await one.ask("find nine-byte"), await other.ask("find nine-byte")]).toEqual(["empty 0", "empty 0"]);
      for (const all of [c, node]) expect(await all.ask("entries")).toMatch(/^ok (?!.*nine-byte)/);
      // Full, but for what has expired.
      expect(await one.ask("keep a 1 0")).toMatch(/^ok/);
      expect(await other.ask("keep b 2 0")).toBe("ok 4");
      expect(await one.ask("keep c 3 0")).toMatch(/^(full|busy)/);
      for (const all of [c, node]) expect(await all.ask("entries")).toBe("ok a=1,ayse=7,b=2,çağrı=8");
      expect(await other.ask("drop a")).toBe("ok");
      expect(await one.ask("drop a")).toBe("empty");
      expect(await one.ask("visit 4000000000 5")).toBe("ok 5");
      expect(await other.ask("clear")).toBe("ok");
    }
  });

  it.each([
    ["C", "Node"],
    ["Node", "C"],
  ] as const)("count in series of %s, which %s finds, and goes on with what the dead have left", async (from, to) => {
    group.renew();
    const one = await start(from);
    const other = await start(to);
    const node = from === "Node" ? one : other;
    expect(await one.ask('count-in requests_total{method="GET",path="/a,b"} 5')).toBe("ok 5");
    expect(await one.ask('count-in requests_total{method="GET",path="/a,b"} 2')).toBe("ok 7");
    expect(await one.ask("observe-in request_seconds 3")).toBe("ok 1.5");
    expect(await other.ask("set-in load 3")).toBe("ok 1.5");
    expect(await other.ask("count-in full_total 3")).toMatch(/^(full|busy)/);
    expect(await node.ask("series")).toMatch(
      /^ok \[\[\{"name":"requests_total","help":"Of the peers","kind":"counter","value":7,"owner":\d\},\{"method":"GET","path":"\/a,b"\}\],\[\{"name":"request_seconds",.*"buckets":\[\{"le":1.5,"count":1\}\],"count":1,"sum":1.5,.*"load".*1\.5/,
    );
    expect(await other.ask("set-in requests_total 3")).toMatch(/^(not-owner|.*is a counter already)/);
    expect(await other.ask('count-in request_seconds_count{path="/"} 1')).toMatch(
      /^(not-owner|.*request_seconds is a histogram already)/,
    );
    expect(await other.ask("observe-in requests_total 1")).toMatch(/^(not-owner|.*is a counter already)/);
    await one.kill();
    const again = await start(to);
    expect(await again.ask('count-in requests_total{method="GET",path="/a,b"} 3')).toBe("ok 10");
    expect(await again.ask('remove-in requests_total{method="GET",path="/a,b"}')).toBe("ok");
    const looking = await start("Node");
    await again.kill();
    await other.kill();
    expect(await looking.ask("count-in next_total 1")).toBe("ok 1");
    expect(await looking.ask("drop-kept")).toBe("ok 1");
  });

  it("raise the same keys of a map while others read them, and lose nothing", async () => {
    const { c, node } = await both();
    const third = await start("C");
    const fourth = await start("Node");
    const turns = Math.floor(STORM / 4);
    const fifth = await start("C");
    // All keys are there: an iteration has each of them once.
    expect(await fifth.ask("raise 3 3")).toBe("ok");
    const raises = [c.ask(`raise 3 ${turns * 3}`), node.ask(`raise 3 ${turns * 3}`)];
    const walk = fifth.ask(`walk 3 ${100 * turns}`);
    const looks = await Promise.all([third.ask(`look 3 ${10 * turns}`), fourth.ask(`look 3 ${turns}`)]);
    for (const look of looks) expect(look).toMatch(/^ok torn 0 back 0/);
    expect(await walk).toBe("ok torn 0 twice 0 back 0 missed 0");
    expect(await Promise.all(raises)).toEqual(["ok", "ok"]);
    const raised = 2 * turns + 1;
    expect(await node.ask("entries")).toBe(`ok key 0=${raised},key 1=${raised},key 2=${raised}`);
    // More keys than there is room for: entries change hands all the time.
    const more = [c.ask(`raise 7 ${turns}`), node.ask(`raise 7 ${turns}`)];
    const walkOfMany = fifth.ask(`walk 0 ${100 * turns}`);
    const others = await Promise.all([third.ask(`look 7 ${10 * turns}`), fourth.ask(`look 7 ${turns}`)]);
    for (const look of others) expect(look).toMatch(/^ok torn 0/);
    expect(await walkOfMany).toMatch(/^ok torn 0 twice 0 /);
    expect(await Promise.all(more)).toEqual(["ok", "ok"]);
  });
});

describe.skipIf(withoutCompilers !== undefined)(`bytes and messages of C and Node ${withoutCompilers ?? ""}`, () => {
  const { group, start, both } = languages();
  const COUNT = STORM / 5;

  it.each([
    ["C", "Node"],
    ["Node", "C"],
    ["C", "C"],
  ] as const)("pieces of bytes from %s to %s come whole and in order", async (from, to) => {
    group.renew();
    const producer = await start(from);
    const consumer = await start(to);
    expect(await producer.ask("write-bytes")).toBe("ok");
    expect(await consumer.ask("write-bytes")).toBe("busy");
    expect(await consumer.ask("read-bytes")).toBe("ok");
    expect(await Promise.all([producer.ask(`put 1 ${COUNT}`), consumer.ask(`get 1 ${COUNT}`)])).toEqual([
      "ok",
      `ok ${COUNT + 1}`,
    ]);
  });

  it.each(["C", "Node"] as const)("messages of both come to %s whole, and in the order of each", async (to) => {
    const { c, node } = await both();
    const consumer = await start(to);
    expect(await consumer.ask("listen")).toBe("ok");
    expect(await c.ask("listen")).toBe("busy");
    const said = [c.ask(`say 1 0 ${COUNT}`), node.ask(`say 2 0 ${COUNT}`)];
    expect(await consumer.ask(`hear ${2 * COUNT}`)).toBe(`ok ${2 * COUNT}`);
    expect(await Promise.all(said)).toEqual(["ok", "ok"]);
    // Whoever dies with the lock, or its role, is no hindrance.
    await consumer.kill();
    expect(await node.ask("listen")).toBe("ok");
    expect(await Promise.all([c.ask("say 3 0 1"), node.ask("hear 1")])).toEqual(["ok", "ok 1"]);
  });
});

describe.skipIf(withoutCompilers !== undefined)(`deaths of C and Node ${withoutCompilers ?? ""}`, () => {
  const { group, start, both } = languages();

  it("C goes on after the SIGKILL of Node", async () => {
    const { c, node } = await both();
    expect(await node.ask("lock 0")).toBe("ok");
    expect(await node.ask("acquire 0")).toBe("ok");
    expect(await node.ask("produce")).toBe("ok");
    expect(await node.ask("push 0 10")).toBe("ok");
    expect(await node.ask("write 5")).toBe("ok");
    expect(await node.ask("raise 2 20")).toBe("ok");
    const waits = c.ask("lock 20000");
    expect(await node.ask("die-writing")).toBe("it ended with SIGKILL");
    expect(await waits).toBe("abandoned");
    expect(await c.ask("abandoned")).toBe(`ok ${node.pid} 1`);
    expect(await c.ask("take")).toBe("ok");
    expect(await c.ask("free")).toBe("ok 2");
    expect(await c.ask("read 1")).toBe("ok torn 0 back 0");
    expect(await c.ask("sequence")).toBe("ok 5");
    expect(await c.ask("write 1")).toBe("ok");
    expect(await c.ask("produce")).toBe("ok");
    expect(await c.ask("consume")).toBe("ok");
    expect(await c.ask("push 10 5")).toBe("ok");
    expect(await c.ask("pop 0 15")).toBe("ok 15");
    // Its number is somebody else's now.
    expect(await c.ask("alive 2")).toBe("ok 0");
    await start("Node");
    expect(await c.ask("alive 2")).toBe("ok 1");
  });

  it("Node goes on after the SIGKILL of C", async () => {
    const { c, node } = await both();
    expect(await c.ask("lock 0")).toBe("ok");
    expect(await c.ask("acquire 0")).toBe("ok 0");
    expect(await c.ask("produce")).toBe("ok");
    expect(await c.ask("push 0 10")).toBe("ok");
    expect(await c.ask("write 5")).toBe("ok");
    expect(await c.ask("begin 0")).toBe("ok");
    const waits = node.ask("lock 20000");
    await c.kill();
    expect(await waits).toBe("abandoned");
    expect(await node.ask("take")).toBe("ok");
    expect(await node.ask("free")).toBe("ok 2");
    expect(await node.ask("read 1")).toBe("ok torn 0 back 0");
    expect(await node.ask("write 1")).toBe("ok");
    expect(await node.ask("sequence")).toBe("ok 6");
    expect(await node.ask("produce")).toBe("ok");
    expect(await node.ask("consume")).toBe("ok");
    expect(await node.ask("push 10 5")).toBe("ok");
    expect(await node.ask("pop 0 15")).toBe("ok 15");
  });

  /** A C process that is killed after `steps` instructions of an operation; false when it had ended. */
  function dies(kills: string, operation: string, first: number, steps: number): boolean {
    const env = { ...process.env, SHMGEN_DIR: directory };
    const { stdout, status } = spawnSync(kills, [group.region, operation, `${first}`, `${steps}`], {
      env,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^(killed|ended)\n$/)]);
    return stdout === "killed\n";
  }

  it("Node goes on after C died at any instruction of a turn, an update and a push", async () => {
    group.renew();
    const node = await start("Node");
    const kills = group.built.program("kills", COMPILERS[0] as Compiler);
    const last = async (command: string): Promise<number> => Number((await node.ask(command)).split(" ").at(-1));
    const deaths = { lock: 0, write: 0, push: 0, set: 0 };
    for (let counted = 0, steps = 1; dies(kills, "lock", counted, steps); steps += STRIDE, deaths.lock += 1) {
      expect(await node.ask("lock 20000")).toMatch(/^(ok|abandoned)$/);
      const now = await last("counted");
      expect(now - counted === 0 || now - counted === 1, `${counted} became ${now}`).toBe(true);
      counted = now;
      await node.ask("take");
      expect(await node.ask("unlock")).toBe("ok");
    }
    for (let value = 0, steps = 1; dies(kills, "write", value, steps); steps += STRIDE, deaths.write += 1) {
      expect(await node.ask("read 1")).toBe("ok torn 0 back 0");
      const now = await last("sequence");
      expect(now - value === 0 || now - value === 1, `${value} became ${now}`).toBe(true);
      expect(await node.ask("write 1")).toBe("ok");
      expect(await last("sequence")).toBe(now + 1);
      value = now + 1;
    }
    const sampleOf = async (): Promise<number> => Number((await node.ask("find turns")).split(" ").at(-1));
    for (let value = 0, steps = 1; dies(kills, "set", value, steps); steps += 3 * STRIDE, deaths.set += 1) {
      const now = await sampleOf();
      expect(now - value === 0 || now - value === 1, `${value} became ${now}`).toBe(true);
      value = now;
      // The lists are made anew, and all of the room is there.
      for (const key of ["a", "b", "c"]) expect(await node.ask(`keep ${key} 1 0`)).toMatch(/^ok/);
      for (const key of ["a", "b", "c"]) expect(await node.ask(`drop ${key}`)).toBe("ok");
    }
    expect(await node.ask("consume")).toBe("ok");
    for (let first = 0, steps = 1; dies(kills, "push", first, steps); steps += STRIDE, deaths.push += 1) {
      expect(await node.ask("produce")).toBe("ok");
      expect(await node.ask("close-producer")).toBe("ok");
      const there = await last("available");
      expect(there === 0 || there === 1).toBe(true);
      expect(await node.ask(`pop ${first} ${there}`)).toBe(`ok ${first + there}`);
      first += there;
    }
    for (const count of Object.values(deaths)) expect(count).toBeGreaterThan(3);
    console.log(`deaths that Node went on after: ${JSON.stringify(deaths)}`);
  });
});
