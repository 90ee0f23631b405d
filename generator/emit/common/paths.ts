/** Paths between generated files. All are relative to one root, with forward slashes. */
import type { OutputModule } from "./options.js";

/**
 * Path to `target` as the file `from` has to name it. The way from outside of the root into it has names of folders that only an
 * absolute root tells.
 */
export function relativePath(from: string, target: string, root = "."): string {
  const folders = partsOf(root, from).slice(0, -1);
  const parts = partsOf(root, target);
  let common = 0;
  while (common < folders.length && common < parts.length - 1 && folders[common] === parts[common]) common += 1;
  return [...folders.slice(common).map(() => ".."), ...parts.slice(common)].join("/");
}

function partsOf(root: string, path: string): string[] {
  const isKnown = root.startsWith("/") || /^[A-Za-z]:\//.test(root);
  const parts: string[] = [];
  for (const part of (isKnown && !path.startsWith("/") ? `${root}/${path}` : path).split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}

/** Order by code units, which is the same everywhere. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The ending of a module: `.ts` -> `.mts`, `.d.ts.map` -> `.d.cts.map`, where the file has to say what it is. */
export function moduleEnding(ending: string, { form, named }: OutputModule): string {
  return named ? ending.replace(/(?=[jt]s(\.map)?$)/, form === "esm" ? "m" : "c") : ending;
}
