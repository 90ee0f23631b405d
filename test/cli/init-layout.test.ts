import { describe, expect, it } from "vitest";
import { BROKEN, filesIn, MANIFEST, project, put, schemaText, shmgen } from "./run-cli.js";

describe("init", () => {
  it.each([
    ["TypeScript", { "tsconfig.json": "{}" }, "shmgen.config.ts", "ts"],
    ["JavaScript", {}, "shmgen.config.mjs", "js"],
  ])("sets up a %s package that generates and checks at once", (_name, files, config, extension) => {
    const cwd = project({ "package.json": MANIFEST, ...files });
    const { code, out, err } = shmgen(["init"], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      new RegExp(`^created schemas/telemetry\\.shm\\.ts\\ncreated ${config}\\nupdated package\\.json\\n`),
    );
    expect(out).toContain("Next steps:");
    expect(JSON.parse(filesIn(cwd)["package.json"] ?? "")).toEqual({
      name: "a-project",
      private: true,
      type: "module",
      scripts: { generate: "shmgen generate", "generate:check": "shmgen check" },
    });
    expect(shmgen(["generate"], { cwd })).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(filesIn(cwd))).toContain(`schemas/generated/telemetry.${extension}`);
    expect(shmgen(["check"], { cwd }).code).toBe(0);
  });

  it.each([
    [
      "TypeScript",
      { "tsconfig.json": "{}" },
      "shmgen.config.mts",
      `import { Telemetry } from "./schemas/generated/telemetry";`,
    ],
    ["JavaScript", {}, "shmgen.config.mjs", `const { Telemetry } = require("./schemas/generated/telemetry.js");`],
  ])("sets up a %s package of CommonJS, and shows how its programs begin", (_name, files, config, first) => {
    const cwd = project({ "package.json": MANIFEST.replace('"module"', '"commonjs"'), ...files });
    const { code, out } = shmgen(["init"], { cwd });
    expect(code).toBe(0);
    expect(Object.keys(filesIn(cwd))).toContain(config);
    expect(out).toContain(`       ${first}\n`);
  });

  it("overwrites nothing", () => {
    const cwd = project({ "package.json": MANIFEST, "schemas/telemetry.shm.ts": "mine", "shmgen.config.json": "{}" });
    const before = filesIn(cwd);
    expect(shmgen(["init"], { cwd })).toEqual({
      code: 2,
      out: "",
      err: "shmgen: schemas/telemetry.shm.ts and shmgen.config.json exist already, so nothing was written\n  hint: shmgen generate is the next step\n",
    });
    expect(filesIn(cwd)).toEqual(before);
  });

  it("keeps scripts of the same name and the indentation of package.json", () => {
    const cwd = project({ "package.json": `{\n\t"name": "x",\n\t"scripts": {\n\t\t"generate": "other"\n\t}\n}\n` });
    const { out } = shmgen(["init"], { cwd });
    expect(out).toContain("kept the script 'generate' of package.json as it is\n");
    expect(filesIn(cwd)["package.json"]).toBe(
      `{\n\t"name": "x",\n\t"scripts": {\n\t\t"generate": "other",\n\t\t"generate:check": "shmgen check"\n\t}\n}\n`,
    );
  });

  it("needs a package", () => {
    const cwd = project({});
    const { code, err } = shmgen(["init"], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(/^shmgen: there is no package\.json in .+\n {2}hint: npm init -y writes one\n$/);
    put(cwd, { "package.json": "{" });
    expect(shmgen(["init"], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining("package.json is not JSON") as unknown,
    });
  });
});

describe("layout", () => {
  const files = { "package.json": MANIFEST, "car.shm.ts": schemaText("Car"), "bus.shm.ts": schemaText("Bus", "x", 2) };

  it("shows all structs or those named", () => {
    const cwd = project(files);
    const all = shmgen(["layout"], { cwd });
    expect(all).toMatchObject({ code: 0, err: "" });
    expect(all.out).toMatch(/Bus[^]*Car/);
    const one = shmgen(["layout", "Car"], { cwd });
    expect(one.out).toContain("Car");
    expect(one.out).not.toContain("Bus");
    expect(all.out).toContain(one.out);
    expect(shmgen(["layout", "car.shm.ts#Car"], { cwd }).out).toBe(one.out);
    expect(shmgen(["layout", "--files", "bus.shm.ts"], { cwd }).out).not.toContain("Car");
  });

  it("--json prints a list that a program reads", () => {
    const cwd = project(files);
    const layouts = JSON.parse(shmgen(["layout", "Car", "--json"], { cwd }).out) as object[];
    expect(layouts).toHaveLength(1);
    expect(layouts[0]).toMatchObject({ name: "Car", size: 8 });
  });

  it("suggests the nearest struct, and tells mistakes of the schemas", () => {
    const cwd = project(files);
    expect(shmgen(["layout", "Cra"], { cwd })).toEqual({
      code: 2,
      out: "",
      err: "shmgen: there is no struct 'Cra'\n  hint: did you mean 'Car'?\n",
    });
    const floor = schemaText("Floor")
      .replace("atomic,", "atomic, mutex, ring,")
      .replace("{\n", "{\n  door: mutex;\n  orders: ring<u32, 4>;\n");
    put(cwd, { "floor.shm.ts": floor });
    expect(shmgen(["layout", "Nothing", "--files", "floor.shm.ts"], { cwd }).err).toMatch(
      /hint: the schemas declare Floor\n$/,
    );
    put(cwd, { "broken.shm.ts": BROKEN });
    expect(shmgen(["layout"], { cwd })).toMatchObject({ code: 1, out: "" });
  });
});
