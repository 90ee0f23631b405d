/**
 * Offsets, sizes and alignments by the C ABI of 64-bit Linux, macOS and Windows: a field begins at the next multiple of
 * its alignment, a struct is aligned to its strictest field and padded to a multiple of that. On top of it come
 * `align`, `at`, `Packed`, `Aligned`, `Sized` and `tail`. gcc is the judge: test/property/layout.test.ts.
 */
import { DESCRIPTOR_JSON_MAX } from "@shmgen/schema/region-format";
import { structIn } from "@shmgen/schema/type-kinds";
import { report } from "../diagnostics/codes.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { BitsIr, EnumIr, FieldIr, SchemaIr, SourceSpan, StructIr, TypeIr } from "../ir/ir.js";
import { descriptorJson } from "./descriptor.js";
import { layoutFingerprint } from "./fingerprint.js";
import { isRoot, packedAlign, packOf } from "../ir/roles.js";
import type { FieldLayout, LayoutModel, StructLayout } from "./layout.js";
import { payloadAlignMax, roundUp, STRUCT_SIZE_MAX } from "./limits.js";
import { holdsAtomics, sharedAlign, typesIn } from "./metrics.js";

/** What is being built: the structs laid out so far, and all that is wrong with them. */
interface Pass extends ReturnType<typeof typesIn> {
  readonly structs: Map<string, StructLayout>;
  readonly enums: ReadonlyMap<string, EnumIr>;
  readonly bits: ReadonlyMap<string, BitsIr>;
  /** Structs that ask for more than their natural alignment, themselves or in what is nested in them. */
  readonly raised: Set<string>;
  readonly diagnostics: Diagnostic[];
}

/** What a diagnostic points at. */
type Spanned = { readonly span?: SourceSpan | undefined };

/**
 * Lays out every struct of a checked IR. With diagnostics of severity "error" the model is not to be used.
 * Takes time in proportion to the number of fields.
 */
export function computeLayouts(ir: SchemaIr): { model: LayoutModel; diagnostics: Diagnostic[] } {
  const declarations = {
    structs: new Map<string, StructLayout>(),
    enums: new Map(ir.enums.map((declaration) => [declaration.id, declaration])),
    bits: new Map(ir.bits.map((declaration) => [declaration.id, declaration])),
  };
  const pass: Pass = { ...declarations, raised: new Set(), diagnostics: [], ...typesIn(declarations) };
  const ordered = dependencyOrder(ir.structs);
  for (const struct of ordered) {
    pass.structs.set(struct.id, layOut(struct, pass));
    const asks =
      struct.align !== undefined ||
      struct.fields.some(({ align }) => align !== undefined) ||
      isAlignedByReserved(pass.structs.get(struct.id) as StructLayout);
    const inner = struct.fields.flatMap(({ type }) => innerStructs(type));
    if (asks || inner.some((id) => pass.raised.has(id))) pass.raised.add(struct.id);
  }
  const model: LayoutModel = {
    ir,
    structs: new Map(),
    enums: pass.enums,
    bits: pass.bits,
    metrics: pass.metrics,
    scalarOf: pass.scalarOf,
  };
  const structs = model.structs as Map<string, StructLayout>;
  for (const { id } of ir.structs) structs.set(id, pass.structs.get(id) as StructLayout);
  if (pass.diagnostics.length === 0) {
    for (const [id, struct] of structs) {
      structs.set(id, { ...struct, fingerprint: layoutFingerprint(model, id) });
      checkDescriptor(struct, model, pass);
    }
  }
  return { model, diagnostics: pass.diagnostics };
}

/** Reserved fields are bytes in C, where the struct then asks for their alignment by itself. */
function isAlignedByReserved({ fields, align }: StructLayout): boolean {
  return align > 1 && !fields.some((field) => field.type.kind !== "reserved" && field.align >= align);
}

