import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assign, viewOf } from "@shmgen/runtime/codegen-v1";
import { Counter } from "../support/regions/counter.mjs";
import { importSchema } from "../support/schemas/generated.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";

const directory = regionDirectory();

describe("what a program does wrong", () => {
  it.each(["onStale", "cleanup", "access"])(
    "a misspelt choice of %s is refused before anything is removed",
    (option) => {
      const options = { [option]: "Keep" } as object;
      expect(codeOf(() => Counter.createOrOpen("choice", options).close())).toBe("ERR_SHM_RANGE");
      expect(fs.existsSync(join(directory, "choice"))).toBe(false);
    },
  );

  it("a frozen accessor does not keep the lock and the file of a closed region", () => {
    const region = Counter.createOrOpen("frozen");
    Object.freeze(region.data);
    codeOf(() => region.close());
    expect(region.closed).toBe(true);
    expect(fs.existsSync(join(directory, "frozen"))).toBe(false);
    Counter.create("frozen").close();
  });

  it("an accessor frozen by a failing initialiser does not keep the lock either", () => {
    const initialise = (data: object): void => {
      Object.freeze(data);
      throw new Error("no");
    };
    expect(() => Counter.createOrOpen("frozen-early", { initialise })).toThrow();
    expect(fs.existsSync(join(directory, "frozen-early"))).toBe(false);
    Counter.create("frozen-early", { timeoutMs: 100 }).close();
  });

  it("an accessor with a field 'then' is no promise, and whatever has a function of that name is one", async () => {
    const words = `import type { Region, num, u64 } from "@shmgen/schema";\n`;
    const text = `${words}export interface Step extends Region<{ type: 3; version: 1 }> { then: num<u64> }\n`;
    const { Step } = await importSchema<{ readonly Step: typeof Counter }>({ "step.shm.ts": text }, "step.shm.ts");
    const having = (value: unknown): object => {
      const made: Record<string, unknown> = {};
      for (const name of ["then"]) made[name] = value;
      return made;
    };
    const values = having(5);
    const region = Step.createOrOpen("then", { initialise: (data) => assign(data as never, values as never) as never });
    expect(region.data).toMatchObject(values);
    region.close();
    // Reading it would throw, so it is not read.
    const unsafe = (data: object): never => {
      viewOf(data as never).dataView.setBigUint64(128, 2n ** 64n - 1n, true);
      return data as never;
    };
    Step.createOrOpen("then-unsafe", { initialise: unsafe }).close();
    for (const returned of [Promise.resolve(), having(() => undefined)]) {
      expect(codeOf(() => Step.createOrOpen("promise", { initialise: () => returned as never }))).toBe(
        "ERR_SHM_UNSUPPORTED",
      );
    }
    Step.createOrOpen("object", { initialise: () => values as never }).close();
  });

  it("a region opened in its own initialise is refused at once, not waited for", () => {
    const output = runScript(`
      const options = { timeoutMs: Infinity };
      const initialise = () => Counter.createOrOpen("self", options);
      try { Counter.createOrOpen("self", { ...options, initialise }); } catch (error) { console.log(error.code, error.message); }
      console.log(Counter.createOrOpen("self", { initialise: () => Counter.createOrOpen("other").close() }).outcome);
    `);
    expect(output).toMatch(/^ERR_SHM_NOT_READY .*cannot be opened in its own initialise.*\ncreated$/);
  });

  it("a byte stream that takes away the memory of a view does not end the process", () => {
    const output = runScript(
      `
      const collect = async () => { for (let round = 0; round < 5; round += 1) { globalThis.gc(); await new Promise((done) => setTimeout(done, 10)); } };
      const steal = async (region) => {
        const bytes = region.memory.u8;
        const stream = new ReadableStream({ type: "bytes", start: (controller) => controller.enqueue(bytes) });
        return (await stream.getReader().read()).value;
      };
      let region = Counter.createOrOpen("stream", { mapping: "view" });
      const closed = await steal(region);
      region.close();
      region = undefined;
      await collect();
      const dropped = await steal(Counter.createOrOpen("stream", { mapping: "view" }));
      await collect();
      closed.fill(1);
      dropped.fill(2);
      console.log(closed.length, closed[4095], dropped.length, dropped[4095]);`,
      { flags: ["--expose-gc"] },
    );
    expect(output).toBe("4096 1 4096 2");
  });

  it("the exit of a process does not wait for a held directory once for each of its regions", () => {
    const output = runScript(`
      for (let n = 0; n < 40; n += 1) Counter.createOrOpen("exit-" + n);
      const fd = fs.openSync(process.env.SHMGEN_DIR, "r");
      if (!tryExclusive(fd, "directory")) throw new Error("not got");
      const start = performance.now();
      process.on("exit", () => fs.writeSync(1, String(performance.now() - start < 3500)));
      process.exit();
    `);
    expect(output).toBe("true");
  });
});
