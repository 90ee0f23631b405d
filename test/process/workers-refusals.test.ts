/** What threads are refused when they share regions, and what stays as it was. */
import * as fs from "node:fs";
import { join } from "node:path";
import * as workerThreads from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { SharedMapping, SharedRegion } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { locksOn } from "../support/regions/locks.mjs";
import { codeOf, startProcess } from "../support/processes/processes.js";
import {
  adopt,
  closeThere,
  descriptors,
  directory,
  lookers,
  startOne,
  WASM,
} from "../support/threads/shared-regions.js";

describe("what is refused, with nothing left behind", () => {
  it("sharing after close, and opening what all have closed", async () => {
    const region = Counter.createOrOpen("closed", WASM);
    const shared = region.share() as SharedMapping;
    region.close();
    expect(() => region.share()).toThrow(expect.objectContaining({ code: "ERR_SHM_CLOSED" }));
    const worker = await startOne();
    await expect(adopt(worker, shared)).rejects.toThrow(
      /^the region was closed before it was opened from what was shared: path=.*closed; keep it open until the other thread/,
    );
    expect([lookers(shared), descriptors("closed")]).toEqual([0, 0]);
  });

  it("a descriptor's number that is another file's by now, where the name has gone or is another region's", async () => {
    const region = Counter.createOrOpen("moved", WASM);
    const shared = region.share() as SharedMapping;
    const worker = await startOne();
    await adopt(worker, shared);
    region.close();
    // The lowest free number is given to the next file.
    const other = fs.openSync(join(directory, "other"), "w+");
    expect(other).toBe(shared.fd);
    // The name is still there.
    const again = Counter.fromShared(shared);
    expect(again.data.addCount(1)).toBe(0);
    again.close();
    fs.unlinkSync(shared.path);
    expect(codeOf(() => Counter.fromShared(shared))).toBe("ERR_SHM_CLOSED");
    using usurper = Counter.createOrOpen("moved", WASM);
    expect(codeOf(() => Counter.fromShared(shared))).toBe("ERR_SHM_CLOSED");
    expect([lookers(shared), usurper.data.count]).toEqual([1, 0]);
    await closeThere(worker);
    fs.closeSync(other);
    fs.unlinkSync(join(directory, "other"));
    expect(usurper.isCurrent()).toBe(true);
  });

  it("what somebody made anew after all had gone", async () => {
    const region = Counter.createOrOpen("anew", { ...WASM, cleanup: "keep" });
    const shared = region.share() as SharedMapping;
    const worker = await startOne();
    await adopt(worker, shared);
    // It stays counted, so the mapping is there, and shows the region of somebody else.
    await worker.end();
    region.close();
    using next = Counter.createOrOpen("anew");
    expect([next.outcome, next.generation, lookers(shared)]).toEqual(["reinitialised", 2, 1]);
    expect(codeOf(() => Counter.fromShared(shared))).toBe("ERR_SHM_CLOSED");
    expect([lookers(shared), locksOn(fs.statSync(next.path))]).toEqual([1, ["READ"]]);
  });

  it("a region of another struct or version, by its header and not by what was posted", async () => {
    using region = Counter.createOrOpen("other", WASM);
    const worker = await startOne();
    const shared = region.share() as SharedMapping;
    const open = (change: object): Promise<string> =>
      worker.run(
        ({ counterOf: of }, posted, changed) => {
          try {
            of(changed).fromShared(posted);
            return "opened";
          } catch (error) {
            return String((error as { code: string }).code);
          }
        },
        shared,
        change,
      );
    expect([
      await open({ typeId: 9 }),
      await open({ version: 2 }),
      await open({ fingerprint: "00000000000000aa" }),
      await open({ header: "dotnet" }),
    ]).toEqual(["ERR_SHM_FORMAT", "ERR_SHM_VERSION", "ERR_SHM_LAYOUT", "ERR_SHM_FOREIGN"]);
    expect([lookers(shared), locksOn(fs.statSync(region.path))]).toEqual([1, ["READ"]]);
  });

  it("whatever is not what share() gave", () => {
    using region = Counter.createOrOpen("shape", WASM);
    const shared = region.share() as SharedMapping;
    const zeros = new SharedArrayBuffer(65_536);
    const wrong: readonly (readonly [unknown, string])[] = [
      [undefined, "kind"],
      [null, "kind"],
      ["region", "kind"],
      [{}, "kind"],
      [new ArrayBuffer(4096), "kind"],
      [shared.buffer, "kind"],
      [region, "kind"],
      [{ ...shared, kind: "shmgen.shared.1" }, "kind"],
      [{ ...shared, name: 5 }, "name"],
      [{ ...shared, path: undefined }, "path"],
      [{ ...shared, access: "private" }, "access"],
      [{ ...shared, buffer: new ArrayBuffer(65_536) }, "buffer"],
      [{ ...shared, mapped: -1 }, "mapped"],
      [{ ...shared, mapped: 65_537 }, "mapped"],
      [{ ...shared, threads: new BigUint64Array(shared.threads.length) }, "threads"],
      [{ ...shared, threads: new BigUint64Array(new SharedArrayBuffer(8)) }, "threads"],
      [{ ...shared, threads: new Int32Array(shared.threads.buffer) }, "threads"],
      [{ ...shared, fd: 1.5 }, "fd"],
      [{ ...shared, dev: "27" }, "dev"],
      [{ ...shared, ino: 5n }, "ino"],
      [{ ...shared, generation: -1 }, "generation"],
      [{ ...shared, place: "here" }, "place"],
      [{ ...shared, place: { name: "x" } }, "place"],
      [{ ...shared, keep: 1 }, "keep"],
    ];
    for (const [value, field] of wrong) {
      expect(() => Counter.fromShared(value as SharedRegion), `${field} ${String(value)}`).toThrow(
        expect.objectContaining({ code: "ERR_SHM_RANGE", field }),
      );
    }
    // Memory that is not the mapping would be read as the region's, and what its threads are decides nothing here.
    const slots = new BigUint64Array(new SharedArrayBuffer(shared.threads.byteLength));
    const forged = { ...shared, buffer: zeros, threads: slots };
    const bytes = new Uint8Array(zeros).fill(7);
    expect(codeOf(() => Counter.fromShared(forged))).toBe("ERR_SHM_CLOSED");
    expect([lookers(forged), lookers(shared), locksOn(fs.statSync(region.path))]).toEqual([0, 1, ["READ"]]);
    // Nobody who gives up puts zero pages over memory of which he does not know what it is.
    expect(bytes.every((byte) => byte === 7)).toBe(true);
  });
});