/** Structs so that each comes after those it contains; a loop instead of recursion, because chains may be long. */
function dependencyOrder(structs: readonly StructIr[]): StructIr[] {
  const byId = new Map(structs.map((struct) => [struct.id, struct]));
  const state = new Map<string, "open" | "done">();
  const ordered: StructIr[] = [];
  for (const root of structs) {
    const stack: { struct: StructIr; inner: string[] }[] = [];
    const enter = (id: string): void => {
      if (state.get(id) === "done") return;
      if (state.get(id) === "open") throw new Error(`layout of an unchecked IR: "${id}" contains itself`);
      const struct = byId.get(id);
      if (struct === undefined) throw new Error(`layout of an unchecked IR: "${id}" is not declared`);
      state.set(id, "open");
      stack.push({ struct, inner: struct.fields.flatMap((field) => innerStructs(field.type)) });
    };
    enter(root.id);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.inner.pop();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      stack.pop();
      state.set(top.struct.id, "done");
      ordered.push(top.struct);
    }
  }
  return ordered;
}

/** The struct in a type, as a list. */
function innerStructs(type: TypeIr): string[] {
  const struct = structIn(type);
  return struct === undefined ? [] : [struct];
}

function layOut(struct: StructIr, pass: Pass): StructLayout {
  const fields: FieldLayout[] = [];
  let end = 0;
  let align = 1;
  let hasAtomics = false;
  let shared = 1;
  let previous: FieldIr | undefined;
  for (const field of struct.fields) {
    hasAtomics ||= holdsAtomics(field.type, pass.structs);
    shared = Math.max(shared, sharedAlign(field.type, pass));
    const place = placeField(struct, field, { end: struct.union === true ? 0 : end, previous, pass });
    fields.push(place);
    align = Math.max(align, place.align);
    end = Math.max(end, place.offset + place.size);
    previous = field;
  }
  align = Math.max(align, struct.align ?? 1);
  const size = structSize(struct, { end, align, pass });
  const last = fields.at(-1);
  if (last?.type.kind === "tail") fields[fields.length - 1] = { ...last, offset: size };
  const field = fields.at(-1);
  const declared = struct.fields.at(-1);
  if (declared?.type.kind === "tail" && struct.role.kind === "foreign" && declared.at === undefined) {
    const inC = roundUp(end, packedAlign(struct, pass.metrics(declared.type).align));
    const facts = { field: declared.name, struct: struct.name, at: size, end: inC };
    if (struct.size === undefined && inC !== size) fail(pass, declared, "SHM3021", facts);
  }
  checkRegion(struct, align, pass);
  checkShared(struct, fields, pass);
  return {
    id: struct.id,
    name: struct.name,
    file: struct.file,
    docs: struct.docs,
    role: struct.role,
    union: struct.union === true,
    packed: struct.packed,
    pack: struct.pack,
    size,
    align,
    fields,
    tail:
      field?.type.kind === "tail"
        ? { field, of: field.type.of, offset: size, stride: pass.metrics(field.type).stride }
        : undefined,
    hasAtomics,
    sharedAlign: shared,
    fingerprint: "",
    span: struct.span,
  };
}

interface Cursor {
  /** End of the fields before. */
  readonly end: number;
  readonly previous: FieldIr | undefined;
  readonly pass: Pass;
}

function placeField(struct: StructIr, field: FieldIr, { end, previous, pass }: Cursor): FieldLayout {
  const metrics = pass.metrics(field.type);
  const align = fieldAlign(struct, field, metrics.align, pass);
  const size = boundedSize(`Field '${struct.name}.${field.name}'`, metrics.size, field, pass);
  let offset = roundUp(end, align);
  if (field.at !== undefined && field.at < end) {
    const facts = { field: field.name, at: field.at, previous: previous?.name ?? "", end, next: offset };
    const related = [{ message: `'${facts.previous}' stands here.`, span: previous?.span }];
    pass.diagnostics.push(report("SHM3001", facts, { span: field.span, related }));
  } else if (field.at !== undefined && field.at % align !== 0) {
    unaligned(field, { at: field.at, align, end, pass });
  } else if (field.at !== undefined) {
    offset = field.at;
  }
  if (offset > STRUCT_SIZE_MAX) {
    tooLarge(`Struct '${struct.name}' up to field '${field.name}'`, offset, field, pass);
    offset = roundUp(end, align);
  }
  return {
    name: field.name,
    docs: field.docs,
    type: field.type,
    offset,
    size,
    align,
    expect: field.expect,
    since: field.since,
    was: field.was,
    tag: field.tag,
    cases: field.cases,
    span: field.span,
  };
}

