/** Test frameworks put clocks and timers of their own in the place of Node's. What waits has to end all the same. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Telemetry } from "../../examples/dist/telemetry/generated/telemetry.js";
import { Counter } from "../support/regions/counter.mjs";
import { exposedGc } from "../support/run/gc.js";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";

const directory = regionDirectory();
/** Of the real loop of events. */
const turn = setTimeout.bind(globalThis);

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "setImmediate", "Date", "performance", "hrtime", "queueMicrotask"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it("a clock that stands still ends waits on fields at their timeouts", async () => {
  using region = Telemetry.createOrOpen("waits");
  const { $samples: samples, $gear: gear } = region.data;
  const before = performance.now();
  expect([samples.wait(0n, 60), gear.wait(0, 60)]).toEqual(["timed-out", "timed-out"]);
  expect(await Promise.all([samples.waitAsync(0n, 60), gear.waitAsync(0, 60)])).toEqual(["timed-out", "timed-out"]);
  // One that is long enough is woken, and not over at once.
  const woken = samples.waitAsync(0n, 60_000);
  await new Promise((resolve) => turn(resolve, 20));
  samples.add(1n);
  samples.notify();
  expect(await woken).toBe("ok");
  expect(performance.now()).toBe(before);
});

it("a clock that stands still ends waits for locks and for regions at their deadlines", async () => {
  const child = await startProcess();
  await child.run(({ tryExclusive, fs }, path) => void tryExclusive(fs.openSync(path, "r"), path), directory);
  expect(codeOf(() => Counter.createOrOpen("busy", { timeoutMs: 100 }))).toBe("ERR_SHM_BUSY");
  await child.kill();
  await expect(Counter.whenReady("never", { timeoutMs: 100 })).rejects.toMatchObject({ code: "ERR_SHM_NOT_READY" });
});

it("microtasks that are not run keep no view alive, and close() finds those that are", async () => {
  const gc = exposedGc();
  const region = Counter.createOrOpen("views");
  const kept = region.view();
  const references = Array.from({ length: 2000 }, () => new WeakRef(region.view()));
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => turn(resolve, 10));
    gc();
  }
  expect(references.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(1000);
  region.close();
  expect(codeOf(() => kept.buffer)).toBe("ERR_SHM_CLOSED");
});

it("a clock that was replaced before the runtime was imported ends waits as well", () => {
  const generated = JSON.stringify(
    new URL("../../examples/dist/telemetry/generated/telemetry.js", import.meta.url).href,
  );
  const script = `
    process.hrtime = Object.assign(() => [0, 0], { bigint: () => 0n });
    Object.defineProperty(globalThis, "performance", { value: { now: () => 0, timeOrigin: 0 } });
    const { Telemetry } = await import(${generated});
    {
      const region = Telemetry.createOrOpen("early");
      console.log(region.data.$samples.wait(0n, 30), await region.data.$samples.waitAsync(0n, 30));
      region.close();
    }`;
  expect(runScript(script)).toBe("timed-out timed-out");
});
