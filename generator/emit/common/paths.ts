/** Paths between generated files. All are relative to one root, with forward slashes. */

/** Path to `target` as the file `from` has to name it. */
export function relativePath(from: string, target: string): string {
  const folders = from.split("/").slice(0, -1);
  const parts = target.split("/");
  let common = 0;
  while (common < folders.length && common < parts.length - 1 && folders[common] === parts[common]) common += 1;
  return [...folders.slice(common).map(() => ".."), ...parts.slice(common)].join("/");
}

/** Order by code units, which is the same everywhere. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