function unaligned(
  field: FieldIr,
  { at, align, end, pass }: { at: number; align: number; end: number; pass: Pass },
): void {
  const below = at - (at % align);
  const before = below >= end ? below : undefined;
  fail(pass, field, "SHM3002", {
    field: field.name,
    at,
    align,
    before,
    shared: holdsAtomics(field.type, pass.structs),
    raised: field.align !== undefined,
  });
}

function fieldAlign(struct: StructIr, field: FieldIr, natural: number, pass: Pass): number {
  const pack = packOf(struct);
  if (pack === undefined) return Math.max(natural, field.align ?? 1);
  const raised = innerStructs(field.type).find((id) => pass.raised.has(id));
  if (raised !== undefined && natural > pack) {
    const inner = pass.structs.get(raised)?.name ?? raised;
    fail(pass, field, "SHM3009", { struct: struct.name, field: field.name, inner });
  }
  return packedAlign(struct, natural);
}

/** In a packed root, atomics have to lie where they are aligned: nothing else sees to it. */
function checkShared(struct: StructIr, fields: readonly FieldLayout[], pass: Pass): void {
  if (packOf(struct) === undefined || !isRoot(struct.role)) return;
  for (const field of fields) {
    const align = sharedAlign(field.type, pass);
    if (field.offset % align === 0) continue;
    const facts = { struct: struct.name, field: field.name, offset: field.offset, align };
    fail(pass, field, "SHM3020", { ...facts, next: roundUp(field.offset, align) });
  }
}

/** Size without the tail, which begins there. */
function structSize(struct: StructIr, { end, align, pass }: { end: number; align: number; pass: Pass }): number {
  const tail = struct.fields.find((field) => field.type.kind === "tail");
  let needed = roundUp(end, align);
  if (tail?.at !== undefined && tail.at === end && tail.at % align !== 0) {
    unaligned(tail, { at: tail.at, align, end, pass });
  }
  needed = boundedSize(`Struct '${struct.name}'`, needed, struct, pass);
  if (struct.size === undefined) return needed;
  if (tail?.at !== undefined && tail.at !== struct.size) {
    fail(pass, tail, "SHM3008", { field: tail.name, at: tail.at, struct: struct.name, size: struct.size });
  } else if (struct.size < needed && struct.size < end) {
    fail(pass, struct, "SHM3003", { struct: struct.name, size: struct.size, needed });
  } else if (struct.size % align !== 0) {
    fail(pass, struct, "SHM3004", { struct: struct.name, size: struct.size, align });
  } else {
    return boundedSize(`Struct '${struct.name}'`, struct.size, struct, pass);
  }
  return needed;
}

function checkRegion(struct: StructIr, align: number, pass: Pass): void {
  if (!isRoot(struct.role)) return;
  const max = payloadAlignMax(struct.role);
  if (align <= max) return;
  const region = struct.role.kind === "foreign" ? "a Foreign region" : `a region with the ${struct.role.header} header`;
  fail(pass, struct, "SHM3005", { struct: struct.name, align, max, region });
}

/** A region that describes itself has to fit into what readers are ready to unpack. */
function checkDescriptor(struct: StructLayout, model: LayoutModel, pass: Pass): void {
  if (struct.role.kind !== "region" || struct.role.header !== "standard") return;
  const size = Buffer.byteLength(descriptorJson(model, struct.id));
  if (size <= DESCRIPTOR_JSON_MAX) return;
  fail(pass, struct, "SHM3007", { struct: struct.name, size, max: DESCRIPTOR_JSON_MAX });
}

/** `size`, or 0 after telling that it is too large: what contains it is then laid out as if it were not there. */
function boundedSize(what: string, size: number, at: Spanned, pass: Pass): number {
  if (size <= STRUCT_SIZE_MAX) return Math.max(0, size);
  tooLarge(what, size, at, pass);
  return 0;
}

function tooLarge(what: string, size: number, at: Spanned, pass: Pass): void {
  const text = Number.isSafeInteger(size) ? String(size) : "more than 2^53";
  fail(pass, at, "SHM3006", { what, size: text, max: STRUCT_SIZE_MAX });
}

type OwnCode = Extract<Parameters<typeof report>[0], `SHM3${string}`>;

function fail<C extends OwnCode>(pass: Pass, at: Spanned, code: C, facts: Parameters<typeof report<C>>[1]): void {
  pass.diagnostics.push(report(code, facts, { span: at.span }));
}
