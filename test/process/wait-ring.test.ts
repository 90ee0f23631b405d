/** What waits cost and leave behind where the kernel tells of their ends by a ring, and what a ring does that breaks. */
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openEventWaits } from "../../runtime/dist/runtime/os/linux/event-waits.js";
import { ringCalls } from "../../runtime/dist/runtime/os/linux/libc.js";
import { addressOf } from "../../runtime/dist/runtime/os/linux/index.js";
import { openWaitRing } from "../../runtime/dist/runtime/os/linux/wait-ring.js";
import { regionDirectory } from "../support/processes/processes.js";
import { BY_THREAD, endOfScript, runScript } from "../support/processes/scripts.js";
import { Counter, futexOf } from "../support/regions/counter.mjs";

regionDirectory();
const WORD = 132;
const nobody = { ended: () => undefined, failed: () => undefined, lost: () => undefined };
const hasRing = openEventWaits(nobody) !== undefined;
/** In scripts: threads of the process, and descriptors that lead to rings. Newer versions of libuv have some of their own. */
const COUNTS = `
  const threads = () => fs.readdirSync("/proc/self/task").length;
  const linkOf = (fd) => fs.existsSync("/proc/self/fd/" + fd) ? fs.readlinkSync("/proc/self/fd/" + fd) : "";
  const rings = () => fs.readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).includes("io_uring")).length;`;

