/** Waits of threads for words of a region that they share. */
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { Counter, futexOf } from "../support/regions/counter.mjs";
import { startProcess, until } from "../support/processes/processes.js";
import { adopt, closeThere, startOne, WASM } from "../support/threads/shared-regions.js";

describe("waiting between threads", () => {
  it("a worker is woken by this thread and by another process, through the futex and through Atomics", async () => {
    using region = Counter.createOrOpen("waits", WASM);
    const worker = await startOne();
    await adopt(worker, region.share());
    // Nothing is stored: whoever sleeps was woken by a call, and whoever is not there yet is called again.
    const sleep = (): Promise<string> =>
      worker.run(({ kept, futexOf: port }) => port(kept["region"] as Region<Counter>).wait(128, 0, 60_000));
    const result = sleep();
    await until(() => futexOf(region).notify(128, 10) === 1, "the worker sleeps, and is woken");
    expect(await result).toBe("ok");

    const child = await startProcess();
    const second = sleep();
    const woken = await child.run(async ({ Counter: Own, futexOf: port }) => {
      const opened = Own.open("waits");
      let count = 0;
      for (const end = Date.now() + 30_000; count === 0 && Date.now() < end;) {
        count = port(opened).notify(128, 10);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      opened.close();
      return count;
    });
    expect([woken, await second]).toEqual([1, "ok"]);

    const third = worker.run(({ kept }) => {
      const { u32, buffer } = (kept["region"] as Region<Counter>).memory;
      const words = new Int32Array(buffer, 0, u32.length);
      return Atomics.wait(words, 33, 0, 60_000);
    });
    const own = new Int32Array(region.memory.buffer);
    await until(() => Atomics.notify(own, 33, 10) === 1, "the worker sleeps in Atomics.wait, and is woken");
    expect(await third).toBe("ok");
    await child.kill();
  });

  it("closing in one thread rejects the waits of that thread alone", async () => {
    const region = Counter.createOrOpen("pending", WASM);
    const worker = await startOne();
    await adopt(worker, region.share());
    const own = futexOf(region).waitAsync(128, 0, 20_000);
    const other = worker.run(({ kept, futexOf: port }) =>
      port(kept["region"] as Region<Counter>).waitAsync(128, 0, 20_000),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const refused = expect(own).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
    region.close();
    await refused;
    const woken = await startOne();
    await woken.run(({ Counter: Own, futexOf: port }) => {
      const opened = Own.open("pending");
      opened.data.count = 1;
      port(opened).notify(128, 10);
      opened.close();
    });
    expect(await other).toBe("ok");
    await closeThere(worker);
  });
});
