/** C and Node in the same queues, pools of slots and queues of work, and each after the other's SIGKILL. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { peerGroup } from "../support/c/containers/group.js";
import type { Peer } from "../support/c/containers/peers.js";
import { regionDirectory, stateOf, until } from "../support/processes/processes.js";
import { byDepth, depth } from "../support/run/depth.js";
import { resume } from "../support/processes/stops.js";

const directory = regionDirectory();
const MANY = byDepth(20_000, 100_000, 1_000_000);
const group = peerGroup(directory, COMPILERS[0] as Compiler, ["c", "js"]);

async function start(language: "C" | "Node"): Promise<Peer> {
  const peer = await group.start(language);
  expect(await peer.ask("join")).toMatch(/^ok/);
  return peer;
}
const sumOf = (from: number, count: number): number => (count * (2 * from + count - 1)) / 2;

describe.skipIf(withoutCompilers !== undefined)(`C and Node ${withoutCompilers ?? ""}`, () => {
  it.each([
    ["queue", "enqueue", "dequeue"],
    ["queue of work", "add-jobs", "do-jobs"],
  ] as const)("push to one %s, and take from it: everything once, whole", async (_what, push, take) => {
    group.renew();
    const [c, node, d, other] = [await start("C"), await start("Node"), await start("C"), await start("Node")];
    const pushed = [c.ask(`${push} 0 ${MANY}`), node.ask(`${push} ${MANY} ${MANY}`)];
    const taken = [d.ask(`${take} ${MANY}`), other.ask(`${take} ${MANY}`)];
    expect(await Promise.all(pushed)).toEqual(["ok", "ok"]);
    const sums = (await Promise.all(taken)).map((said) => said.split(" "));
    expect(sums.map(([word]) => word)).toEqual(["ok", "ok"]);
    expect(sums.reduce((sum, [, part]) => sum + Number(part), 0)).toBe(sumOf(0, 2 * MANY));
  });

  it.each([
    ["C", "Node"],
    ["Node", "C"],
  ] as const)(
    "%s lends a frame, %s takes it by its handle, and the handle is stale when it was freed",
    async (lender, taker) => {
      group.renew();
      const [one, other] = [await start(lender), await start(taker)];
      const [, handle = ""] = (await one.ask("alloc 71 0")).split(" ");
      expect(Number(handle)).toBeGreaterThan(2 ** 32 - 1);
      expect(await one.ask(`lend ${handle}`)).toBe("ok");
      expect(await other.ask(`take-frame ${handle}`)).toBe("ok 71");
      expect(await other.ask(`free-frame ${handle}`)).toBe("ok");
      expect(await one.ask(`take-frame ${handle}`)).toMatch(/^stale/);
      for (const id of [1, 2, 3]) expect(await one.ask(`alloc ${id} 0`)).toMatch(/^ok/);
      expect(await other.ask("alloc 4 20")).toMatch(/^(busy|timeout)/);
      const waiting = other.ask("alloc 5 20000");
      await one.kill();
      expect(await waiting).toMatch(/^ok/);
    },
  );

  it.each([
    ["C", "Node"],
    ["Node", "C"],
  ] as const)(
    "a job that %s had when it was killed is the first that %s has, with one attempt more",
    async (dead, heir) => {
      group.renew();
      const [one, other] = [await start(dead), await start(heir)];
      expect(await other.ask("add-jobs 1 3")).toBe("ok");
      expect(await one.ask("keep-job")).toBe("ok 1 1");
      expect(await one.ask("keep-job")).toBe("ok 2 1");
      await one.kill();
      expect(await other.ask("keep-job")).toBe("ok 3 1");
      expect(await other.ask("keep-job")).toBe("ok 1 2");
      expect(await other.ask("keep-job")).toBe("ok 2 2");
      expect(await other.ask("keep-job")).toMatch(/^empty/);
    },
  );

  it.runIf(depth !== "short")("waits for a lock whose owner is stopped last as long as was asked for", async () => {
    group.renew();
    const [c, node, stopped] = [await start("C"), await start("Node"), await start("Node")];
    const [d, other] = [await start("C"), await start("Node")];
    const pushed = stopped.ask("stop-pushing 1");
    await until(() => stateOf(stopped.pid) === "T", "it stops");
    const waits = [c.ask("enqueue 2 1"), node.ask("enqueue 3 1"), d.ask("add-jobs 2 1"), other.ask("add-jobs 3 1")];
    // Beyond what a call waits that was not asked to wait.
    await delay(5500);
    resume(stopped);
    expect(await Promise.all([pushed, ...waits])).toEqual(Array.from({ length: 5 }, () => "ok"));
    expect([await node.ask("dequeue 3"), await d.ask("do-jobs 3")]).toEqual(["ok 6", "ok 6"]);
  });

  it("who sleeps is woken by the other language", async () => {
    group.renew();
    const [c, node] = [await start("C"), await start("Node")];
    for (const [one, other] of [
      [c, node],
      [node, c],
    ] as const) {
      const taken = [one.ask("dequeue 1"), other.ask("enqueue 5 1")];
      expect(await Promise.all(taken)).toEqual(["ok 5", "ok"]);
      expect(await one.ask("enqueue 1 4")).toBe("ok");
      const full = one.ask("enqueue 5 1");
      expect(await other.ask("dequeue 5")).toBe("ok 15");
      expect(await full).toBe("ok");
      const done = one.ask("do-jobs 1");
      expect(await other.ask("add-jobs 9 1")).toBe("ok");
      expect(await done).toBe("ok 9");
    }
  });
});
