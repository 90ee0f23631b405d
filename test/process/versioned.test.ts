import * as fs from "node:fs";
import { expect, it } from "vitest";
import { cleanStale, dotnetLocation, listRegions, removeRegion } from "@shmgen/runtime";
import { counterOf } from "../support/regions/counter.mjs";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { shmgen } from "../cli/run-cli.js";

const directory = regionDirectory();
const versionOf = (version: number) =>
  counterOf({ version, fingerprint: version.toString(16).padStart(16, "0"), naming: "versioned" });

it("a versioned name gives each version a file of its own, and messages show both", () => {
  const one = versionOf(1).createOrOpen("car");
  const two = versionOf(2).createOrOpen("car");
  one.data.count = 1;
  two.data.count = 2;
  expect([one, two].map(({ name, path, outcome }) => [name, path, outcome])).toEqual([
    ["car", `${directory}/car@1`, "created"],
    ["car", `${directory}/car@2`, "created"],
  ]);
  const again = [versionOf(1).open("car"), versionOf(2).openReadOnly("car")];
  expect(again.map(({ data }) => data.count)).toEqual([1, 2]);
  expect(() => versionOf(3).open("car")).toThrow(`path=${directory}/car@3`);
  expect(codeOf(() => removeRegion("car@2"))).toBe("ERR_SHM_BUSY");
  for (const region of [one, two, ...again]) region.close();
  expect(fs.readdirSync(directory)).toEqual([]);
});

it("nobody can ask for a version by an @", () => {
  for (const Class of [versionOf(2), counterOf({})]) {
    expect(codeOf(() => Class.createOrOpen("car@2"))).toBe("ERR_SHM_NAME");
    expect(codeOf(() => Class.open(".migrating-car"))).toBe("ERR_SHM_NAME");
    expect(codeOf(() => Class.createUnique("car@"))).toBe("ERR_SHM_NAME");
  }
  expect(codeOf(() => versionOf(2).createOrOpen(dotnetLocation("car")))).toBe("ERR_SHM_RANGE");
  const Class = versionOf(4_294_967_295);
  const region = Class.createOrOpen("n".repeat(200));
  expect(region.path).toBe(`${directory}/${"n".repeat(200)}@4294967295`);
  region.close();
  expect(codeOf(() => Class.createOrOpen("n".repeat(201)))).toBe("ERR_SHM_NAME");
});

it("versioned names work in tokens, between threads, by descriptor and for unique names", () => {
  const Class = versionOf(2);
  const region = Class.createUnique("unique");
  expect(region.name).toMatch(/^unique-\d+-[0-9a-f]{16}$/);
  expect(region.path).toBe(`${directory}/${region.name}@2`);
  const byToken = Class.fromToken(region.token());
  expect([byToken.name, byToken.path]).toEqual([region.name, region.path]);
  expect(codeOf(() => versionOf(3).fromToken(region.token()))).toBe("ERR_SHM_VERSION");
  const shared = Class.fromShared(region.share());
  expect([shared.name, shared.path]).toEqual([region.name, region.path]);
  const attached = Class.attachFd(fs.openSync(region.path, "r+"));
  expect([attached.name, attached.path]).toEqual([region.name, region.path]);
  attached.data.count = 9;
  expect(region.data.count).toBe(9);
  for (const one of [byToken, shared, attached, region]) one.close();
  expect(fs.readdirSync(directory)).toEqual([]);
  const nameless = Class.createAnonymous({ label: "nameless" });
  expect(nameless.name).toBe("nameless");
  nameless.close();
});

it("a list shows the versions of a name together, in the order of their numbers", () => {
  for (const version of [10, 2, 1]) versionOf(version).createOrOpen("car", { cleanup: "keep" }).close();
  for (const name of ["car", "car-7", "b"]) counterOf({}).createOrOpen(name, { cleanup: "keep" }).close();
  fs.writeFileSync(`${directory}/car@02`, "x");
  const listed = listRegions();
  expect(listed.map(({ name }) => name)).toEqual(["b", "car", "car@1", "car@2", "car@10", "car-7", "car@02"]);
  expect(listed.find(({ name }) => name === "car@10")).toMatchObject({
    logicalName: "car",
    nameVersion: 10,
    version: 10,
    state: "stale",
  });
  expect(listed.find(({ name }) => name === "car")).toMatchObject({ logicalName: "car", version: 1 });
  expect(listed.find(({ name }) => name === "car")).not.toHaveProperty("nameVersion");
  // Not a number as versions are written.
  expect(listed.find(({ name }) => name === "car@02")).toMatchObject({ state: "foreign", logicalName: "car@02" });
  const { out } = shmgen(["list", "--json"], { env: { SHMGEN_DIR: directory } });
  expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual(listed.map(({ name }) => name));
  expect(removeRegion("car@2")).toMatchObject({ name: "car@2", state: "stale" });
  expect(codeOf(() => removeRegion("car@02"))).toBe("ERR_SHM_NAME");
  expect(codeOf(() => removeRegion("car@2@3"))).toBe("ERR_SHM_NAME");
  const cleaned = cleanStale({ includeKept: true });
  expect(cleaned.removed.map(({ name }) => name)).toEqual(["b", "car", "car@1", "car@10", "car-7"]);
  expect(cleaned.kept.map(({ name }) => name)).toEqual(["car@02"]);
  fs.rmSync(`${directory}/car@02`);
});

it("rolling: version 2 comes while version 1 runs, and each goes with its last user", async () => {
  const one = await startProcess();
  const two = await startProcess();
  const open = (child: typeof one, version: number): Promise<string> =>
    child.run(({ counterOf, kept }, version) => {
      const fingerprint = version.toString(16).padStart(16, "0");
      const Class = counterOf({ version, fingerprint, naming: "versioned" });
      kept["it"] = Class.createOrOpen("rolling", { initialise: (data) => (data.count = version) });
      return `${kept["it"].outcome} ${kept["it"].data.count}`;
    }, version);
  expect(await open(one, 1)).toBe("created 1");
  expect(await open(two, 2)).toBe("created 2");
  const listed = listRegions();
  expect(listed.map(({ name, state, owners }) => [name, state, owners.map(({ pid }) => pid)])).toEqual([
    ["rolling@1", "live", [one.pid]],
    ["rolling@2", "live", [two.pid]],
  ]);
  await one.run(({ kept }) => kept["it"]?.close());
  expect(fs.readdirSync(directory)).toEqual(["rolling@2"]);
  await two.kill();
  const third = versionOf(2).createOrOpen("rolling");
  expect(third.outcome).toBe("reinitialised");
  third.close();
  await one.kill();
  expect(fs.readdirSync(directory)).toEqual([]);
});
