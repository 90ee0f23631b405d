/** Packages of CommonJS, as users have them: what is generated there compiles and runs, and shares one runtime with ES modules. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMON_JS, ES_MODULES, type TypeScript } from "../support/environments/environments.js";
import { type PackedProject, packedProjects } from "../support/environments/packed-project.js";
import { byDepth } from "../support/run/depth.js";

const modules = resolve(import.meta.dirname, "../../node_modules");
const project = packedProjects();
const TYPESCRIPT: Readonly<Record<TypeScript, string>> = {
  "5.9": "typescript-5.9",
  "6": "typescript",
  "7": "typescript-7",
};

/** Opens the region that `shmgen init` describes, in each way that loads something late, and says what it saw. */
const PROGRAM = `
async function main(): Promise<void> {
  const region = Telemetry.createOrOpen("car-7");
  region.data.$samples.add(2n);
  region.data.gear = Gear.Drive;
  const { $samples: samples } = region.data;
  console.log(region.outcome, region.data.samples, samples.wait(2n, 1), await samples.waitAsync(2n, 1));
  const states: string[] = listRegions().map(({ state }) => state);
  const ring = Depot.createOrOpen("depot");
  ring.data.jobs.producer().push(7);
  let known = false;
  try { Telemetry.create("car-7"); } catch (error) { known = error instanceof ShmError && isShmError(error); }
  console.log(states.join(), ring.data.jobs.consumer().pop(), known);
  ring.close();
  region.close();
}
void main();
`;
const PRINTED = "created 2n timed-out timed-out\nlive 7 true\n";

const DEPOT = `import type { Region, ring, u32 } from "@shmgen/schema";
import type { Wheel } from "./telemetry.shm.js";
export interface Depot extends Region<{ type: 2; version: 1 }> { jobs: ring<u32, 8>; wheel: Wheel; }
`;

/** What `shmgen init` makes, and a second schema that imports the first one. */
function initialised(type: "module" | "commonjs" | undefined, typescript: boolean): PackedProject {
  const made = project(type);
  if (typescript) made.write({ "tsconfig.json": "{}" });
  made.shmgen("init", "--quiet");
  made.write({ "schemas/depot.shm.ts": DEPOT });
  return made;
}

const compile = (made: PackedProject, version: TypeScript): string =>
  made.run(process.execPath, [join(modules, TYPESCRIPT[version], "bin/tsc"), "-p", "."]);

const tsconfig = (compilerOptions: object): string =>
  JSON.stringify({
    compilerOptions: {
      target: "es2022",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      outDir: "dist",
      rootDir: ".",
      // The console, without all types of Node, which take seconds to read.
      lib: ["es2023", "esnext.disposable", "dom"],
      types: [],
      ...compilerOptions,
    },
    include: ["program.*", "schemas/**/*.ts"],
  });

const importing = (ending: string): string => `
import { Gear, Telemetry } from "./schemas/generated/telemetry${ending}";
import { Depot } from "./schemas/generated/depot${ending}";
import { ShmError, isShmError, listRegions } from "@shmgen/runtime";
`;

describe("TypeScript in a package of CommonJS", () => {
  it.each(byDepth(COMMON_JS.slice(0, 1), COMMON_JS))(
    "%s with %j compiles what init and generate write, and Node runs it",
    (version, options) => {
      const made = initialised(undefined, true);
      made.shmgen("generate", "--quiet");
      made.write({ "tsconfig.json": tsconfig(options), "program.ts": importing("") + PROGRAM });
      compile(made, version);
      expect(made.read("dist/program.js")).toContain("require(");
      expect(made.run(process.execPath, ["dist/program.js"])).toBe(PRINTED);
    },
  );

  it("needs no build with tsx, which shares the runtime with what is imported", () => {
    const made = initialised(undefined, true);
    made.shmgen("generate", "--quiet");
    made.write({ "program.ts": importing("") + PROGRAM });
    expect(made.run(process.execPath, [join(modules, "tsx/dist/cli.mjs"), "program.ts"])).toBe(PRINTED);
  });
});

