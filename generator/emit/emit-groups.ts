/** Emits only what changed since the last run: schema files in groups that do not depend on each other, and a cache of theirs. */
import { referenceIn } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../ir/ir.js";
import type { LayoutModel } from "../layout/layout.js";
import type { Emission, EmitOptions, Target } from "./common/options.js";
import { byCodeUnits } from "./common/paths.js";
import { emit, schemaFiles } from "./emit.js";

/** Emissions of earlier runs by everything that they depend on. Keeps those of the last run only. */
export class EmitCache {
  #last = new Map<string, Emission>();
  #next = new Map<string, Emission>();

  /** The emission for this key, made anew when the last run had none. */
  get(key: string, make: () => Emission): Emission {
    const found = this.#last.get(key) ?? make();
    this.#next.set(key, found);
    return found;
  }

  /** Ends a run. */
  turn(): void {
    this.#last = this.#next;
    this.#next = new Map();
  }
}

/**
 * Emits group by group: schema files that nest each other's structs, directly or through others, are one group. The output
 * of a file cannot depend on other groups then, because its emitter does not see them; so a rebuild emits only what changed.
 */
export function emitGroups(
  model: LayoutModel,
  targets: readonly Target[],
  options: EmitOptions,
  sources: ReadonlyMap<string, string>,
  cache: EmitCache | undefined,
): Emission {
  const emissions = fileGroups(model).map((files): Emission => {
    const make = (): Emission => emit(partOf(model, new Set(files)), targets, options);
    const texts = files.map((file) => sources.get(file));
    // An IR that came without sources has no cheap key.
    if (cache === undefined || texts.includes(undefined)) return make();
    const paths = files.map((file) => [file, options.outputPath(file), options.moduleOf(file)]);
    return cache.get(JSON.stringify([targets, options.importExtension, paths, texts]), make);
  });
  cache?.turn();
  const files = emissions.flatMap((emission) => emission.files);
  return {
    files: files.sort((a, b) => byCodeUnits(a.path, b.path)),
    diagnostics: emissions.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** The groups, each sorted, in the order of their first files. */
function fileGroups(model: LayoutModel): string[][] {
  const files = schemaFiles(model);
  const leader = new Map(files.map((file) => [file, file]));
  const find = (file: string): string => {
    let top = file;
    for (let next = leader.get(top); next !== undefined && next !== top; next = leader.get(top)) top = next;
    leader.set(file, top);
    return top;
  };
  for (const { file, fields } of model.structs.values()) {
    for (const { type } of fields) {
      const declaration = declarationOf(model, type);
      if (declaration !== undefined) leader.set(find(declaration), find(file));
    }
  }
  const groups = new Map<string, string[]>();
  for (const file of files) groups.set(find(file), [...(groups.get(find(file)) ?? []), file]);
  return [...groups.values()];
}

/** The file of the declaration that a type names, however deep. */
function declarationOf(model: LayoutModel, type: TypeIr): string | undefined {
  const reference = referenceIn(type);
  return reference && model[reference.list].get(reference.name)?.file;
}

/** The model with the declarations of these files only. */
function partOf(model: LayoutModel, files: ReadonlySet<string>): LayoutModel {
  const inFiles = ({ file }: { readonly file: string }): boolean => files.has(file);
  const part = <T extends { readonly file: string }>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...map].filter(([, declaration]) => inFiles(declaration)));
  const { ir } = model;
  return {
    ir: {
      ...ir,
      structs: ir.structs.filter(inFiles),
      enums: ir.enums.filter(inFiles),
      bits: ir.bits.filter(inFiles),
    },
    structs: part(model.structs),
    enums: part(model.enums),
    bits: part(model.bits),
    metrics: (type) => model.metrics(type),
    scalarOf: (type) => model.scalarOf(type),
  };
}
