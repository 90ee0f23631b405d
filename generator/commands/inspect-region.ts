/** What one look and many looks at a region share: opening it, saying why that cannot be, and printing it. */
import { readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { creatorOf, type RegionHeader } from "@shmgen/schema/header";
import { annotatedLines } from "../inspect/annotate.js";
import { creatorText, headerMembers, headingLines, type Surroundings } from "../inspect/facts.js";
import { jsonPieces, type JsonOptions, unreadableJson } from "../inspect/json.js";
import { RegionFile } from "../inspect/region-file.js";
import type { Selection } from "../inspect/select.js";
import type { ForeignShown, Inspected, Shown, Steadily } from "../inspect/shown.js";
import { type ByteSource, InspectError, type LiveMemory } from "../inspect/source.js";
import { pathLines, textLines } from "../inspect/text.js";
import { jsonText, safeText } from "../inspect/values.js";
import { type Event, walk } from "../inspect/walk.js";
import { EXIT, errnoOf, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";
import { type Invocation, valueOf } from "./command.js";
import { loadRuntime, regionPathOf } from "./regions.js";
import type { Terminal } from "./terminal.js";

/** Which region to look at, and how often. */
export interface RegionRequest {
  readonly terminal: Terminal;
  /** As the user wrote it. */
  readonly name: string;
  readonly path: string;
  readonly json: boolean;
  readonly intervalMs: number;
  /** Whether it is memory of another program, which a schema describes. */
  readonly isForeign: boolean;
  /** Opens what has a name and no path; undefined for files. */
  readonly openNamed: (() => LiveMemory | Problem) | undefined;
  /** Whether the process that made the region still runs; undefined where the runtime is not installed. */
  isCreatorRunning(header: RegionHeader): boolean | undefined;
}

/** And what of it to show. */
export interface InspectRequest extends RegionRequest {
  readonly steadily: Steadily<Inspected | ForeignShown>;
  readonly annotate: boolean;
  readonly all: boolean;
  readonly globs: readonly string[];
  readonly selection: Selection | undefined;
}

/** What the arguments of a command that looks at one region say. @throws CommandFailure (exit code 2) */
export async function regionRequestOf(invocation: Invocation, isForeign = false): Promise<RegionRequest> {
  const { command, positionals, flags, terminal } = invocation;
  const mapping = valueOf(invocation, "mapping");
  if (mapping !== undefined && !isForeign) throw usageFailure("--mapping goes with --schema");
  const [name, superfluous] = mapping === undefined ? positionals : [mapping, ...positionals];
  if (name === undefined)
    throw usageFailure(`shmgen ${command} needs a region: NAME or PATH`, "shmgen list shows them");
  if (superfluous !== undefined)
    throw usageFailure(`shmgen ${command} takes one region, found '${superfluous}' as well`);
  const intervalMs = Number(valueOf(invocation, "interval") ?? 1000);
  if (!Number.isInteger(intervalMs) || intervalMs < 10 || intervalMs > 3_600_000) {
    throw usageFailure(`--interval takes 10 to 3600000 ms, found '${valueOf(invocation, "interval")}'`);
  }
  const stillRuns = await loadRuntime().then(
    (runtime) => runtime.stillRuns,
    () => undefined,
  );
  return {
    terminal,
    name,
    path:
      mapping !== undefined ? `mapping:${mapping}` : isForeign ? resolve(name) : await regionPathOf(invocation, name),
    isForeign,
    openNamed: mapping === undefined ? undefined : await (await import("./named-memory.js")).namedMemory(mapping),
    json: flags.has("json"),
    intervalMs,
    isCreatorRunning: (header) => stillRuns?.(creatorOf(header)),
  };
}

/** A region that cannot be shown. */
export interface Problem {
  readonly state: string;
  readonly why: string;
  readonly hint?: string | undefined;
  readonly header?: RegionHeader;
  readonly size?: number;
}

/** A region that changed all the time while it was read. */
export function changing({ message }: InspectError): Problem {
  return { state: "changing", why: message, hint: "nothing is wrong with the region: try again" };
}

/** @throws CommandFailure (exit code 3) where the system refuses */
export function openFile({ name, path, isForeign, openNamed }: RegionRequest): LiveMemory | Problem {
  if (openNamed !== undefined) return openNamed();
  try {
    return new RegionFile(path, { follows: isForeign });
  } catch (error) {
    if (error instanceof InspectError) return { state: "foreign", why: error.message };
    if (errnoOf(error) !== "ENOENT") throw systemFailure("open", path, error);
    if (isForeign) {
      const near = didYouMean(basename(path), namesBeside(path));
      const hint = near ?? "the program that owns it makes it, and may not run, or call it otherwise";
      return { state: "absent", why: `there is no such file: path=${path}`, hint };
    }
    const hint = name.includes("/") ? undefined : didYouMean(name, namesBeside(path));
    return {
      state: "absent",
      why: `there is no such region: path=${path}`,
      hint: hint ?? "shmgen list shows what there is",
    };
  }
}

function namesBeside(path: string): string[] {
  try {
    return readdirSync(dirname(path)).filter((name) => name !== basename(path));
  } catch {
    return [];
  }
}

/** Says why there is nothing to show, and what is known all the same. */
export function refuse(request: RegionRequest, problem: Problem): number {
  const { terminal, name, json } = request;
  const { state, why, hint, header, size = 0 } = problem;
  const about = surroundings(request, size, header);
  if (json) {
    const members = headerMembers(header, state, about);
    terminal.out(unreadableJson([...members, ["why", jsonText(why)]]));
    return EXIT.findings;
  }
  const lines = [`shmgen: ${safeText(name)}: ${safeText(why)}`];
  if (header !== undefined) {
    const { typeId, version, generation } = header;
    lines.push(
      `  its header says: type 0x${typeId.toString(16)} version ${version}, generation ${generation}, ${creatorText(header, about)}`,
    );
  }
  if (hint !== undefined) lines.push(`  hint: ${safeText(hint)}`);
  terminal.err(`${lines.join("\n")}\n`);
  return EXIT.findings;
}

function surroundings(request: RegionRequest, size: number, header: RegionHeader | undefined): Surroundings {
  const { name, path } = request;
  return { name, path, size, isCreatorRunning: header && request.isCreatorRunning(header) };
}

/** The fields that were asked for. */
export function walkOf(request: InspectRequest, region: Shown, source: ByteSource): Generator<Event> {
  const { all, selection, annotate, json } = request;
  return walk(region, source, { all, selection, bytes: annotate, live: !json && !annotate });
}

/** The output, piece by piece; `""` where time passes and nothing is to be printed. */
export function* pieces(
  request: InspectRequest,
  region: Inspected | ForeignShown,
  source: ByteSource,
  walked: Iterable<Event> = walkOf(request, region, source),
  options: JsonOptions = {},
): Generator<string> {
  const { json, annotate, all, selection } = request;
  const about = surroundings(request, source.size, region.header);
  const events = found(request, region, walked);
  if (json) return yield* jsonPieces(events, region, about, { flat: selection !== undefined, ...options });
  if (annotate) yield* ended(annotatedLines(events, region, source, all));
  else {
    yield* ended(headingLines(region, about));
    yield "\n";
    yield* ended((selection === undefined ? textLines : pathLines)(events, region.model));
  }
}

function* ended(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield line === "" ? "" : `${line}\n`;
}

/** The same events. @throws CommandFailure (exit code 2) at the end, when globs have chosen nothing */
export function* found({ globs, selection }: InspectRequest, region: Shown, events: Iterable<Event>): Generator<Event> {
  let any = selection === undefined;
  for (const event of events) {
    any ||= event.kind === "value" || event.kind === "more";
    yield event;
  }
  if (any) return;
  const names = region.struct.fields.map((field) => safeText(field.name));
  const [first = ""] = globs;
  const list = `its fields are ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", ..." : ""}`;
  throw usageFailure(`no field is called '${globs.join("' or '")}'`, didYouMean(first, names) ?? list);
}
