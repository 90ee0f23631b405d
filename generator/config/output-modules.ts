/** What the package that output lies in says of modules: `type` of the nearest package.json, as Node reads it. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ModuleForm, OutputModule } from "../emit/registry.js";
import type { ShmgenConfig } from "./define-config.js";
import { nearest } from "./load-config.js";

/** The form of each output, whose path is relative to the root. A folder is looked at once. */
export function outputModules(
  root: string,
  asked: ShmgenConfig["module"] = "auto",
  outputPath: (schemaFile: string) => string,
): (schemaFile: string) => OutputModule {
  const found = new Map<string, ModuleForm | undefined>();
  return (file) => {
    const folder = dirname(resolve(root, outputPath(file)));
    if (!found.has(folder)) found.set(folder, packageForm(folder));
    const usual = found.get(folder);
    const form = asked === "auto" ? (usual ?? "esm") : asked;
    return { form, named: usual !== undefined && usual !== form };
  };
}

/** Undefined where no package.json says anything. */
export function packageForm(folder: string): ModuleForm | undefined {
  const place = nearest(folder, "package.json");
  if (place === undefined) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(join(place, "package.json"), "utf8").replace(/^\uFEFF/, "")) as unknown;
    const isModule =
      typeof manifest === "object" && manifest !== null && "type" in manifest && manifest.type === "module";
    return isModule ? "esm" : "commonjs";
  } catch {
    // Whoever runs the output hears of it.
    return undefined;
  }
}
