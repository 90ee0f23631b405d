/** Accessors of published versions, from the lock file: what a migration reads the old data with. */
import { CommandFailure, EXIT, usageFailure } from "../diagnostics/failure.js";
import { type CompileTargets, moduleOf, outputPathOf } from "../compile.js";
import type { GeneratedFile } from "../emit/common/options.js";
import { DEFAULT_TARGETS, hasOlderVersions, loadTargets } from "../emit/registry.js";
import type { LayoutModel } from "../layout/layout.js";
import { DESCRIPTOR_FORMAT } from "../layout/descriptor.js";
import { parseDescriptorText } from "../layout/read-canonical.js";
import type { Published, PublishedRegion } from "./lock-file.js";
import { LOCK_NAME } from "./lock-name.js";
import { canonicalText, type PublishedLayout } from "./published-layout.js";

/** What to generate. */
export interface VersionOptions extends CompileTargets {
  readonly versions: readonly number[];
}

/**
 * `car.v2.ts` beside `car.ts` for version 2 of the region Car, in the targets ts and js; the classes keep their names. A version
 * that a region never had, or has now, is left out for it. @throws CommandFailure (exit code 2) for a version of no region
 */
export async function versionFiles(
  model: LayoutModel,
  published: Published | undefined,
  options: VersionOptions,
): Promise<GeneratedFile[]> {
  if (published === undefined) {
    throw usageFailure(
      `there is no ${LOCK_NAME} to generate older versions from`,
      "shmgen lock publishes the versions of today",
    );
  }
  const files: GeneratedFile[] = [];
  for (const version of options.versions) {
    const regions = [...published.values()].filter(({ versions }) => versions.has(version));
    if (regions.length === 0) throw unknownVersion(version, published);
    for (const region of regions) files.push(...(await filesOf(region, version, model, options)));
  }
  return files;
}

async function filesOf(
  { name, typeId, versions }: PublishedRegion,
  version: number,
  model: LayoutModel,
  options: VersionOptions,
): Promise<GeneratedFile[]> {
  const layout = versions.get(version);
  const today = [...model.structs.values()].find(({ role }) => role.kind === "region" && role.typeId === typeId);
  const isToday = today?.role.kind === "region" && today.role.version === version;
  if (layout === undefined || isToday) return [];
  const schema = today?.file ?? LOCK_NAME;
  const beside = options.outputPath?.(schema) ?? outputPathOf(schema, "{dir}/generated");
  const path = `${beside.slice(0, beside.lastIndexOf("/") + 1)}${kebab(name)}.v${version}`;
  const { emit } = await import("../emit/emit.js");
  const targets = await loadTargets((options.targets ?? DEFAULT_TARGETS).filter(hasOlderVersions));
  const { importExtension, root } = options;
  const module = moduleOf(options)(schema);
  const outputPath = (): string => path;
  const { files, diagnostics } = emit(modelOf(layout, LOCK_NAME), targets, {
    importExtension,
    outputPath,
    moduleOf: () => module,
    root,
  });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new CommandFailure(EXIT.usage, `${name}, version ${version}: ${problem.message}`);
  return [...files];
}

/** A published layout as the emitters see a schema: all of it declared in one file. */
function modelOf({ region, layout }: PublishedLayout, file: string): LayoutModel {
  const history = layout.structs.flatMap(({ fields }, struct) =>
    fields.flatMap(({ since, was }, field) =>
      since === undefined && was === undefined
        ? []
        : [[struct, field, { ...(since !== undefined && { since }), ...(was !== undefined && { was }) }]],
    ),
  );
  const { name, typeId, version, readableFrom, header } = region ?? {};
  const facts = JSON.stringify({ name, typeId, version, readableFrom, header });
  const more = history.length === 0 ? "" : `,"history":${JSON.stringify(history)}`;
  const text = `{"format":${DESCRIPTOR_FORMAT},"region":${facts},"layout":${canonicalText(layout)}${more}}`;
  const { model } = parseDescriptorText(text);
  const here = <T extends object>(one: T): T => ({ ...one, file });
  const { ir } = model;
  const moved: LayoutModel = {
    ir: { ...ir, structs: ir.structs.map(here), enums: ir.enums.map(here), bits: ir.bits.map(here) },
    structs: new Map([...model.structs].map(([id, struct]) => [id, here(struct)])),
    enums: new Map([...model.enums].map(([id, declared]) => [id, here(declared)])),
    bits: new Map([...model.bits].map(([id, declared]) => [id, here(declared)])),
    metrics: (type) => model.metrics(type),
    scalarOf: (type) => model.scalarOf(type),
  };
  return moved;
}

/** `CarState` -> `car-state` */
function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}

function unknownVersion(version: number, published: Published): CommandFailure {
  const known = [...published.values()].map(({ name, versions }) => `${name} ${[...versions.keys()].join(", ")}`);
  return usageFailure(
    `${LOCK_NAME} has no version ${version} of any region`,
    `it has ${known.slice(0, 10).join("; ")}`,
  );
}
