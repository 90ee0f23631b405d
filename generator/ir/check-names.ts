/** Names: what every target can use, and no two alike where they meet. */
import { referencesIn } from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import type { BitsIr, EnumIr, SchemaIr, SourceSpan, StructIr } from "./ir.js";
import { declarationId } from "./declaration-id.js";
import type { ResolvedIr } from "./resolve.js";

/** Properties that every object inherits. A getter of that name would hide them, or not even parse. */
const OBJECT_MEMBERS: ReadonlySet<string> = new Set([
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/** Names that TypeScript refuses for classes and types, and the keywords of JavaScript in modules. */
const RESERVED_TYPE_NAMES: ReadonlySet<string> = new Set(
  (
    "any unknown never void null undefined string number boolean bigint symbol object true false this super " +
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "finally for function if implements import in instanceof interface let new package private protected public return " +
    "static switch throw try typeof var while with yield as infer keyof readonly unique"
  ).split(" "),
);

/** Globals of JavaScript and TypeScript that generated modules may use. */
const GLOBALS: ReadonlySet<string> = new Set(
  (
    "Array ArrayBuffer ArrayBufferLike AsyncIterable Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date " +
    "Error Exclude Extract Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterable " +
    "IterableIterator Iterator JSON Map Math NaN Number Object Omit Partial Pick Promise Proxy RangeError Readonly " +
    "ReadonlyArray ReadonlyMap ReadonlySet Record Reflect RegExp Required Set SharedArrayBuffer String Symbol " +
    "SyntaxError TextDecoder TextEncoder TypeError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef " +
    "WeakSet WebAssembly globalThis process"
  ).split(" "),
);

/** C counts 63 characters of a name (C11 5.2.4.1). */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Whether a struct, an enum or bits can be called so. */
export function isTypeName(name: string): boolean {
  return !RESERVED_TYPE_NAMES.has(name) && !GLOBALS.has(name) && isMemberName(name);
}

/** Whether a field, a bit field or a member of an enum can be called so. */
export function isMemberName(name: string): boolean {
  return !OBJECT_MEMBERS.has(name) && IDENTIFIER.test(name);
}

interface Declared {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly span?: SourceSpan | undefined;
}

const FIRST = "first declared here";

/** Complains about the name of a field, bit field or member. */
function checkMemberName(name: string, what: string, span: SourceSpan | undefined): Diagnostic[] {
  if (OBJECT_MEMBERS.has(name)) return [report("SHM2040", { name, what }, { span })];
  return IDENTIFIER.test(name) ? [] : [report("SHM2043", { name, what }, { span })];
}

type Members = readonly { readonly name: string; readonly span?: SourceSpan | undefined }[];

/** Complains about names within one declaration. */
export function checkMembers(owner: string, kind: "field" | "bit field" | "member", members: Members): Diagnostic[] {
  const what = kind === "member" ? "an enum member" : `a ${kind}`;
  const first = new Map<string, SourceSpan | undefined>();
  return members.flatMap(({ name, span }) => {
    if (first.has(name)) {
      return [report("SHM2002", { owner, name, kind }, { span, related: [{ message: FIRST, span: first.get(name) }] })];
    }
    first.set(name, span);
    return checkMemberName(name, what, span);
  });
}

function checkTypeName({ name, span }: Declared): Diagnostic[] {
  if (RESERVED_TYPE_NAMES.has(name)) return [report("SHM2042", { name }, { span })];
  if (GLOBALS.has(name)) return [report("SHM2041", { name }, { span })];
  return checkMemberName(name, "a type", span);
}

/** A path that output paths can be made of: relative, forward slashes, no control characters. */
function isSchemaPath(file: string): boolean {
  // eslint-disable-next-line no-control-regex
  return file.endsWith(".shm.ts") && !/[\u0000-\u001f\u007f\\:]|^\/|\/\/|\p{Surrogate}/u.test(file);
}

/** Complains about names, ids and paths of declarations. */
export function checkDeclarations(ir: SchemaIr, resolved: ResolvedIr): Diagnostic[] {
  const declarations: Declared[] = [...ir.structs, ...ir.enums, ...ir.bits];
  const found: Diagnostic[] = [];
  const files = new Set<string>();
  for (const declaration of declarations) {
    const { id, name, file, span } = declaration;
    found.push(...checkTypeName(declaration));
    const expected = declarationId(file, name);
    if (id !== expected) found.push(report("SHM2047", { id, expected }, { span }));
    if (!files.has(file) && !isSchemaPath(file)) found.push(report("SHM2048", { file }, { span }));
    files.add(file);
  }
  return [...found, ...checkClashes(ir, declarations, resolved)];
}

/** Files that include a file: itself, and those whose declarations refer to it, at any distance. */
function includers(ir: SchemaIr, resolved: ResolvedIr): (file: string) => ReadonlySet<string> {
  const direct = new Map<string, Set<string>>();
  for (const struct of ir.structs) {
    for (const target of targetsOf(struct, resolved)) {
      if (target.file === struct.file) continue;
      const set = direct.get(target.file) ?? new Set();
      direct.set(target.file, set.add(struct.file));
    }
  }
  const known = new Map<string, Set<string>>();
  return (file) => {
    let all = known.get(file);
    if (all === undefined) {
      all = new Set([file]);
      // A set that grows while it is walked is walked to its end.
      for (const one of all) for (const includer of direct.get(one) ?? []) all.add(includer);
      known.set(file, all);
    }
    return all;
  };
}

function targetsOf(struct: StructIr, resolved: ResolvedIr): (StructIr | EnumIr | BitsIr)[] {
  return struct.fields.flatMap(({ type }) => {
    return referencesIn(type).flatMap(({ list, name }) => resolved[list].get(name) ?? []);
  });
}

/** Two declarations of one name that meet in one file, and names that the readers of structs take. */
function checkClashes(ir: SchemaIr, declarations: readonly Declared[], resolved: ResolvedIr): Diagnostic[] {
  const includersOf = includers(ir, resolved);
  const meet = (a: Declared, b: Declared): boolean => {
    if (a.file === b.file) return true;
    const others = includersOf(b.file);
    return [...includersOf(a.file)].some((file) => others.has(file));
  };
  const byName = new Map<string, Declared[]>();
  const found: Diagnostic[] = [];
  for (const declaration of declarations) {
    const { name, file, span } = declaration;
    const same = byName.get(name);
    const first = same?.find((other) => meet(other, declaration));
    if (first !== undefined) {
      const facts = { name, file: first.file === file ? "" : first.file };
      found.push(report("SHM2001", facts, { span, related: [{ message: FIRST, span: first.span }] }));
    }
    if (same === undefined) byName.set(name, [declaration]);
    else same.push(declaration);
  }
  for (const struct of ir.structs) {
    for (const rival of byName.get(`${struct.name}Reader`) ?? []) {
      if (!meet(struct, rival)) continue;
      const related = [{ message: "the struct", span: struct.span }];
      found.push(report("SHM2044", { name: rival.name, struct: struct.name }, { span: rival.span, related }));
    }
  }
  return found;
}