describe("TypeScript of ES modules", () => {
  it.each(byDepth(ES_MODULES.slice(0, 1), ES_MODULES))(
    "%s with %j compiles what init and generate write, and Node runs it",
    (version, options) => {
      const made = initialised("module", true);
      made.shmgen("generate", "--quiet");
      made.write({ "tsconfig.json": tsconfig(options), "program.ts": importing(".js") + PROGRAM });
      compile(made, version);
      expect(made.run(process.execPath, ["dist/program.js"])).toBe(PRINTED);
    },
  );
});

describe("JavaScript in a package of CommonJS", () => {
  const required = `"use strict";
const { Gear, Telemetry } = require("./schemas/generated/telemetry.js");
const { Depot } = require("./schemas/generated/depot.js");
const { ShmError, isShmError, listRegions } = require("@shmgen/runtime");
`;
  const plain = PROGRAM.replaceAll(/: (?:Promise<void>|string\[\])/g, "");

  it.each([undefined, "commonjs"] as const)("of type %s requires what init and generate write", (type) => {
    const made = initialised(type, false);
    made.shmgen("generate", "--quiet");
    made.write({ "program.js": required + plain });
    expect(made.run(process.execPath, ["program.js"])).toBe(PRINTED);
  });

  it("shares classes and errors with ES modules, whichever loads first", () => {
    const made = initialised(undefined, false);
    made.shmgen("generate", "--quiet");
    const mixed = `import { createRequire } from "node:module";
      import { Telemetry } from "./schemas/generated/telemetry.js";
      import { ShmError, ShmRangeError } from "@shmgen/runtime";
      import * as door from "@shmgen/runtime/codegen-v1";
      const require = createRequire(import.meta.url);
      const other = require("@shmgen/runtime");
      const files = Object.keys(require.cache).filter((file) => file.includes("common-access"));
      console.log(Telemetry === require("./schemas/generated/telemetry.js").Telemetry, ShmError === other.ShmError,
        ShmRangeError === other.ShmRangeError, door.Flyweight === require("@shmgen/runtime/codegen-v1").Flyweight, files.length);`;
    made.write({ "mixed.mjs": mixed, "first.cjs": `require("@shmgen/runtime"); import("./mixed.mjs");` });
    expect(made.run(process.execPath, ["mixed.mjs"])).toBe("true true true true 1\n");
    expect(made.run(process.execPath, ["first.cjs"])).toBe("true true true true 1\n");
  });

  it("has types that TypeScript checks JavaScript by", () => {
    const made = initialised(undefined, false);
    made.shmgen("generate", "--quiet");
    made.write({
      "tsconfig.json": tsconfig({ module: "node16", allowJs: true, checkJs: true }),
      "program.js": `${required}const region = Telemetry.open("car-7");\nregion.data.samples = "7";\nmodule.exports = { Gear, Depot, ShmError, isShmError, listRegions };\n`,
    });
    expect(() => compile(made, "5.9")).toThrow("Type 'string' is not assignable to type 'bigint'");
  });
});

