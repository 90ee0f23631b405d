/** `shmgen init`: a first schema and what it needs, in a folder that has none. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_NAMES } from "../config/load-config.js";
import { writeOutput } from "../output.js";
import { type Invocation, valueOf } from "./command.js";
import { EXIT, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { workingFolder } from "./project.js";

const SCHEMA = "schemas/telemetry.shm.ts";

const SAMPLE = `import type { Region, array, atomic, f32, f64, u64, utf8 } from "@shmgen/schema";

/** Live state of one car: written by one process, read by others. */
export interface Telemetry extends Region<{ type: 1; version: 1 }> {
  /** Samples published since the region was created. */
  samples: atomic<u64>;
  gear: atomic<Gear>;
  position: array<f64, 3>;
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
  const config = typescript ? "shmgen.config.ts" : "shmgen.config.mjs";
  const inTheWay = [SCHEMA, ...CONFIG_NAMES].filter((name) => existsSync(join(folder, name)));
  if (inTheWay.length > 0) {
    throw usageFailure(
      `${inTheWay.join(" and ")} ${inTheWay.length === 1 ? "exists" : "exist"} already, so nothing was written`,
      "shmgen generate is the next step",
    );
  }
  const { text, kept } = withScripts(manifest);
  const written: [string, string][] = [
    [SCHEMA, SAMPLE],
    [config, configText(typescript ? "ts" : "js")],
  ];
  if (text !== manifest) written.push(["package.json", text]);
  mkdirSync(join(folder, "schemas"), { recursive: true });
  for (const [path, content] of written) writeOutput(folder, path, content);
  if (flags.has("quiet")) return Promise.resolve(EXIT.clean);
  for (const [path] of written) terminal.out(`${path === "package.json" ? "updated" : "created"} ${path}\n`);
  for (const name of kept) terminal.out(`kept the script '${name}' of package.json as it is\n`);
  terminal.out(nextSteps(typescript, kept.length === 0));
  return Promise.resolve(EXIT.clean);
}

function readManifest(folder: string): string {
  const path = join(folder, "package.json");
  if (!existsSync(path)) throw usageFailure(`there is no package.json in ${folder}`, "npm init -y writes one");
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw systemFailure("read", path, error);
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

function nextSteps(typescript: boolean, scripts: boolean): string {
  const module = typescript ? "" : '   (package.json needs "type": "module")';
  return [
    "",
    "Next steps:",
    "  1. npm install @shmgen/runtime",
    "     npm install --save-dev shmgen @shmgen/schema",
    `  2. ${scripts ? "npm run generate" : "npx shmgen generate"}${module}`,
    "  3. In one process:",
    '       import { Telemetry } from "./schemas/generated/telemetry.js";',
    '       const region = Telemetry.createOrOpen("car-7");',
    "       region.data.$samples.add(1n);",
    "     In another, while the first still has it open:",
    '       const region = Telemetry.openReadOnly("car-7");',
    "       console.log(region.data.samples);",
    `  4. Commit the generated files, and let CI run ${scripts ? "npm run generate:check" : "npx shmgen check"}.`,
    "",
  ].join("\n");
}
