/** What the commands about live regions share: the runtime, where regions are, and tables of 80 columns. */
import { dirname, resolve } from "node:path";
import type * as Runtime from "@shmgen/runtime";
import type { PlaceOptions, RegionOwner } from "@shmgen/runtime";
import type { checkEnvironment } from "@shmgen/runtime/doctor";
import { printable } from "@shmgen/schema/printable";
import { type Invocation, valueOf } from "./command.js";
import { CommandFailure, EXIT, usageFailure } from "../diagnostics/failure.js";

/** Columns of a terminal that nobody has made wider. */
const WIDTH = 80;

/** @throws CommandFailure (exit code 3) where the runtime is not installed. */
export function loadRuntime(): Promise<typeof Runtime> {
  return loaded(() => import("@shmgen/runtime"));
}

/** @throws as {@link loadRuntime} */
export function loadDoctor(): Promise<{ readonly checkEnvironment: typeof checkEnvironment }> {
  return loaded(() => import("@shmgen/runtime/doctor"));
}

async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const why = String(cause instanceof Error ? cause.message : cause).split("\n", 1)[0];
    const hint = "npm install @shmgen/runtime, in the version of shmgen; with Node's --permission, --allow-fs-read=*";
    throw new CommandFailure(EXIT.environment, `@shmgen/runtime cannot be loaded: ${why}`, hint);
  }
}

/** The directory that the options name, for the runtime. @throws CommandFailure (exit code 2) for superfluous arguments */
export function placeOptions(invocation: Invocation): PlaceOptions {
  const { command, positionals } = invocation;
  if (positionals.length > 0) throw usageFailure(`shmgen ${command} takes no arguments, found '${positionals[0]}'`);
  const directory = valueOf(invocation, "directory");
  const scope = valueOf(invocation, "scope") as Exclude<PlaceOptions["scope"], undefined> | undefined;
  return { ...(directory !== undefined && { directory: resolve(directory) }), ...(scope !== undefined && { scope }) };
}

/** Where a region is that was given as NAME or PATH. @throws CommandFailure (exit code 2) for a path with options of a name */
export async function regionPathOf(invocation: Invocation, name: string): Promise<string> {
  if (!name.includes("/")) {
    const options = placeOptions({ ...invocation, positionals: [] });
    return asking(({ regionPath }) => regionPath(name, options));
  }
  for (const option of ["directory", "scope"]) {
    if (invocation.values.has(option)) throw usageFailure(`--${option} goes with a NAME, and '${name}' is a PATH`);
  }
  return resolve(name);
}

/** Where regions of these options are, or the folders of sessions. What the default is, the runtime says for each system. */
export async function regionsDirectory({ directory, scope = "user" }: PlaceOptions): Promise<string> {
  const chosen = directory ?? (process.env["SHMGEN_DIR"] || undefined);
  if (chosen !== undefined) return chosen;
  const above = scope === "machine" ? scope : "user";
  return asking(({ regionPath }) => dirname(regionPath("any", { scope: above })));
}

/** The same for people. */
export async function shownDirectory(options: PlaceOptions): Promise<string> {
  const { scope } = options;
  return `${await regionsDirectory(options)}${scope === "session" ? " (this session's folder)" : ""}`;
}

/** The runtime's refusal of the whole directory, with what to do as the hint. */
export async function asking<T>(call: (runtime: typeof Runtime) => T): Promise<T> {
  const runtime = await loadRuntime();
  try {
    return call(runtime);
  } catch (error) {
    if (!runtime.isShmError(error)) throw error;
    const [what = "", ...remedy] = error.message.split("; ");
    const hint = remedy.length === 0 ? undefined : remedy.join("; ");
    throw new CommandFailure(/^ERR_SHM_(RANGE|NAME)$/.test(error.code) ? EXIT.usage : EXIT.environment, what, hint);
  }
}

/** Lines of a table with a heading. The last column is wrapped to what is left of the line. */
export function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heading, ...rows];
  const columns = heading.length - 1;
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const room = roomBehind(all, columns);
  const indent = " ".repeat(widths.slice(0, columns).reduce((sum, width) => sum + width + 2, 0));
  const lines: string[] = [];
  for (const row of all) {
    const fixed = row.slice(0, columns).map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `);
    for (const [index, line] of wrapped(row[columns] ?? "", room).entries()) {
      lines.push(`${index === 0 ? fixed.join("") : indent}${line}`.trimEnd());
    }
  }
  return lines;
}

/** Lines of at most `width` columns; words are never broken. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** As many owners as the rest of the line has room for, one at least: `4711 node writer.js (stopped), +2`. */
export function ownersCell(owners: readonly RegionOwner[], unseen: boolean, room: number): string {
  if (owners.length === 0) return unseen ? "not in sight" : "-";
  const words = owners.map(
    ({ pid, command, state }) => `${pid} ${printable(command)}${state === "running" ? "" : ` (${state})`}`,
  );
  for (let shown = words.length; shown > 1; shown -= 1) {
    const text = short(words, shown);
    if (text.length <= room) return text;
  }
  return short(words, 1);
}

function short(words: readonly string[], shown: number): string {
  const text = words.slice(0, shown).join(", ");
  return shown < words.length ? `${text}, +${words.length - shown}` : text;
}

/** Columns that are left behind others of these widths. */
export function roomBehind(rows: readonly (readonly string[])[], columns: number): number {
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return Math.max(20, WIDTH - widths.reduce((sum, width) => sum + width + 2, 0));
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `"4 KiB"`: whole numbers up to 1023, one digit more where that is not exact. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
