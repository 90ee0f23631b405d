/** `shmgen import`: a C or C++ header -> a schema on stdout or in a file, and a report of what it could not say on stderr. */
import { printable } from "@shmgen/schema/printable";
import { compile } from "../compile.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { type Imported, importedAs, importHeader, type ImportOptions } from "../import/import-header.js";
import { compareOutput, writeOutput } from "../output.js";
import { type Invocation, valueOf } from "./command.js";
import { workingFolder } from "./project.js";
import { countOf, type FileReport, reportJson } from "./report.js";
import { shownPath } from "./shown-path.js";

const CPP = /\.(?:hpp|hh|hxx|h\+\+|cpp|cc|cxx|tcc|ipp|inl)>?$/i;

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, flags, positionals } = invocation;
  const out = valueOf(invocation, "out");
  if (positionals.length === 0)
    throw usageFailure("shmgen import takes a header", "shmgen import car.h --name Car -o car.shm.ts");
  if (out === undefined && (flags.has("check") || flags.has("force")))
    throw usageFailure("--check and --force go with --out FILE");
  if (out !== undefined && !out.endsWith(".shm.ts"))
    throw usageFailure(
      `schemas are files *.shm.ts, and ${out} is none`,
      `--out ${out.replace(/\.[^./\\]*$/, "")}.shm.ts`,
    );
  const base = workingFolder(valueOf(invocation, "cwd"));
  const imported = await importHeader(optionsOf(invocation, base));
  await verify(imported);
  tellNotes(invocation, imported, base);
  if (out === undefined) {
    if (flags.has("json")) return tellJson(invocation, imported, EXIT.clean, []);
    terminal.out(imported.text);
    return EXIT.clean;
  }
  return put(invocation, imported, base, out);
}

function optionsOf(invocation: Invocation, cwd: string): ImportOptions {
  const { positionals } = invocation;
  const all = (name: string): readonly string[] => invocation.values.get(name) ?? [];
  const language =
    valueOf(invocation, "language") ?? (positionals.some((header) => CPP.test(header)) ? "c++" : undefined);
  return {
    headers: positionals,
    clang: valueOf(invocation, "clang") ?? (process.env["CLANG"] || "clang"),
    language: language === "c" || language === "c++" ? language : undefined,
    standard: valueOf(invocation, "std"),
    target: valueOf(invocation, "target"),
    includes: all("include"),
    defines: all("define"),
    cwd,
    names: all("name"),
    only: all("only"),
    constants: invocation.values.get("constants"),
    prefixes: all("prefix"),
    text: (valueOf(invocation, "text") ?? "utf8") as ImportOptions["text"],
  };
}

/**
 * The schema as shmgen itself reads it has to say what clang says.
 * @throws Error where it does not, which is a mistake of ours
 */
async function verify({ text, declarations }: Imported): Promise<void> {
  const file = "imported.shm.ts";
  const { model, diagnostics } = await compile({
    files: [file],
    targets: [],
    readFile: (path) => (path === file ? text : undefined),
  });
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error !== undefined || model === undefined)
    throw new Error(
      `the imported schema does not compile: ${error?.code}: ${error?.message}, line ${error?.span?.line}`,
    );
  for (const { name, layout } of declarations) {
    if (layout === undefined) continue;
    const struct = model.structs.get(`${file}#${name}`);
    if (struct === undefined) throw new Error(`the imported schema lacks ${name}`);
    const found = new Map(struct.fields.map((field) => [field.name, field.offset]));
    const wrong = [...layout.offsets].filter(([field, offset]) => found.get(field) !== offset).map(([field]) => field);
    if (struct.size !== layout.size || struct.align !== layout.align || wrong.length > 0)
      throw new Error(
        `the imported schema lays out ${name} otherwise: ${struct.size} bytes aligned to ${struct.align}, and ${layout.size} aligned to ${layout.align}; ${wrong.join(", ")}`,
      );
  }
}

function tellNotes(invocation: Invocation, imported: Imported, base: string): void {
  const { terminal, flags, positionals } = invocation;
  const { notes, declarations, constants, language, standIns } = imported;
  if (flags.has("json")) return;
  for (const { file, line, what, text } of notes)
    terminal.err(`${printable(shownPath(base, base, file))}:${line}: ${printable(what)}: ${printable(text)}\n`);
  if (flags.has("quiet")) return;
  if (language === "c++" && !invocation.values.has("language") && !positionals.some((header) => CPP.test(header)))
    terminal.err(`shmgen: ${printable(positionals.join(", "))} is no C, and was read as C++\n`);
  if (standIns.length > 0)
    terminal.err(
      `shmgen: ${standIns.join(" and ")} of shmgen stood in for headers of Windows, with the names of types; those of --include DIR come first\n`,
    );
  const count = (kind: string): string => countOf(declarations.filter((one) => one.kind === kind).length, kind);
  const counts = [count("struct"), count("union"), count("enum"), countOf(constants, "constant")];
  const rest = notes.length === 0 ? "" : `; ${countOf(notes.length, "note")} of what a schema cannot say`;
  terminal.err(
    `shmgen: ${counts.filter((text) => !text.startsWith("0 ")).join(", ")}; all offsets agree with clang's${rest}\n`,
  );
}

function tellJson(
  invocation: Invocation,
  { text, notes }: Imported,
  exitCode: number,
  files: readonly FileReport[],
): number {
  reportJson(invocation, { exitCode, files, diagnostics: [], schema: text, notes });
  return exitCode;
}

function put(invocation: Invocation, imported: Imported, base: string, out: string): number {
  const { terminal, flags } = invocation;
  const path = shownPath(base, base, out);
  const [file] = compareOutput(base, [{ path, text: imported.text }]);
  // An imported schema is the user's to go on with: its first line says what it was when it was imported, and whether it still is that.
  const before = importedAs(file?.before ?? "");
  const isSame = before !== undefined && before.digest === importedAs(imported.text)?.digest;
  const found = file?.status ?? "missing";
  const status = isSame ? "fresh" : found === "foreign" && before !== undefined ? "stale" : found;
  const tell = (what: FileReport["status"], exitCode: number): number => {
    if (flags.has("json")) return tellJson(invocation, imported, exitCode, [{ path, status: what }]);
    if (exitCode !== EXIT.clean) terminal.err(`shmgen: ${printable(path)} is ${what}; shmgen import writes it\n`);
    else if (!flags.has("quiet")) terminal.out(`${what} ${printable(path)}\n`);
    return exitCode;
  };
  if (status === "fresh") return tell("unchanged", EXIT.clean);
  if (flags.has("check")) return tell(status === "orphan" ? "stale" : status, EXIT.findings);
  const isEdited = before?.isEdited === true;
  if ((status === "foreign" || isEdited) && !flags.has("force")) {
    const whose = isEdited
      ? "the header has changed, and somebody has edited this file since it was imported"
      : "shmgen did not import this file";
    throw usageFailure(
      `${path}: ${whose}, so nothing was written`,
      "move it away, choose another file with --out, or overwrite it with --force",
    );
  }
  writeOutput(base, path, imported.text);
  return tell(status === "missing" ? "created" : "updated", EXIT.clean);
}
