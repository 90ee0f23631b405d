/** How a package formats its files, as far as its configuration says so in JSON: prettier's or Biome's. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Style {
  readonly indent: string;
  readonly quote: '"' | "'";
  readonly semicolons: boolean;
  /** Whether prettier formats the package. */
  readonly prettier: boolean;
}

/** Comments and trailing commas, which tsconfig.json, biome.jsonc and .prettierrc may have, taken out. */
export function parseLenientJson(text: string): unknown {
  const strings = String.raw`"(?:\\.|[^"\\])*"`;
  const plain = text
    .replace(/^\uFEFF/, "")
    .replaceAll(new RegExp(`(${strings})|//[^\\n]*|/\\*[\\s\\S]*?\\*/`, "g"), "$1")
    .replaceAll(new RegExp(`(${strings})|,(?=\\s*[}\\]])`, "g"), "$1");
  try {
    return JSON.parse(plain);
  } catch {
    return undefined;
  }
}

/** The style in force in a folder: of the nearest configuration upward to the root of the repository; else prettier's own. */
export function styleOf(start: string): Style {
  let prettier = false;
  for (let folder = start; ; folder = dirname(folder)) {
    const biome = jsonIn(folder, "biome.json") ?? jsonIn(folder, "biome.jsonc");
    if (biome !== undefined) return biomeStyle(biome, prettier);
    const manifest = jsonIn(folder, "package.json");
    const own = yamlIn(folder, ".prettierrc") ?? jsonIn(folder, ".prettierrc.json") ?? objectIn(manifest, "prettier");
    if (own !== undefined) return prettierStyle(own);
    prettier ||= ["dependencies", "devDependencies"].some((key) => "prettier" in (objectIn(manifest, key) ?? {}));
    if (existsSync(join(folder, ".git")) || folder === dirname(folder)) return { ...prettierStyle({}), prettier };
  }
}

type Json = Readonly<Record<string, unknown>>;

function jsonIn(folder: string, name: string): Json | undefined {
  const path = join(folder, name);
  return existsSync(path) ? asObject(parseLenientJson(readFileSync(path, "utf8"))) : undefined;
}

/** JSON, or YAML as far as its lines are `key: value`, which is all that is asked for here. */
function yamlIn(folder: string, name: string): Json | undefined {
  const json = jsonIn(folder, name);
  const path = join(folder, name);
  if (json !== undefined || !existsSync(path)) return json;
  const lines = readFileSync(path, "utf8").matchAll(/^(\w+): *(true|false|\d+)\s*(?:#.*)?$/gm);
  return Object.fromEntries([...lines].map(([, key = "", value = ""]) => [key, JSON.parse(value) as unknown]));
}

function asObject(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null ? (value as Json) : undefined;
}

const objectIn = (json: Json | undefined, key: string): Json | undefined => asObject(json?.[key]);

function prettierStyle({ useTabs, tabWidth, singleQuote, semi }: Json): Style {
  return {
    indent: useTabs === true ? "\t" : " ".repeat(typeof tabWidth === "number" ? tabWidth : 2),
    quote: singleQuote === true ? "'" : '"',
    semicolons: semi !== false,
    prettier: true,
  };
}

function biomeStyle(json: Json, prettier: boolean): Style {
  const own = objectIn(objectIn(json, "javascript"), "formatter") ?? {};
  const all = objectIn(json, "formatter") ?? {};
  const [style, width] = ["indentStyle", "indentWidth"].map((key) => own[key] ?? all[key]);
  return {
    indent: style === "space" ? " ".repeat(typeof width === "number" ? width : 2) : "\t",
    quote: own["quoteStyle"] === "single" ? "'" : '"',
    semicolons: own["semicolons"] !== "asNeeded",
    prettier,
  };
}

/** A text that is formatted by prettier's defaults in this style. */
export function styled(text: string, { indent, quote, semicolons }: Style): string {
  return text
    .replaceAll(/^ +/gm, (spaces) => indent.repeat(spaces.length >> 1) + " ".repeat(spaces.length & 1))
    .replaceAll('"', quote)
    .replaceAll(semicolons ? /(?!)/g : /;$/gm, "");
}
