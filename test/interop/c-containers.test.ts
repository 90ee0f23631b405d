/** Containers in C: processes over one region, and each of them killed at each instruction of what it does. */
import { describe, expect, it } from "vitest";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { peerGroup } from "../support/c/containers/group.js";
import type { Peer } from "../support/c/containers/peers.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
/** Of each of two processes. */
const STORM = byDepth(50_000, 200_000, 1_000_000);

/** Peers in C: one more in the region, and some of a new region, which take part in it. */
function peersIn(compiler: Compiler): { join(count: number): Promise<Peer[]>; start(): Promise<Peer> } {
  const group = peerGroup(directory, compiler);
  const start = (): Promise<Peer> => group.start("C");
  async function join(count: number): Promise<Peer[]> {
    group.renew();
    const found: Peer[] = [];
    for (let at = 0; at < count; at += 1) {
      const peer = await start();
      found.push(peer);
      expect(await peer.ask("join")).toBe(`ok ${at + 1}`);
    }
    return found;
  }
  return { join, start };
}

describe.skipIf(withoutCompilers !== undefined).each(COMPILERS)(
  `locks in $name ${withoutCompilers ?? ""}`,
  (compiler) => {
    const { join, start } = peersIn(compiler);

    it("two processes that count under one mutex lose nothing", async () => {
      const [a, b] = (await join(2)) as [Peer, Peer];
      expect(await Promise.all([a.ask(`count ${STORM}`), b.ask(`count ${STORM}`)])).toEqual(["ok", "ok"]);
      expect(await a.ask("counted")).toBe(`ok ${2 * STORM}`);
    });

    it("says who has a mutex: a living one, itself, nobody, and one who died", async () => {
      const [a, b] = (await join(2)) as [Peer, Peer];
      expect(await a.ask("lock 0")).toBe("ok");
      expect(await a.ask("lock 1000")).toBe("owned");
      expect(await b.ask("lock 20")).toBe("busy");
      expect(await b.ask("unlock")).toBe("not-owner");
      expect(await b.ask("take")).toBe("busy");
      expect(await a.ask("unlock")).toBe("ok");
      expect(await b.ask("lock 0")).toBe("ok");
      expect(await b.ask("room 0")).toBe("ok");
      await b.kill();
      expect(await a.ask("lock 0")).toBe("abandoned");
      expect(await a.ask("abandoned")).toBe(`ok ${b.pid} 1`);
      expect(await a.ask("take")).toBe("ok");
      expect(await a.ask("unlock")).toBe("ok");
      expect(await a.ask("lock 0")).toBe("ok");
      expect(await a.ask("room 0")).toBe("abandoned");
    });

    it("who sleeps is freed by the death of the owner, and not by its being stopped", async () => {
      const [a, b, c] = (await join(3)) as [Peer, Peer, Peer];
      expect(await a.ask("lock 0")).toBe("ok");
      suspend(a);
      expect(await b.ask("lock 250")).toBe("busy");
      const waits = [b.ask("lock 20000"), c.ask("lock 20000")];
      await a.kill();
      expect(await Promise.all(waits)).toEqual(["abandoned", "abandoned"]);
      expect(await b.ask("take")).toBe("ok");
    });

    it("a participant that leaves gives back what it has, and its number", async () => {
      const [a, b] = (await join(2)) as [Peer, Peer];
      expect(await a.ask("lock 0")).toBe("ok");
      expect(await a.ask("acquire 0")).toBe("ok 0");
      expect(await a.ask("begin 0")).toBe("ok");
      expect(await a.ask("produce")).toBe("ok");
      expect(await a.ask("leave")).toBe("ok");
      expect(await b.ask("alive 1")).toBe("ok 0");
      expect(await b.ask("lock 0")).toBe("abandoned");
      expect(await b.ask("acquire 0")).toBe("ok 1");
      expect(await b.ask("acquire 0")).toBe("ok 0");
      expect(await b.ask("acquire 1000")).toBe("owned 99");
      expect(await b.ask("begin 0")).toBe("ok");
      expect(await b.ask("produce")).toBe("ok");
      expect(await a.ask("join")).toBe("ok 1");
    });

    it("a full table is refused, and has room again when one of its participants is dead", async () => {
      const [, , , b] = (await join(5)) as [Peer, Peer, Peer, Peer];
      expect(await b.ask("lock 0")).toBe("ok");
      const late = await start();
      expect(await late.ask("join")).toBe("busy 0");
      await b.kill();
      expect(await late.ask("join")).toBe("ok 4");
      // The number is another's now, and the mutex was not its.
      expect(await late.ask("lock 0")).toBe("abandoned");
    });

    it("permits of a semaphore are counted, waited for, and come back from the dead", async () => {
      const [a, b, c] = (await join(3)) as [Peer, Peer, Peer];
      expect(await a.ask("acquire 0")).toBe("ok 0");
      expect(await b.ask("acquire 0")).toBe("ok 1");
      expect(await c.ask("acquire 20")).toBe("busy 99");
      expect(await c.ask("release 0")).toBe("not-owner");
      const waits = c.ask("acquire 20000");
      expect(await a.ask("release 0")).toBe("ok");
      expect(await waits).toBe("ok 0");
      const freed = a.ask("acquire 20000");
      await b.kill();
      expect(await freed).toBe("ok 1");
      expect(await a.ask("free")).toBe("ok 0");
    });

    it("an event lets all go on who wait, also when it is reset at once", async () => {
      const [a, b, c] = (await join(3)) as [Peer, Peer, Peer];
      expect(await a.ask("wait 20")).toBe("timeout");
      const waits = [b.ask("wait 20000"), c.ask("wait 20000")];
      expect(await a.ask("set")).toBe("ok");
      expect(await Promise.all(waits)).toEqual(["ok", "ok"]);
      expect(await b.ask("wait 0")).toBe("ok");
      expect(await a.ask("reset")).toBe("ok");
      expect(await a.ask("bell")).toBe("ok 0 1");
    });
  },
);

