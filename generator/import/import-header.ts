/**
 * A C or C++ header -> the text of a schema and a report.
 *
 *   clang -E -dD              macros.ts        which files, in what order; macros of those asked for
 *   clang -g -S -emit-llvm    debug-info.ts    types with the offsets that clang itself uses, for any target
 *                             declarations.ts
 *   clang -ast-dump=json      probe.ts         alignments, values of constants, evaluated by clang
 *   the header's text         source-text.ts   comments
 *   -> build-schema.ts (types.ts, place-fields.ts, names.ts) -> print
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { globSource } from "@shmgen/schema/glob";
import { CommandFailure, EXIT, usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";
import { WORDS } from "../frontend/vocabulary.js";
import {
  displayName,
  reachable,
  recordsIn,
  Restricted,
  type Restrictions,
  SchemaBuilder,
  type SchemaDeclaration,
} from "./build-schema.js";
import { type ClangOptions, type ClangRun, complaint, isStandIn, runClang } from "./clang.js";
import { constantsOf, readConstants } from "./constants.js";
import { readDebugInfo } from "./debug-info.js";
import { readDeclarations } from "./declarations.js";
import { bare, type CEnum, type CRecord, type CType, spellingOf } from "./header-model.js";
import { type Preprocessed, readPreprocessed } from "./macros.js";
import { TypeNames } from "./names.js";
import { Probe, PROBE_ARGUMENTS, readAnswers } from "./probe.js";
import { type ImportNote, Report } from "./report.js";
import { SourceText } from "./source-text.js";
import type { TextKind } from "./types.js";

export interface ImportOptions extends Omit<ClangOptions, "language"> {
  /** Default: C, and C++ where the header is no C. */
  readonly language: ClangOptions["language"] | undefined;
  /** Paths, or `<name>` for a header that the compiler finds. */
  readonly headers: readonly string[];
  /** Structs that become roots. */
  readonly names: readonly string[];
  readonly only: readonly string[];
  readonly constants: readonly string[] | undefined;
  readonly prefixes: readonly string[];
  readonly text: TextKind;
}

export interface Imported {
  readonly text: string;
  readonly notes: readonly ImportNote[];
  readonly declarations: readonly SchemaDeclaration[];
  readonly constants: number;
  readonly language: ClangOptions["language"];
  /** Headers of Windows that this machine does not have, and that stood in for them. */
  readonly standIns: readonly string[];
}

type Declared = CRecord | CEnum;

/**
 * Reads headers by clang.
 * @throws CommandFailure for a header that does not compile, names that are not there, and a machine without clang
 */
