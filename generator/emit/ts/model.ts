/** Layouts of one schema file -> what the TypeScript templates show. Templates decide nothing. */
import { exactValue, isWide } from "@shmgen/schema/enum-values";
import type { EnumIr, SinceIr, TypeIr } from "../../ir/ir.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../../layout/layout.js";
import { typeText } from "../../ir/type-text.js";
import { isDeclared, isRoot } from "../../ir/roles.js";
import type { EmitOptions } from "../common/options.js";
import { relativePath } from "../common/paths.js";
import { bitsModels } from "./bits.js";
import { holdsContainer, isInternal } from "./containers.js";
import { type FieldModel, fieldModel } from "./fields.js";
import { docLines, shownPath } from "./docs.js";
import { filledLines } from "./filled-lines.js";
import { ModuleNames } from "./names.js";
import { placements } from "./placement.js";
import { specifier } from "./specifier.js";
import { defaultLiteral, type RegionModel, regionModel } from "./region.js";
import { RUNTIME } from "./scalars.js";
import type { FieldScope, PrivateModel } from "./scope.js";

export interface EnumModel {
  readonly name: string;
  readonly doc: readonly string[];
  readonly members: readonly { readonly name: string; readonly value: string; readonly doc: readonly string[] }[];
}

/** One row of `static layout`. */
export interface LayoutFieldModel {
  /** `name: "rpm", type: "f32", offset: 0` ... */
  readonly text: string;
  /** `enumerators: Gear` or a getter for an enum of another module; empty without. */
  readonly enumerators: string;
}

export interface ClassModel {
  readonly name: string;
  readonly struct: string;
  readonly doc: readonly string[];
  readonly writer: boolean;
  readonly base: string;
  readonly memoryView: string;
  /** What its accessors rely on, where that is not its alignment: less where packed structs place it misaligned, more for atomics of a packed root. */
  readonly align: { readonly bytes: number; readonly why: string } | undefined;
  readonly privates: readonly PrivateModel[];
  readonly layoutType: string;
  /** The layout of the writer's class, which the reader's class shares. */
  readonly layoutOf: string | undefined;
  readonly layout: { readonly head: readonly string[]; readonly fields: readonly LayoutFieldModel[] } | undefined;
  readonly fields: readonly FieldModel[];
  readonly refuseWrites: string;
  /** Function of the runtime that closes instances which were frozen; empty when nothing needs it. */
  readonly spoilable: string;
  /** Statements that close one. */
  readonly spoils: readonly string[];
}

export interface ModuleModel {
  readonly source: string;
  /** The names of the module, of which it imports those that it has asked for. */
  readonly names: ModuleNames;
  readonly enums: readonly EnumModel[];
  readonly bits: readonly object[];
  /** Whether there is a constant that is not exported: then declarations have to say what is. */
  readonly hasBases: boolean;
  readonly structs: readonly { readonly classes: readonly ClassModel[]; readonly region: RegionModel | undefined }[];
}

/** What the module exports. */
function ownNames(model: LayoutModel, file: string): string[] {
  const own = (list: readonly { readonly name: string; readonly file: string }[]): string[] =>
    list.filter((declaration) => declaration.file === file).map(({ name }) => name);
  const classes = [...own(model.ir.structs.filter(isDeclared)), ...own(model.ir.bits)];
  return [...own(model.ir.enums), ...classes, ...classes.map((name) => `${name}Reader`)];
}

/** What the templates show of one schema file. */
export function moduleModel(model: LayoutModel, file: string, options: EmitOptions): ModuleModel {
  const names = new ModuleNames(ownNames(model, file));
  const placement = placements(model);
  const declaration: FieldScope["declaration"] = (id, reader = false) => {
    const found = model.enums.get(id) ?? model.bits.get(id) ?? model.structs.get(id);
    if (found === undefined) throw new Error(`nothing is declared as ${id}`);
    const name = reader ? `${found.name}Reader` : found.name;
    return found.file === file ? name : names.value(specifier(file, found.file, options), name, true);
  };
  const context = { model, names, declaration, placement: (id: string): number => placement.get(id) ?? 1 };
  // From where the module lies, so that it says the same whichever folder of a repository the command works in.
  const source = shownPath(relativePath(options.outputPath(file), file, options.root));
  return {
    source,
    names,
    enums: model.ir.enums.filter((declared) => declared.file === file).map((declared) => enumModel(declared, source)),
    bits: model.ir.bits
      .filter((declared) => declared.file === file)
      .flatMap((bits) => bitsModels(bits, source, context)),
    hasBases: model.ir.structs.some((declared) => declared.file === file && isRoot(declared.role)),
    structs: model.ir.structs
      .filter((declared) => declared.file === file && isDeclared(declared))
      .map(({ id }) => {
        const struct = model.structs.get(id);
        if (struct === undefined) throw new Error(`struct ${id} has no layout`);
        const region = regionModel(struct, model, names);
        const make = (writer: boolean): ClassModel =>
          classModel(struct, { ...context, writer, privates: new Map<string, PrivateModel>() }, source, region);
        return { classes: [make(true), make(false)], region };
      }),
  };
}

function enumModel(declared: EnumIr, source: string): EnumModel {
  const doc = docLines(declared.docs);
  return {
    name: declared.name,
    doc: [...doc, ...(doc.length > 0 ? [""] : []), `@generated from ${source}#${declared.name}`],
    members: declared.members.map(({ name, value, docs }) => ({
      name,
      value: `${exactValue(value)}${isWide(declared.repr) ? "n" : ""}`,
      doc: docLines(docs),
    })),
  };
}

