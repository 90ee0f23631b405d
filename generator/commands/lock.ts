/** `shmgen lock`: today's layouts are published, in the lock file. */
import { join } from "node:path";
import { printable } from "@shmgen/schema/printable";
import { compile } from "../compile.js";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import { checkVersions } from "../evolution/check-versions.js";
import { lockFileText, type Published, type PublishedRegion } from "../evolution/lock-file.js";
import { LOCK_NAME } from "../evolution/lock-name.js";
import { layoutsOf, type PublishedLayout } from "../evolution/published-layout.js";
import { projectLock } from "../evolution/sources.js";
import { writeOutput } from "../output.js";
import { formatOf, type Invocation } from "./command.js";
import { EXIT } from "../diagnostics/failure.js";
import { openProject, requireSchemas } from "./project.js";
import { type FileReport, reportDiagnostics, reportJson } from "./report.js";

export async function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const project = await openProject(invocation, invocation.positionals);
  requireSchemas(project);
  const { model, diagnostics: found, sources } = await compile({ ...project.compile, targets: [], customTargets: [] });
  const before = projectLock(project.root) ?? new Map<string, PublishedRegion>();
  const layouts = model === undefined || hasErrors(found) ? [] : layoutsOf(model);
  const checked = checkVersions(layouts, before, LOCK_NAME);
  const refused = checked.diagnostics.filter((diagnostic) => !flags.has("force") || !REPLACEABLE.has(diagnostic.code));
  const all: Diagnostic[] = [...found, ...refused];
  const diagnostics = reportDiagnostics(invocation, all, sources, project);
  const exitCode = hasErrors(all) ? EXIT.findings : EXIT.clean;
  const files: FileReport[] = [];
  if (exitCode === EXIT.clean) {
    const added = layouts.filter((layout) => isNew(layout, before));
    const text = lockFileText(withAdded(before, added));
    const isFresh = added.length === 0;
    if (!isFresh && !flags.has("dry-run")) writeOutput(project.root, LOCK_NAME, text);
    files.push({ path: LOCK_NAME, status: isFresh ? "unchanged" : before.size === 0 ? "created" : "updated" });
    if (formatOf(invocation) === "text" && !flags.has("quiet")) {
      const verb = flags.has("dry-run") ? "would publish" : "published";
      for (const layout of added)
        terminal.out(
          `${verb} ${printable(layout.name)} version ${layout.region?.version}${against(layout, checked)}\n`,
        );
      if (isFresh)
        terminal.out(
          `all ${layouts.filter(({ region }) => region !== undefined).length} regions are published as they are\n`,
        );
      else if (!flags.has("dry-run")) terminal.out(`${join(".", LOCK_NAME)} ${files[0]?.status}; commit it\n`);
    }
  }
  if (formatOf(invocation) === "json")
    reportJson(invocation, { exitCode, files, diagnostics, regions: checked.standings });
  return exitCode;
}

/** What `--force` lets pass: another layout, or another promise, under a version that was published. */
const REPLACEABLE: ReadonlySet<string> = new Set(["SHM5001", "SHM5005"]);

function isNew({ name, region, fingerprint }: PublishedLayout, published: Published): boolean {
  if (region === undefined) return false;
  const known = published.get(name)?.versions.get(region.version);
  return known?.fingerprint !== fingerprint || known.region?.readableFrom !== region.readableFrom;
}

function withAdded(published: Published, added: readonly PublishedLayout[]): Published {
  const result = new Map(published);
  for (const layout of added) {
    const { name, region } = layout;
    if (region === undefined) continue;
    const former = result.get(name) ?? [...result.values()].find(({ typeId }) => typeId === region.typeId);
    // A region that was renamed takes its history along.
    if (former !== undefined && former.name !== name) result.delete(former.name);
    const versions = new Map(former?.versions ?? []).set(region.version, layout);
    result.set(name, { name, typeId: region.typeId, versions });
  }
  return result;
}

function against({ name }: PublishedLayout, { standings }: ReturnType<typeof checkVersions>): string {
  const previous = standings.find((standing) => standing.name === name)?.previous;
  return previous === undefined ? "" : ` (from version ${previous.version}: ${previous.verdict.class})`;
}