export async function importHeader(given: ImportOptions): Promise<Imported> {
  const include = given.headers.map((header) => includeLine(header, given.cwd)).join("\n");
  const { options, preprocessed, debug } = await readByClang(given, include);
  if (/^target datalayout = "E/m.test(debug.out))
    throw usageFailure(`${options.target ?? "this target"} is big-endian, and shared memory of shmgen is not`);
  const files = readPreprocessed(preprocessed.out, options.cwd);
  const model = readDeclarations(readDebugInfo(debug.out));
  const sources = sourceReader();
  const all = inOrder([...model.records, ...model.enums], files, sources);
  const chosen = choose(all, files, options);
  const needed = reachable(chosen.filter(isRecord));

  const probe = new Probe();
  const aligns = needed.flatMap((record) => {
    const name = spellingOf(record, options.language);
    return name === undefined ? [] : [{ record, question: probe.integer(`_Alignof(${name})`) }];
  });
  const wanted = constantsOf(all, files, sources, options);
  const asked = wanted.map((constant) => ({ constant, question: constant.ask(probe) }));
  const answers = readAnswers(await runClang({ options, args: PROBE_ARGUMENTS, input: probe.text(include) }));
  for (const { record, question } of aligns) {
    const align = answers.integers.get(question);
    // A typedef may be aligned to more than its struct, whose size then is no multiple: the alignment of variables, and not of the memory.
    if (align !== undefined && record.size % Number(align) === 0) record.align = Number(align);
  }

  const restrictions: Restrictions = { unaligned: new Set() };
  for (;;) {
    try {
      return build();
    } catch (error) {
      // Each turn restricts one more struct, of which there are so many.
      if (!(error instanceof Restricted)) throw error;
    }
  }

  function build(): Imported {
    const report = new Report();
    if (restrictions.atomics !== undefined) {
      const { record, field } = restrictions.atomics;
      const text = "an atomic that may not be aligned, since its struct is packed; atomics stand as plain fields";
      report.add(record.place, `${displayName(record)}.${field}`, text);
    }
    const names = new TypeNames(options.prefixes);
    const nested = nestedIn(needed);
    for (const one of chosen)
      if (isRecord(one) && one.tag === "union" && isNamed(one, options.names))
        report.add(one.place, displayName(one) ?? "", "is a union, which is no root; put it into a struct that is one");
    const roots = chosen
      .filter((one) => isRecord(one) && isNamed(one, options.names) && !nested.has(one))
      .filter(isRecord);
    for (const one of chosen)
      if (isRecord(one) && nested.has(one) && isNamed(one, options.names))
        report.add(one.place, displayName(one) ?? "", "lies in another struct that is taken, so that it is no root");
    const foreign = enumsIn(reachable(roots));
    const builder = new SchemaBuilder(names, report, {
      text: options.text,
      restrictions,
      language: options.language,
      isRoot: (record) => roots.includes(record),
      isForeign: (declared) => foreign.has(declared),
      source: sources,
    });
    for (const one of chosen) if (displayName(one) !== undefined) builder.reserve(one);
    for (const one of chosen) {
      if (displayName(one) === undefined) continue;
      if (!isRecord(one)) builder.addEnum(one);
      else if (!builder.addRecord(one)) reportRefused(one, report);
    }
    const constants = readConstants(asked, answers, names);
    const declarations = builder.declarations();
    if (declarations.length === 0 && constants.length === 0) throw nothingFound(all, files, options);
    const text = print(options, declarations, constants);
    const standIns = files.files.filter(isStandIn).map((file) => basename(file));
    const { language } = options;
    return { text, notes: report.all(), declarations, constants: constants.length, language, standIns };
  }
}

/** How the headers were read at last. */
type Reading = ImportOptions & ClangOptions;

/** @throws CommandFailure for what does not compile, with what clang says of it as C where no language was given */
async function readByClang(
  given: ImportOptions,
  include: string,
): Promise<{ readonly options: Reading; readonly preprocessed: ClangRun; readonly debug: ClangRun }> {
  const read = async (language: ClangOptions["language"]) => {
    const options = { ...given, language };
    const [preprocessed, debug] = await Promise.all([
      runClang({ options, args: ["-E", "-dD"], input: `${include}\n` }),
      runClang({
        options,
        args: ["-g", "-fstandalone-debug", "-fno-eliminate-unused-debug-types", "-S", "-emit-llvm", "-o", "-"],
        input: `${include}\n`,
      }),
    ]);
    return { options, preprocessed, debug, failed: [preprocessed, debug].find(({ status }) => status !== 0) };
  };
  const first = await read(given.language ?? "c");
  if (first.failed === undefined) return first;
  // Many a header of C++ is called .h.
  const second = given.language === undefined ? await read("c++") : undefined;
  if (second !== undefined && second.failed === undefined) return second;
  throw complaint(given.headers, first.failed, first.options);
}

const isRecord = (one: Declared): one is CRecord => "tag" in one;

/** A path that the compiler would take for the end of its own line is no header. */
function includeLine(header: string, cwd: string): string {
  if (/^<[^<>"\n]+>$/.test(header)) return `#include ${header}`;
  if (/["\n\r]/.test(header))
    throw usageFailure(`no compiler can include ${header}: there is a quotation mark or a line break in its name`);
  return `#include "${resolve(cwd, header)}"`;
}

function sourceReader(): (file: string) => SourceText | undefined {
  const known = new Map<string, SourceText | undefined>();
  return (file) => {
    if (!known.has(file)) known.set(file, read(file));
    return known.get(file);
  };
}

function read(file: string): SourceText | undefined {
  try {
    const bytes = readFileSync(file);
    const text = bytes.toString("utf8");
    return new SourceText(text.includes("\uFFFD") ? bytes.toString("latin1") : text);
  } catch {
    // The compiler has read it under a name that is none here; it is imported without comments.
    return undefined;
  }
}

/** By the order of files, then as they stand in them. */
function inOrder(
  all: readonly Declared[],
  { files }: Preprocessed,
  source: (file: string) => SourceText | undefined,
): Declared[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  const keys = new Map(
    all.map((one) => {
      const { file, line } = one.place;
      return [one, [rank.get(file) ?? files.length, line, source(file)?.orderOf(line, one.name) ?? 0, one.id]] as const;
    }),
  );
  return [...all].sort((a, b) => {
    const [left = [], right = []] = [keys.get(a), keys.get(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
  });
}

/** What was asked for: by name, by pattern, or all of the headers themselves. */
function choose(all: readonly Declared[], { mainFiles }: Preprocessed, options: ImportOptions): Declared[] {
  const { names, only } = options;
  // What the compiler brings along itself stands in no file.
  const declared = all.filter(
    (one) => one.scope !== undefined && one.place.file !== "" && (!isRecord(one) || !one.isIncomplete),
  );
  for (const name of names) {
    const found = declared.filter((one) => isRecord(one) && isNamed(one, [name]));
    if (found.length > 0) continue;
    const known = declared.filter(isRecord).flatMap((one) => allNames(one));
    throw usageFailure(
      `there is no struct '${name}' in ${options.headers.join(", ")}`,
      didYouMean(name, [...new Set(known)]) ?? "a struct that is only declared has no layout",
    );
  }
  if (names.length === 0 && only.length === 0) return declared.filter(({ place }) => mainFiles.includes(place.file));
  const patterns = only.map((pattern) => new RegExp(`^(?:${globSource(pattern)})$`, "u"));
  return declared.filter(
    (one) =>
      (isRecord(one) && isNamed(one, names)) ||
      allNames(one).some((name) => patterns.some((pattern) => pattern.test(name))),
  );
}

function allNames({ name, typedefs, scope = [] }: Declared): string[] {
  const own = name === undefined ? typedefs : [name, ...typedefs];
  return scope.length === 0 ? own : [...own, ...own.map((one) => [...scope, one].join("::"))];
}

const isNamed = (one: CRecord, names: readonly string[]): boolean => allNames(one).some((name) => names.includes(name));

/** Records that lie in others, which cannot be roots. */
function nestedIn(records: readonly CRecord[]): Set<Declared> {
  return new Set(
    records.flatMap((record) => record.members.flatMap(({ type, isBase }) => (isBase ? [] : recordsIn(type)))),
  );
}

function enumsIn(records: readonly CRecord[]): Set<CEnum> {
  const enumOf = (type: CType): CEnum[] => {
    const inner = bare(type);
    if (inner.kind === "enum") return [inner.enum];
    return inner.kind === "array" || inner.kind === "atomic" ? enumOf(inner.of) : [];
  };
  return new Set(records.flatMap(({ members }) => members.flatMap(({ type }) => enumOf(type))));
}

function reportRefused(record: CRecord, report: Report): void {
  const name = displayName(record) ?? "unnamed";
  const why = record.obstacle ?? "has no members";
  report.add(record.place, name, `${why}; it is left out`);
}

function nothingFound(
  all: readonly Declared[],
  { mainFiles }: Preprocessed,
  { headers, only }: ImportOptions,
): CommandFailure {
  const others = all.filter((one) => isRecord(one) && !one.isIncomplete && !mainFiles.includes(one.place.file));
  const names = others.flatMap((one) => displayName(one) ?? []);
  const what =
    only.length > 0
      ? `nothing in ${headers.join(", ")} is called ${only.join(" or ")}`
      : `${headers.join(", ")} declares no struct and no enum`;
  const hint =
    names.length === 0
      ? undefined
      : `headers that it includes declare ${names.length} structs, such as ${names.slice(0, 6).join(", ")}: ask by --name or --only`;
  return new CommandFailure(EXIT.usage, what, hint);
}

/** Of what follows the first line of an imported schema, so that edits of it are known. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** What the first line of an imported schema says; undefined for other files. */
export function importedAs(text: string): { readonly digest: string; readonly isEdited: boolean } | undefined {
  const [, digest, rest = ""] = /^\/\/ Imported from .* by shmgen import, as ([\da-f]{8})\.\n([^]*)$/.exec(text) ?? [];
  return digest === undefined ? undefined : { digest, isEdited: digestOf(rest) !== digest };
}

function print(
  options: ImportOptions,
  declarations: readonly SchemaDeclaration[],
  constants: readonly string[],
): string {
  const body = [...declarations.map(({ text }) => text), ...(constants.length === 0 ? [] : [constants.join("")])].join(
    "\n",
  );
  // Comments may speak of words as well: one that is imported and not used harms nobody, one that is missing does.
  const code = body.replaceAll(/\/\*\*[\s\S]*?\*\//g, "");
  const words = [...WORDS.keys()]
    .filter((word) => new RegExp(`(?<![\\w$.])${word}(?=[\\s<>,;)\\]{])`).test(code))
    .sort();
  const target = options.target === undefined ? "" : ` for ${options.target}`;
  const headers = options.headers.map((header) => header.split(/[\\/]/).at(-1)?.replaceAll(/[<>]/g, "")).join(", ");
  const line = `import type { ${words.join(", ")} } from "@shmgen/schema";`;
  const lines =
    line.length <= 120
      ? line
      : `import type {\n${words.map((word) => `  ${word},\n`).join("")}} from "@shmgen/schema";`;
  const text = `${words.length === 0 ? "" : `${lines}\n`}\n${body}`;
  return `// Imported from ${headers}${target} by shmgen import, as ${digestOf(text)}.\n${text}`;
}