describe.skipIf(withoutCompilers !== undefined).each(COMPILERS)(
  `values and rings in $name ${withoutCompilers ?? ""}`,
  (compiler) => {
    const { join } = peersIn(compiler);

    it("readers of a seqlock see whole values beside two writers, and none that is older than the last one", async () => {
      const [a, b, c] = (await join(3)) as [Peer, Peer, Peer];
      const writes = [a.ask(`write ${STORM}`), b.ask(`write ${STORM}`)];
      const reads = [];
      for (let round = 0; round < 3; round += 1) reads.push(await c.ask(`read ${STORM}`));
      expect(await Promise.all(writes)).toEqual(["ok", "ok"]);
      expect(reads).toEqual(Array.from(reads, () => "ok torn 0 back 0"));
      expect(await c.ask("sequence")).toBe(`ok ${2 * STORM}`);
    });

    it("a writer that dies leaves the old value, and keeps nobody from writing; who waits for a change is woken", async () => {
      const [a, b, c] = (await join(3)) as [Peer, Peer, Peer];
      expect(await a.ask("write 1")).toBe("ok");
      expect(await a.ask("begin 0")).toBe("ok");
      expect(await b.ask("begin 20")).toBe("busy");
      await a.kill();
      expect(await b.ask("read 1")).toBe("ok torn 0 back 0");
      expect(await b.ask("changed 1 20")).toBe("timeout");
      const change = c.ask("changed 1 20000");
      expect(await b.ask("write 1")).toBe("ok");
      expect(await change).toBe("ok");
    });

    it("a ring delivers all in order, one by one and in batches", async () => {
      const [a, b] = (await join(2)) as [Peer, Peer];
      expect(await a.ask("produce")).toBe("ok");
      expect(await a.ask("produce")).toBe("owned");
      expect(await b.ask("produce")).toBe("busy");
      expect(await b.ask("consume")).toBe("ok");
      expect(await Promise.all([a.ask(`push 0 ${STORM}`), b.ask(`pop 0 ${STORM}`)])).toEqual(["ok", `ok ${STORM}`]);
      const [pushed, popped] = await Promise.all([a.ask(`batches ${STORM} ${STORM}`), b.ask(`pop ${STORM} ${STORM}`)]);
      expect([pushed, popped]).toEqual(["ok", `ok ${2 * STORM}`]);
      expect(await a.ask("close-producer")).toBe("ok");
      expect(await a.ask("push 0 1")).toBe("not-owner");
      expect(await b.ask("close-consumer")).toBe("ok");
      expect(await b.ask("pop 0 1")).toBe("not-owner 0");
      expect(await b.ask("produce")).toBe("ok");
    });

    it("another one goes on where a producer or a consumer died", async () => {
      const [a, b, c] = (await join(3)) as [Peer, Peer, Peer];
      expect(await a.ask("produce")).toBe("ok");
      expect(await b.ask("consume")).toBe("ok");
      expect(await a.ask("push 0 10")).toBe("ok");
      await a.kill();
      expect(await b.ask("pop 0 4")).toBe("ok 4");
      await b.kill();
      expect(await c.ask("produce")).toBe("ok");
      expect(await c.ask("consume")).toBe("ok");
      expect(await c.ask("push 10 5")).toBe("ok");
      expect(await c.ask("pop 4 11")).toBe("ok 15");
    });
  },
);
