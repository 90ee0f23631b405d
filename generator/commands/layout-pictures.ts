/** `shmgen layout --html` and `--svg`: pictures of structs, written into files. */
import { basename } from "node:path";
import { compareLayouts } from "@shmgen/schema/evolution";
import { printable } from "@shmgen/schema/printable";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { regionOf } from "../evolution/check-versions.js";
import type { Published } from "../evolution/lock-file.js";
import { layoutsOf, type PublishedLayout } from "../evolution/published-layout.js";
import { projectLock, publishedNamed } from "../evolution/sources.js";
import type { GeneratedFile } from "../emit/common/options.js";
import type { LayoutModel, StructLayout } from "../layout/layout.js";
import { compareOutput, writeOutput } from "../output.js";
import { layoutPage } from "../pictures/page.js";
import { structPicture } from "../pictures/struct-picture.js";
import { svgFile } from "../pictures/svg-file.js";
import { type VersionsPicture, versionsPicture } from "../pictures/versions.js";
import { type Invocation, valueOf } from "./command.js";
import type { Project } from "./project.js";
import { sizeText } from "./regions.js";
import { shownPath } from "./shown-path.js";

/** In the name of a file it stands for the schema's, and makes a file for each. */
const PLACEHOLDER = "{name}";

/** What is opened comes first, and what nobody has declared last. */
const RANKS = { region: 0, foreign: 0, plain: 1, container: 2 } as const;

/** Writes the files that were asked for; none of them where one cannot be. @returns the exit code */
export async function writePictures(
  invocation: Invocation,
  project: Project,
  model: LayoutModel,
  ids: readonly string[],
): Promise<number> {
  const structs = ids
    .map((id) => model.structs.get(id) as StructLayout)
    .sort((a, b) => RANKS[a.role.kind] - RANKS[b.role.kind]);
  const [html, svg] = [valueOf(invocation, "html"), valueOf(invocation, "svg")];
  const files: GeneratedFile[] = [];
  if (html !== undefined) {
    const published = await publishedOf(invocation, project);
    const page = (title: string, shown: readonly StructLayout[]): string => {
      const pictures = new Map(shown.map(({ id }) => [id, structPicture(model, id)]));
      return layoutPage({ title, structs: pictures, versions: comparisons(model, shown, published) });
    };
    files.push(...filesOf(project, html, structs, page));
  }
  if (svg !== undefined) {
    files.push(
      ...filesOf(project, svg, structs, (_, shown) => svgFile(shown.map(({ id }) => structPicture(model, id)))),
    );
  }
  write(invocation, project, files);
  return EXIT.clean;
}

/** One file, or one for each schema. */
function filesOf(
  { base }: Project,
  name: string,
  structs: readonly StructLayout[],
  text: (title: string, structs: readonly StructLayout[]) => string,
): GeneratedFile[] {
  const schemas = [...new Set(structs.map(({ file }) => file))];
  const pathOf = (file: string): string => shownPath(base, base, file);
  if (!name.includes(PLACEHOLDER)) {
    const title = schemas.length === 1 ? (schemas[0] ?? "") : `${schemas.length} schemas`;
    return [{ path: pathOf(name), text: text(title, structs) }];
  }
  const taken = new Map<string, string>();
  return schemas.map((schema) => {
    const own = basename(schema).replace(/\.shm\.ts$/, "");
    const path = pathOf(name.replaceAll(PLACEHOLDER, own));
    const other = taken.get(path);
    if (other !== undefined) {
      throw usageFailure(`${path} would be of both ${other} and ${schema}`, "--files chooses the schemas of one run");
    }
    taken.set(path, schema);
    return {
      path,
      text: text(
        schema,
        structs.filter(({ file }) => file === schema),
      ),
    };
  });
}

async function publishedOf(invocation: Invocation, project: Project): Promise<Published | undefined> {
  const against = valueOf(invocation, "against");
  if (against === undefined) return projectLock(project.root);
  const published = await publishedNamed(against, project.base, project);
  if (published !== undefined) return published;
  const hint = "it takes a commit of git, a lock file, or a folder with schemas";
  throw usageFailure(`--against ${against}: there is no such thing to compare with`, hint);
}

/** The regions among the structs, each with its published versions that are others, newest first. */
function comparisons(
  model: LayoutModel,
  structs: readonly StructLayout[],
  published: Published | undefined,
): VersionsPicture[] {
  if (published === undefined) return [];
  const shown = new Set(structs);
  return layoutsOf(model)
    .filter(({ struct, region }) => region !== undefined && struct !== undefined && shown.has(struct))
    .flatMap((layout) => {
      const versions = [...(regionOf(layout, published)?.versions.values() ?? [])];
      return versions
        .filter((older) => !isSame(older, layout))
        .map((older) => comparison(older, layout))
        .toReversed();
    });
}

function isSame(older: PublishedLayout, newer: PublishedLayout): boolean {
  return older.fingerprint === newer.fingerprint && older.region?.version === newer.region?.version;
}

function comparison(older: PublishedLayout, newer: PublishedLayout): VersionsPicture {
  const labels = [
    `published version ${older.region?.version}`,
    `the schema's version ${newer.region?.version}`,
  ] as const;
  return versionsPicture(newer.name, [older, newer], compareLayouts(older, newer), labels);
}

function write({ terminal, flags }: Invocation, { base }: Project, files: readonly GeneratedFile[]): void {
  const outputs = compareOutput(base, files);
  const foreign = outputs.find(({ status }) => status === "foreign");
  if (foreign !== undefined && !flags.has("force")) {
    const hint = "move it away, choose another name, or overwrite it with --force";
    throw usageFailure(`${foreign.path}: shmgen did not write this file, so nothing was written`, hint);
  }
  for (const { path, status, after = "" } of outputs) {
    if (status !== "fresh") writeOutput(base, path, after);
    const what = status === "missing" ? "created" : status === "fresh" ? "unchanged" : "updated";
    terminal.out(`${what} ${printable(path)}, ${sizeText(Buffer.byteLength(after))}\n`);
  }
}
