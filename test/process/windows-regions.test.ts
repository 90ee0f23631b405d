/** Regions on Windows where what holds is written in docs/PROTOCOL.md, "On Windows". What all systems have in common is in the contracts, liveness.test.ts and open-race.test.ts. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cleanStale, isShmError, listRegions, migration, removeRegion } from "@shmgen/runtime";
import { describe, expect, it } from "vitest";
import { regionDirectory, regionsIn, startProcess, until } from "../support/processes/processes.js";
import { Counter, counterOf } from "../support/regions/counter.mjs";

const isWindows = process.platform === "win32";
const directory = regionDirectory();

/** What is left of files that have lost their names. */
const removed = (): string[] => readdirSync(directory).filter((name) => name.startsWith(".removed-"));
const sessions = (): string[] => readdirSync(directory).filter((name) => name.startsWith("session-"));

function codeOf(call: () => unknown): string {
  try {
    call();
    return "no error";
  } catch (error) {
    if (isShmError(error)) return error.code;
    throw error;
  }
}

const OTHERWISE = isWindows ? "" : " (skipped: this is another system)";

describe.skipIf(!isWindows)(`regions on Windows${OTHERWISE}`, () => {
  it("who makes a region, who has it, and its removal are seen from another process", async () => {
    const other = await startProcess();
    await other.run(({ Counter, kept }) => void (kept["a"] = Counter.create("a")));
    const region = Counter.open("a");
    expect(region.owners().map(({ pid }) => pid)).toEqual([other.pid, process.pid].sort((a, b) => a - b));
    expect(region.owners().every(({ exclusive }) => !exclusive)).toBe(true);
    expect(listRegions().map(({ name, state }) => [name, state])).toEqual([["a", "live"]]);
    expect(codeOf(() => removeRegion("a"))).toBe("ERR_SHM_BUSY");
    // Both have it mapped, and the name goes all the same.
    removeRegion("a", { force: true });
    expect(regionsIn(directory)).toEqual([]);
    region.data.count = 7;
    expect(await other.run(({ kept }) => kept["a"]!.data.count)).toBe(7);
    expect(region.isCurrent()).toBe(false);
    const anew = Counter.create("a");
    expect(anew.data.count).toBe(0);
    anew.close();
    region.close();
    await other.kill();
  });

  it("who initialises is shown as the one who has the exclusive lock, without that lock being tried", () => {
    let seen: readonly unknown[] = [];
    const region = Counter.create("half", {
      initialise: () => {
        seen = listRegions().map(({ name, state, owners }) => [name, state, owners.map((one) => one.exclusive)]);
      },
    });
    expect(seen).toEqual([["half", "initialising", [true]]]);
    expect(region.owners().map(({ exclusive }) => exclusive)).toEqual([false]);
    region.close();
  });

  it("an old version is migrated into a file of its own, which takes its name", () => {
    const Old = counterOf({ version: 1, fingerprint: "0000000000000001" });
    const New = counterOf({ version: 2, fingerprint: "0000000000000002" });
    const old = Old.create("moved", { cleanup: "keep" });
    old.data.count = 5;
    old.close();
    const before = statSync(join(directory, "moved"), { bigint: true }).ino;
    const region = New.createOrOpen("moved", {
      migrate: [migration(Old, (from, to) => void (to.count = from.count + 1))],
    });
    expect([region.outcome, region.data.count]).toEqual(["migrated", 6]);
    expect(statSync(join(directory, "moved"), { bigint: true }).ino).not.toBe(before);
    region.close();
    expect(regionsIn(directory)).toEqual([]);
  });

  it("a region without a name is handed on by its token, and goes with the last who has it", async () => {
    const region = Counter.createAnonymous();
    region.data.count = 40;
    const other = await startProcess();
    const token = region.token();
    const found = await other.run(({ Counter, kept }, text) => {
      kept["t"] = Counter.fromToken(text);
      kept["t"].data.addCount(2);
      return kept["t"].data.count;
    }, token);
    expect([found, region.data.count]).toEqual([42, 42]);
    region.close();
    expect(await other.run(({ kept }) => kept["t"]!.data.count)).toBe(42);
    expect(codeOf(() => Counter.fromToken(token))).toMatch(/^ERR_SHM_(NOT_FOUND|STALE)$/);
    await other.kill();
    expect(regionsIn(directory)).toEqual([]);
  });

  it("a session's folder is made, and goes with its last region", () => {
    const region = Counter.create("mine", { scope: "session" });
    expect(region.path).toMatch(/\\session-\d+\\mine$/);
    region.close();
    expect(sessions()).toEqual([]);
  });

  it("a session's folder goes with the name of its last region, also while somebody has that mapped", async () => {
    const scope = "session";
    const other = await startProcess();
    await other.run(({ Counter, kept }) => void (kept["it"] = Counter.create("mine", { scope: "session" })));
    const region = Counter.open("mine", { scope });
    region.data.count = 7;
    removeRegion("mine", { scope, force: true });
    expect(sessions()).toEqual([]);
    // Made anew beside them, and left by who made it.
    Counter.create("mine", { scope }).close();
    expect(sessions()).toEqual([]);
    expect(await other.run(({ kept }) => [kept["it"]!.data.count, kept["it"]!.isCurrent()])).toEqual([7, false]);
    await other.run(({ kept }) => kept["it"]!.close());
    region.close();
    expect([removed(), sessions()]).toEqual([[], []]);
    await other.kill();
  });

  it("what the ended left is listed as stale and cleaned", async () => {
    const other = await startProcess();
    await other.run(({ Counter, kept }) => void (kept["b"] = Counter.create("left")));
    await other.kill();
    await until(() => listRegions().some(({ name, state }) => name === "left" && state === "stale"), "it is stale");
    expect(cleanStale().removed.map(({ name }) => name)).toEqual(["left"]);
    expect(regionsIn(directory)).toEqual([]);
  });

  it("a region that loses its name at once leaves nothing when it is closed", () => {
    const region = Counter.create("unseen", { cleanup: "immediately" });
    region.data.count = 3;
    expect(regionsIn(directory)).toEqual([]);
    expect(region.data.count).toBe(3);
    const before = removed().length;
    region.close();
    expect(removed().length).toBe(before - 1);
  });

  it.each([
    ["mode", { mode: 0o660 }, "ERR_SHM_UNSUPPORTED"],
    ["the machine's scope", { scope: "machine" }, "ERR_SHM_UNSUPPORTED"],
    ["mapping wasm", { mapping: "wasm" }, "ERR_SHM_UNSUPPORTED"],
  ] as const)("%s is refused, and makes nothing", (_, options, code) => {
    expect(codeOf(() => Counter.create("refused", options))).toBe(code);
    expect(existsSync(join(directory, "refused"))).toBe(false);
  });

  it("names that Windows gives to devices, or shortens, are refused", () => {
    expect(["con", "nul.car", "a."].map((name) => codeOf(() => Counter.create(name)))).toEqual(
      Array(3).fill("ERR_SHM_NAME"),
    );
  });
});
