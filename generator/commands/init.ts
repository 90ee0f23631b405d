/** `shmgen init`: a first schema and what it needs, in a folder that has none. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_NAMES } from "../config/load-config.js";
import { packageForm } from "../config/output-modules.js";
import { writeOutput } from "../output.js";
import { type Invocation, valueOf } from "./command.js";
import { EXIT, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { LOCK_NAME } from "../evolution/lock-name.js";
import { type Style, styled, styleOf } from "./init-style.js";
import { EXCLUDED, withSchemasExcluded } from "./init-tsconfig.js";
import { workingFolder } from "./project.js";
import { reportJson } from "./report.js";

const SCHEMA = "schemas/telemetry.shm.ts";

const SAMPLE = `import type { array, atomic, f32, Region, u64, utf8 } from "@shmgen/schema";

/** Live state of one car: written by one process, read by others. */
export interface Telemetry extends Region<{ type: 1; version: 1 }> {
  /** Samples published since the region was created. */
  samples: atomic<u64>;
  gear: atomic<Gear>;
  position: array<f32, 3>;
  wheels: array<Wheel, 4>;
  driver: utf8<32>;
}

export interface Wheel {
  /** Revolutions per minute. */
  rpm: f32;
  slip: f32;
}

/** @repr u8 */
export enum Gear {
  Park,
  Reverse,
  Neutral,
  Drive,
}
`;

function configText(target: "ts" | "js"): string {
  return `import { defineConfig } from "shmgen";

export default defineConfig({
  files: ["schemas/**/*.shm.ts"],
  targets: ["${target}", "c"],
});
`;
}

const SCRIPTS = { generate: "shmgen generate", "generate:check": "shmgen check" } as const;

export function run(invocation: Invocation): Promise<number> {
  const { terminal, flags, positionals } = invocation;
  if (positionals.length > 0) throw usageFailure(`shmgen init takes no arguments, found '${positionals[0]}'`);
  const folder = workingFolder(valueOf(invocation, "cwd"));
  const manifest = readManifest(folder);
  const typescript = existsSync(join(folder, "tsconfig.json"));
  const commonjs = packageForm(folder) === "commonjs";
  // `.ts` would be CommonJS for the user's compiler, and shmgen itself is a package of ES modules.
  const config = typescript ? `shmgen.config.${commonjs ? "mts" : "ts"}` : "shmgen.config.mjs";
  const inTheWay = [SCHEMA, ...CONFIG_NAMES].filter((name) => existsSync(join(folder, name)));
  if (inTheWay.length > 0) {
    throw usageFailure(
      `${inTheWay.join(" and ")} ${inTheWay.length === 1 ? "exists" : "exist"} already, so nothing was written`,
      "shmgen generate is the next step",
    );
  }
  const { text, kept } = withScripts(manifest);
  const style = styleOf(folder);
  const written: Written[] = [
    { path: SCHEMA, text: styled(SAMPLE, style), status: "created" },
    { path: config, text: styled(configText(typescript ? "ts" : "js"), style), status: "created" },
    ...(text === manifest ? [] : [{ path: "package.json", text, status: "updated" } as const]),
    ...(style.prettier ? notFormatted(folder) : []),
  ];
  const tsconfig = typescript ? excluded(folder, style) : undefined;
  if (typeof tsconfig === "object") written.push(tsconfig);
  mkdirSync(join(folder, "schemas"), { recursive: true });
  for (const one of written) writeOutput(folder, one.path, one.text);
  if (flags.has("json")) {
    const files = written.map(({ path, status }) => ({ path, status }));
    reportJson(invocation, { exitCode: EXIT.clean, files, diagnostics: [] });
  } else if (!flags.has("quiet")) {
    for (const { path, status } of written) terminal.out(`${status} ${path}\n`);
    for (const name of kept) terminal.out(`kept the script '${name}' of package.json as it is\n`);
    terminal.out(nextSteps({ typescript, commonjs, scripts: kept.length === 0, tsconfig: tsconfig === "unknown" }));
  }
  return Promise.resolve(EXIT.clean);
}

interface Written {
  readonly path: string;
  readonly text: string;
  readonly status: "created" | "updated";
}

/** What prettier has to leave alone: the lock file has a form for git to merge, and no comment in JSON could say so. */
function notFormatted(folder: string): Written[] {
  const path = ".prettierignore";
  const before = existsSync(join(folder, path)) ? readText(folder, path) : undefined;
  if (before?.split(/\r?\n/).includes(LOCK_NAME) === true) return [];
  const separator = before === undefined || before === "" || before.endsWith("\n") ? "" : "\n";
  const text = `${before ?? ""}${separator}${LOCK_NAME}\n`;
  return [{ path, text, status: before === undefined ? "created" : "updated" }];
}

/** The tsconfig.json that leaves schemas out, where it does not yet; "unknown" where nobody but its author can tell how. */
function excluded(folder: string, { indent }: Style): Written | "unknown" | undefined {
  const before = readText(folder, "tsconfig.json");
  const text = withSchemasExcluded(before, indent);
  if (text === undefined) return "unknown";
  return text === before ? undefined : { path: "tsconfig.json", text, status: "updated" };
}

function readManifest(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return readText(folder, "package.json");
  throw usageFailure(`there is no package.json in ${folder}`, "npm init -y writes one");
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (error) {
    throw systemFailure("read", join(folder, name), error);
  }
}

/** The package.json with our scripts, indented as it was; scripts that exist with another text are kept. */
function withScripts(manifest: string): { text: string; kept: string[] } {
  let parsed: { scripts?: Record<string, string> };
  try {
    parsed = JSON.parse(manifest.replace(/^\uFEFF/, "")) as typeof parsed;
  } catch (error) {
    throw usageFailure(`package.json is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const scripts = { ...parsed.scripts };
  const kept: string[] = [];
  for (const [name, line] of Object.entries(SCRIPTS)) {
    if (scripts[name] === undefined) scripts[name] = line;
    else if (scripts[name] !== line) kept.push(name);
  }
  if (JSON.stringify(scripts) === JSON.stringify(parsed.scripts)) return { text: manifest, kept };
  const indent = /^[{]\r?\n([ \t]+)"/.exec(manifest)?.[1] ?? "  ";
  return { text: `${JSON.stringify({ ...parsed, scripts }, undefined, indent)}\n`, kept };
}