describe("what is refused with what to do instead", () => {
  it("mappings that threads cannot share, with what to do instead", () => {
    using viewed = Counter.createOrOpen("viewed", { mapping: "view" });
    expect(() => viewed.share()).toThrow(
      /SharedArrayBuffer: field=mapping expected=wasm found=view path=.*by its name/,
    );
    using copied = Counter.open("viewed", { access: "private", mapping: "wasm" });
    expect(() => copied.share()).toThrow(/^private copies belong to one region: found=private path=/);
    expect([codeOf(() => viewed.share()), codeOf(() => copied.share())]).toEqual([
      "ERR_SHM_UNSUPPORTED",
      "ERR_SHM_UNSUPPORTED",
    ]);
  });

  it("a directory that somebody keeps locked ends the wait at its deadline, and the count is as before", async () => {
    using region = Counter.createOrOpen("locked", WASM);
    const shared = region.share() as SharedMapping;
    const worker = await startOne();
    const child = await startProcess();
    await child.run(({ fs: files, tryExclusive }, path) => tryExclusive(files.openSync(path, "r"), path), directory);
    const code = await worker.run(({ Counter: Own }, posted) => {
      try {
        Own.fromShared(posted, { timeoutMs: 50 });
        return "opened";
      } catch (error) {
        return (error as { code: string }).code;
      }
    }, shared);
    await child.kill();
    expect([code, lookers(shared)]).toEqual(["ERR_SHM_BUSY", 1]);
  });

  it("posting or cloning a region or its memory, instead of making an empty object of it [fault 78]", async () => {
    using region = Counter.createOrOpen("posted", WASM);
    const { port1, port2 } = new workerThreads.MessageChannel();
    const worker = await startOne();
    const refused = /^#<(Region|MemoryView)> could not be cloned\.$/;
    for (const value of [region, region.memory, { deep: [region] }, new Map([["memory", region.memory]])]) {
      expect(() => structuredClone(value)).toThrow(refused);
      expect(() => port1.postMessage(value)).toThrow(refused);
      expect(() => new workerThreads.Worker("", { eval: true, workerData: value })).toThrow(refused);
      await expect(worker.run((_context, posted) => String(posted), value)).rejects.toThrow(refused);
    }
    // Nothing of that shows: a region has no properties of a WeakRef.
    expect([Object.keys(region), region instanceof WeakRef, "deref" in region]).toEqual([[], false, false]);
    port1.close();
    port2.close();
  });

  const marks = "markAsUncloneable" in workerThreads;
  it.skipIf(!marks)(
    `posting or cloning the data of a region${marks ? "" : " (skipped: needs markAsUncloneable of Node 22.10)"} [fault 78]`,
    () => {
      using region = Counter.createOrOpen("cloned", WASM);
      expect(() => structuredClone(region.data)).toThrow(/unsupported type|could not be cloned/);
    },
  );
});
