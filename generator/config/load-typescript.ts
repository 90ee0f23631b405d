/**
 * Runs a config written in TypeScript, in memory, because Node 20 cannot import one and the project's folder may be
 * read-only. It becomes a CommonJS function: what it imports is resolved from its own folder, `shmgen` is this program.
 */
import { readFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { systemFailure, usageFailure } from "../diagnostics/failure.js";
import { transpileConfig } from "../frontend/transpile.js";
import { defineConfig } from "./define-config.js";

type ModuleFunction = (
  exports: Record<string, unknown>,
  require: (specifier: string) => unknown,
  importMeta: { readonly url: string; readonly filename: string; readonly dirname: string },
) => Promise<void>;

/** The exports of a TypeScript module, after its top level has run. */
export async function loadTypeScriptConfig(file: string): Promise<Record<string, unknown>> {
  const exports: Record<string, unknown> = {};
  await moduleFunction(file)(exports, requireFrom(file), {
    url: pathToFileURL(file).href,
    filename: file,
    dirname: dirname(file),
  });
  return exports;
}

function moduleFunction(file: string): ModuleFunction {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw systemFailure("read", file, error);
  }
  const { code, problems } = transpileConfig(text, file);
  if (problems.length > 0) throw usageFailure(problems);
  // Wrapped in an async function, so that a config may await at its top level.
  return compileFunction(`return (async () => {${code}\n})();`, ["exports", "require", "importMeta"], {
    filename: file,
  }) as ModuleFunction;
}

function requireFrom(file: string): (specifier: string) => unknown {
  const nodeRequire = createRequire(file);
  return (specifier) => {
    if (specifier === "shmgen") return { defineConfig };
    const source = /^\.{1,2}\//.test(specifier) ? typeScriptFile(file, specifier) : undefined;
    if (source !== undefined) {
      throw usageFailure(
        `${file}: imports ${specifier}, which is TypeScript`,
        "a config may import packages and JavaScript files; put the values into the config itself",
      );
    }
    return nodeRequire(specifier);
  };
}

function typeScriptFile(from: string, specifier: string): string | undefined {
  const path = new URL(specifier, pathToFileURL(from));
  const candidates = [path.href, path.href.replace(/\.([cm]?)js$/, ".$1ts"), `${path.href}.ts`];
  return candidates.find((href) => /\.[cm]?ts$/.test(href) && existsSync(new URL(href)));
}