interface Surroundings {
  readonly typescript: boolean;
  readonly commonjs: boolean;
  /** Whether package.json has our scripts. */
  readonly scripts: boolean;
  /** Whether tsconfig.json has to be told by hand to leave schemas out. */
  readonly tsconfig: boolean;
}

/** How a program of this package gets at the generated class. */
function importText({ typescript, commonjs }: Surroundings): string {
  const path = "./schemas/generated/telemetry";
  if (!commonjs) return `import { Telemetry } from "${path}.js";`;
  return typescript ? `import { Telemetry } from "${path}";` : `const { Telemetry } = require("${path}.js");`;
}

function nextSteps(surroundings: Surroundings): string {
  const { scripts, tsconfig } = surroundings;
  return [
    "",
    "Next steps:",
    "  1. npm install @shmgen/runtime",
    "     npm install --save-dev shmgen @shmgen/schema",
    `  2. ${scripts ? "npm run generate" : "npx shmgen generate"}`,
    "  3. In one process:",
    `       ${importText(surroundings)}`,
    '       const region = Telemetry.createOrOpen("car-7");',
    "       region.data.$samples.add(1n);",
    "     In another, while the first still has it open:",
    '       const region = Telemetry.openReadOnly("car-7");',
    "       console.log(region.data.samples);",
    ...(tsconfig
      ? [
          `  4. Add "${EXCLUDED}" to "exclude" of tsconfig.json: shmgen reads schemas, and tsc would make a second`,
          "     Gear of theirs.",
        ]
      : []),
    `  ${tsconfig ? 5 : 4}. Commit the generated files, and let CI run ${scripts ? "npm run generate:check" : "npx shmgen check"}.`,
    "",
  ].join("\n");
}