describe.skipIf(!hasRing)("waits by a ring", () => {
  it("start no thread, and need no leave for one; where the variable forbids rings they start one", () => {
    const script = `${COUNTS}
      const before = [threads(), rings()];
      const region = Counter.createOrOpen("threads");
      console.log(await futexOf(region).waitAsync(132, 0, 20), rings() - before[1], threads() - before[0]);`;
    expect(runScript(script)).toBe("timed-out 1 0");
    expect(runScript(script, { env: BY_THREAD })).toMatch(/^timed-out [01] [1-9]/);
    const permission = Number(process.versions.node.split(".")[0]) < 23 ? "--experimental-permission" : "--permission";
    // Newer versions of Node take any pipe for a part of the net.
    const net = process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : [];
    const flags = [permission, ...net, "--allow-addons", "--allow-fs-read=*", "--allow-fs-write=*", "--no-warnings"];
    expect(endOfScript(script, { flags }).stdout).toBe("timed-out 1 0\n");
  });

  it("are found by a notification from the first moment on, and each notification finds as many as it says", async () => {
    const region = Counter.createOrOpen("count");
    const futex = futexOf(region);
    const waits = Array.from({ length: 3 }, () => futex.waitAsync(WORD, 0, 60_000));
    const ended: number[] = [];
    for (const [index, wait] of waits.entries()) void wait.then(() => ended.push(index));
    expect(futex.notify(WORD, 1)).toBe(1);
    await waits[0];
    await sleep(50);
    expect(ended).toEqual([0]);
    expect(futex.notify(WORD, 100)).toBe(2);
    expect(await Promise.all(waits)).toEqual(["ok", "ok", "ok"]);
    region.close();
  });

  it("take no notification when they are over: by time, by closing, by the end of their thread", async () => {
    const region = Counter.createOrOpen("over");
    const futex = futexOf(region);
    expect(await futex.waitAsync(WORD, 0, 20)).toBe("timed-out");
    expect(futex.notify(WORD, 100)).toBe(0);
    const other = Counter.createOrOpen("other");
    const pending = Array.from({ length: 300 }, () => futexOf(other).waitAsync(WORD, 0, 60_000));
    const settled = Promise.allSettled(pending);
    const again = Counter.createOrOpen("other", { mapping: "view" });
    other.close();
    expect(futexOf(again).notify(WORD, 1000)).toBe(0);
    expect(new Set((await settled).map(({ status }) => status))).toEqual(new Set(["rejected"]));
    again.close();
    region.close();
  });

  it("5,000 that end at once, which no queue has room for, all end; so do 5,000 deadlines", async () => {
    const region = Counter.createOrOpen("crowd");
    const futex = futexOf(region);
    const woken = Array.from({ length: 5000 }, () => futex.waitAsync(WORD, 0, Number.POSITIVE_INFINITY));
    region.data.word = 1;
    expect(futex.notify(WORD, 10_000)).toBe(5000);
    expect(new Set(await Promise.all(woken))).toEqual(new Set(["ok"]));
    const late = Array.from({ length: 5000 }, () => futex.waitAsync(WORD, 1, 100));
    expect(new Set(await Promise.all(late))).toEqual(new Set(["timed-out"]));
    region.close();
  });

  it("of terminated workers leave no descriptor and nobody who could be woken [fault 19]", () => {
    const script = `${COUNTS}
      const source = \`
        import { parentPort } from "node:worker_threads";
        import { Counter, futexOf } from ${JSON.stringify(new URL("../support/regions/counter.mjs", import.meta.url).href)};
        const region = Counter.createOrOpen("ended");
        for (let n = 0; n < 50; n += 1) futexOf(region).waitAsync(132, 0, n % 2 ? 60_000 : Infinity).catch(() => {});
        parentPort.postMessage("waits");\`;
      const region = Counter.createOrOpen("ended");
      const ringsBefore = rings();
      let before;
      let woken = 0;
      for (let n = 0; n < 12; n += 1) {
        const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(source)));
        await new Promise((resolve) => worker.once("message", resolve));
        await worker.terminate();
        woken += futexOf(region).notify(132, 1000);
        before ??= descriptors();
      }
      console.log(descriptors() - before, rings() - ringsBefore, woken);`;
    expect(runScript(script)).toBe("0 0 0");
  });

  it("reject when somebody closes what tells of them, and the next wait has a new ring", async () => {
    const calls = ringCalls();
    const told: string[] = [];
    const descriptors: number[] = [];
    const dup3: typeof calls.dup3 = (from, to, flags) => {
      descriptors.push(to);
      return calls.dup3(from, to, flags);
    };
    const lost = new Promise((resolve) => {
      openWaitRing({ ...calls, dup3 }, { ...nobody, ended: () => told.push("ended"), lost: resolve }).keepAlive(true);
    });
    const [ring = -1, bell = -1] = descriptors;
    closeSync(bell);
    expect(await lost).toBe(undefined);
    closeSync(ring);
    expect(told).toEqual([]);

    const script = `${COUNTS}
      const region = Counter.createOrOpen("lost");
      const lost = futexOf(region).waitAsync(132, 0, 60_000).catch(({ code, message }) => console.log(code, message));
      // The ring's pipe is the one of which both ends are here; the end that is written to is opened last.
      const pipes = fs.readdirSync("/proc/self/fd").map(Number).filter((fd) => fd > 2)
        .map((fd) => ({ fd, link: linkOf(fd) })).filter(({ link }) => link.startsWith("pipe:"));
      const ends = pipes.filter(({ fd, link }) => pipes.some((other) => other.link === link && other.fd < fd));
      fs.closeSync(Math.max(...ends.map(({ fd }) => fd)));
      await lost;
      console.log(await futexOf(region).waitAsync(132, 0, 20));`;
    const [refused, next] = runScript(script).split("\n");
    expect(refused).toMatch(
      /^ERR_SHM_SYSCALL waits that were pending have no end: .*reason="its descriptors were closed"/,
    );
    expect(next).toBe("timed-out");
  });

  it("are lost as a whole when the kernel takes only some entries of one", async () => {
    const calls = ringCalls();
    let isShort = false;
    const enter: typeof calls.enter = (fd, count, ...rest) => calls.enter(fd, isShort ? count - 1 : count, ...rest);
    const told: unknown[] = [];
    const lost = new Promise<unknown>((resolve) => {
      const ring = openWaitRing(
        { ...calls, enter },
        { ...nobody, ended: (id, result) => told.push([id, result]), lost: resolve },
      );
      const word = new Int32Array(new SharedArrayBuffer(4));
      const address = addressOf(word.buffer);
      ring.start(1, { address, expected: 0 }, 60_000);
      isShort = true;
      ring.start(2, { address, expected: 0 }, 60_000);
    });
    expect(await lost).toMatchObject({ message: expect.stringContaining("io_uring_enter took 2 of 3") as string });
    expect(told).toEqual([]);
  });
});