describe("the option module", () => {
  const config = (module: string): Record<string, string> => ({
    "shmgen.config.json": `{ "module": "${module}", "targets": ["ts", "js"], "out": "generated" }`,
    "depot.shm.ts": DEPOT.replace("./telemetry", "./wheel"),
    "wheel.shm.ts": `import type { f32 } from "@shmgen/schema";\nexport interface Wheel { rpm: f32; }\n`,
  });
  const names = (made: PackedProject): string[] => readdirSync(join(made.path, "generated")).sort();
  const open = `const region = Depot.createOrOpen("d"); region.data.wheel.rpm = 5; console.log(region.data.wheel.rpm); region.close();`;

  it("makes CommonJS in a package of ES modules, and says so by the endings of files", () => {
    const made = project("module");
    made.write({ ...config("commonjs"), "program.cts": `import { Depot } from "./generated/depot.cjs";\n${open}` });
    made.shmgen("generate", "--quiet");
    expect(names(made).filter((name) => name.startsWith("depot"))).toEqual([
      "depot.cjs",
      "depot.cts",
      "depot.d.cts",
      "depot.d.cts.map",
    ]);
    made.write({ "program.mjs": `import { Depot } from "./generated/depot.cjs";\n${open}` });
    expect(made.run(process.execPath, ["program.mjs"])).toBe("5\n");
    made.write({ "tsconfig.json": tsconfig({ module: "node16" }) });
    compile(made, "7");
    expect(made.run(process.execPath, ["dist/program.cjs"])).toBe("5\n");
  });

  it("makes ES modules in a package of CommonJS, and says so by the endings of files", () => {
    const made = project("commonjs");
    made.write({ ...config("esm"), "program.mts": `import { Depot } from "./generated/depot.mjs";\n${open}` });
    made.shmgen("generate", "--quiet");
    expect(names(made).filter((name) => name.startsWith("depot"))).toEqual([
      "depot.d.mts",
      "depot.d.mts.map",
      "depot.mjs",
      "depot.mts",
    ]);
    expect(made.read("generated/depot.d.mts")).toContain("depot.d.mts.map");
    made.write({ "program.mjs": `import { Depot } from "./generated/depot.mjs";\n${open}` });
    expect(made.run(process.execPath, ["program.mjs"])).toBe("5\n");
    made.write({ "tsconfig.json": tsconfig({ module: "node16" }) });
    compile(made, "7");
    expect(made.run(process.execPath, ["dist/program.mjs"])).toBe("5\n");
  });

  it("changes nothing of what is usual in the package", () => {
    const made = project("module");
    made.write(config("esm"));
    made.shmgen("generate", "--quiet");
    expect(names(made)).toContain("depot.d.ts");
    made.write(config("auto"));
    made.shmgen("check", "--quiet");
  });

  it("auto looks at the package of the output, not at that of the config", () => {
    const made = project("module");
    made.write({ ...config("auto"), "generated/package.json": `{ "type": "commonjs" }` });
    made.shmgen("generate", "--quiet");
    expect(made.read("generated/depot.js")).toContain(`require("@shmgen/runtime/codegen-v1")`);
  });
});

describe("Jest", () => {
  const suite = (ending: string): string => `${importing(ending)}
    declare const test: (name: string, run: () => unknown) => void;
    declare const expect: (value: unknown) => { toBe(other: unknown): void };
    const printed: string[] = [];
    const print = { log: (...values: unknown[]) => printed.push(values.map(String).join(" ")) };
    test("a region is opened, waited for and closed", async () => {
      ${PROGRAM.replace("void main();", "await main();").replaceAll("console.", "print.")}
      expect(printed.join()).toBe("created 2 timed-out timed-out,live 7 true");
    });`;
  const jest = (made: PackedProject, transform: object, node: readonly string[]): string => {
    const config = {
      testMatch: ["**/*.test.ts"],
      transform: { "^.+\\.ts$": [join(modules, "ts-jest"), transform] },
      ...(node.length > 0 && { extensionsToTreatAsEsm: [".ts"], moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" } }),
    };
    made.write({ "jest.config.json": JSON.stringify(config) });
    return made.run(process.execPath, [
      ...node,
      join(modules, "jest/bin/jest.js"),
      "--config",
      "jest.config.json",
      "--ci",
    ]);
  };

  it("with ts-jest runs tests of regions in a package of CommonJS, without flags", () => {
    const made = initialised(undefined, true);
    made.write({
      "tsconfig.json": tsconfig({ module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" }),
    });
    made.shmgen("generate", "--quiet");
    made.write({ "region.test.ts": suite("") });
    jest(made, {}, []);
  });

  it("with --experimental-vm-modules runs them as ES modules", () => {
    const made = initialised("module", true);
    made.write({ "tsconfig.json": tsconfig({ module: "nodenext" }) });
    made.shmgen("generate", "--quiet");
    made.write({ "region.test.ts": suite(".js") });
    jest(made, { useESM: true }, ["--experimental-vm-modules", "--no-warnings"]);
  });
});