function classModel(
  struct: StructLayout,
  scope: FieldScope,
  source: string,
  region: RegionModel | undefined,
): ClassModel {
  const { names, writer } = scope;
  const fields = shownFields(struct, scope.model).map((field) => fieldModel(field, struct, scope));
  const doc = docLines(struct.docs);
  const first = writer ? doc : [`The fields of {@link ${struct.name}}, for memory that is only read.`];
  const place = scope.placement(struct.id);
  const privates = [...scope.privates.values()].sort((a, b) => rank(a) - rank(b));
  const spoils = [...spoil(privates, "closed"), ...spoil(privates, "undefined")];
  return {
    name: writer ? struct.name : `${struct.name}Reader`,
    struct: struct.name,
    doc: [...first, ...(first.length > 0 ? [""] : []), `@generated from ${source}#${struct.name}`],
    writer,
    base:
      writer && region !== undefined
        ? region.base
        : names.value(RUNTIME, `${struct.union ? "Union" : "Flyweight"}${writer ? "" : "Reader"}`, true),
    memoryView: names.type(RUNTIME, "MemoryView"),
    align: place === struct.align ? undefined : { bytes: place, why: alignReason(place, struct) },
    privates,
    layoutType: names.type(RUNTIME, "StructLayout"),
    layoutOf: writer ? undefined : struct.name,
    layout: writer ? layoutModel(struct, scope) : undefined,
    fields,
    refuseWrites: writer ? "" : names.value(RUNTIME, "refuseWrites"),
    spoilable: spoils.length > 0 ? names.value(RUNTIME, "spoilable") : "",
    spoils,
  };
}

function alignReason(bytes: number, { align }: StructLayout): string {
  if (bytes > align) return `Packed, but at multiples of ${bytes} its atomics are aligned.`;
  return `A packed struct places it at multiples of ${bytes} only.`;
}

/** What JavaScript sees of a struct: reserved bytes are a hole, and so is what the runtime keeps there. */
function shownFields({ fields }: StructLayout, model: LayoutModel): FieldLayout[] {
  return fields.filter(({ type }) => type.kind !== "reserved" && !isInternal(type, model));
}

/** Typed arrays, then view and offsets, then what is made on first use. */
function rank({ source }: PrivateModel): number {
  return source === undefined ? 2 : source === "memoryOf" ? 0 : 1;
}

/** Statements that give all private members which become `value` that value, in lines that can be read. */
function spoil(privates: readonly PrivateModel[], value: PrivateModel["spoiled"]): string[] {
  const targets = privates.filter(({ spoiled }) => spoiled === value).map(({ name }) => `own.${name} = `);
  return filledLines(targets, "").map((line) => `${line}${value};`);
}

function layoutModel(struct: StructLayout, scope: FieldScope): NonNullable<ClassModel["layout"]> {
  const head = [
    `name: ${JSON.stringify(struct.name)}`,
    `size: ${struct.size}`,
    `align: ${struct.align}`,
    `fingerprint: ${JSON.stringify(struct.fingerprint)}`,
    `docs: ${JSON.stringify(struct.docs ?? "")}`,
    ...(struct.tail === undefined ? [] : [`tailStride: ${struct.tail.stride}`]),
    ...(struct.union ? ["union: true"] : []),
  ];
  const fields = shownFields(struct, scope.model).map((field) => ({
    text: fieldText(field, scope.model),
    enumerators: enumeratorsText(enumIn(field.type), struct, scope),
  }));
  return { head, fields };
}

function fieldText(field: FieldLayout, model: LayoutModel): string {
  const { name, type, offset, size, align, docs, since, was, tag, cases } = field;
  return [
    `name: ${JSON.stringify(name)}`,
    `type: ${JSON.stringify(typeText(type))}`,
    `offset: ${offset}`,
    `size: ${size}`,
    `align: ${align}`,
    `docs: ${JSON.stringify(docs ?? "")}`,
    ...(since === undefined ? [] : [sinceText(type, since, model)]),
    ...(was === undefined ? [] : [`was: ${JSON.stringify(was)}`]),
    ...(holdsContainer(type, model) ? ["container: true"] : []),
    ...(tag === undefined ? [] : [`tag: ${JSON.stringify(tag)}`]),
    ...(cases === undefined ? [] : [`cases: ${JSON.stringify(cases)}`]),
  ].join(", ");
}

function sinceText(type: TypeIr, { version, default: value }: SinceIr, model: LayoutModel): string {
  const shown = value === undefined ? "" : `, default: ${defaultLiteral(type, value, model)}`;
  return `since: { version: ${version}${shown} }`;
}

/** The enum that a type shows, alone or as elements. */
function enumIn(type: TypeIr): string | undefined {
  if (type.kind === "enum" || type.kind === "flags") return type.enum;
  return "of" in type && typeof type.of === "object" ? enumIn(type.of) : undefined;
}

function enumeratorsText(id: string | undefined, struct: StructLayout, scope: FieldScope): string {
  if (id === undefined) return "";
  const name = scope.declaration(id);
  // Modules may import each other in a circle; a getter is not asked before all of them have run.
  return scope.model.enums.get(id)?.file === struct.file
    ? `, enumerators: ${name}`
    : `, get enumerators() { return ${name}; }`;
}
