/** How a run is told: text for people, one JSON document for programs, workflow commands for GitHub. */
import { styleText } from "node:util";
import { resolve } from "node:path";
import { printableJson } from "@shmgen/schema/printable";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { escapeData, escapeProperty, renderGithub, renderJson, renderText, summarise } from "../diagnostics/render.js";
import type { RegionStanding } from "../evolution/check-versions.js";
import type { SourceSpan } from "../ir/ir.js";
import { version } from "../version.js";
import { formatOf, type Invocation } from "./command.js";
import type { CommandFailure } from "../diagnostics/failure.js";
import { shownPath } from "./shown-path.js";

/** What happened, or would happen, to one file. `path` is relative to where the command works. */
export interface FileReport {
  readonly path: string;
  readonly status:
    | "created"
    | "updated"
    | "unchanged"
    | "removed"
    | "orphaned"
    | "refused"
    | "missing"
    | "stale"
    | "fresh"
    | "foreign";
  readonly ms?: number;
  /** The unified diff of `check`. */
  readonly diff?: string;
}

export interface RunReport {
  readonly exitCode: number;
  readonly files: readonly FileReport[];
  readonly diagnostics: readonly Diagnostic[];
  /** Of `check`: how each region stands to what was published. */
  readonly regions?: readonly RegionStanding[];
  /** Of `import`: the schema, and what it could not say. */
  readonly schema?: string;
  readonly notes?: readonly {
    readonly file: string;
    readonly line: number;
    readonly what: string;
    readonly text: string;
  }[];
}

/** Problems of schemas, with paths as seen from `base`. */
export function reportDiagnostics(
  invocation: Invocation,
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  { base, root }: { readonly base: string; readonly root: string },
): Diagnostic[] {
  const shown = (file: string): string => shownPath(base, root, file);
  const span = (old: SourceSpan | undefined): SourceSpan | undefined => old && { ...old, file: shown(old.file) };
  const moved = diagnostics.map((diagnostic) => ({
    ...diagnostic,
    span: span(diagnostic.span),
    related: diagnostic.related.map((other) => ({ message: other.message, span: span(other.span) })),
  }));
  if (moved.length === 0) return moved;
  const { terminal } = invocation;
  const format = formatOf(invocation);
  if (format === "github") {
    // GitHub shows annotations by paths from the root of the checkout.
    const workspace = process.env["GITHUB_WORKSPACE"];
    const placed =
      workspace === undefined ? moved : moved.map((diagnostic) => inWorkspace(diagnostic, base, workspace));
    terminal.out(renderGithub(placed));
  }
  if (format === "text") {
    const texts = new Map([...sources].map(([file, text]) => [shown(file), text]));
    const style = terminal.colourErr ? coloured : undefined;
    terminal.err(`${renderText(moved, { sources: texts, style })}\n${summarise(moved)}\n`);
  }
  return moved;
}

function inWorkspace(diagnostic: Diagnostic, base: string, workspace: string): Diagnostic {
  const { span } = diagnostic;
  if (span === undefined) return diagnostic;
  return { ...diagnostic, span: { ...span, file: shownPath(resolve(workspace), base, span.file) } };
}

/** The one JSON document of a run; nothing else goes to stdout then. */
export function reportJson(invocation: Invocation, report: RunReport): void {
  const document = {
    shmgen: version(),
    command: invocation.command,
    exitCode: report.exitCode,
    files: report.files.map(({ path, status, diff }) => ({ path, status, ...(diff === undefined ? {} : { diff }) })),
    diagnostics: JSON.parse(renderJson(report.diagnostics)) as unknown,
    ...(report.regions !== undefined && { regions: report.regions.map(standingJson) }),
    ...(report.schema !== undefined && { schema: report.schema }),
    ...(report.notes !== undefined && { notes: report.notes }),
  };
  invocation.terminal.out(`${printableJson(document, 2)}\n`);
}

function standingJson({ name, version, status, previous }: RegionStanding): object {
  const { verdict } = previous ?? {};
  return {
    name,
    version,
    status,
    ...(previous !== undefined && { previous: previous.version }),
    ...(verdict !== undefined && { class: verdict.class, changes: verdict.changes }),
  };
}

/** A run that could not go on, in the format asked for. */
export function failureText(failure: CommandFailure, format: string, command: string): string {
  if (format === "json") {
    const { message, hint, exitCode } = failure;
    const error = { message, ...(hint === undefined ? {} : { hint }) };
    return `${printableJson({ shmgen: version(), command, exitCode, files: [], diagnostics: [], error }, 2)}\n`;
  }
  const text = failure.hint === undefined ? failure.message : `${failure.message}\nhint: ${failure.hint}`;
  if (format === "github") return `::error title=shmgen::${escapeData(text)}\n`;
  return `shmgen: ${failure.message}\n${failure.hint === undefined ? "" : `  hint: ${failure.hint}\n`}`;
}

/** A finding about a file as a workflow command. */
export function githubFileError(path: string, title: string, message: string): string {
  return `::error file=${escapeProperty(path)},title=${title}::${escapeData(message)}\n`;
}

/** Text in a colour. The terminal has decided that there are colours; what Node thinks of stdout does not matter. */
export function coloured(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { validateStream: false });
}

/** `1 file`, `2 files` */
export function countOf(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
