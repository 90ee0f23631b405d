/** Layouts as the engine compares them, made from a schema's model, and the text that their fingerprint is made of. */
import { createHash } from "node:crypto";
import {
  type CanonicalField,
  type CanonicalLayout,
  type DescribedLayout,
  readDescribedLayout,
  readLayout,
} from "@shmgen/schema/evolution";
import { descriptorJson } from "../layout/descriptor.js";
import { describeLayout } from "../layout/fingerprint.js";
import type { SourceSpan } from "../ir/ir.js";
import { isRoot } from "../ir/roles.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../layout/layout.js";

/** The layout of one region, or of memory of another program, in one version. */
export interface PublishedLayout extends DescribedLayout {
  /** Name of the root struct. */
  readonly name: string;
  /** 16 lower-case hex digits. */
  readonly fingerprint: string;
  /** Of a schema at hand; undefined for what was published. */
  readonly struct?: StructLayout;
  /** Where its version is written, of a schema at hand. */
  readonly versionSpan?: SourceSpan | undefined;
}

/**
 * The roots of a schema by name. Without `fromSource`, the model was read from a description, which says nothing of comments and
 * accepted values.
 */
export function layoutsOf(model: LayoutModel, fromSource = true): PublishedLayout[] {
  const roots = [...model.structs.values()].filter(({ role }) => isRoot(role));
  return roots
    .map((struct) => layoutOf(model, struct, fromSource))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function layoutOf(model: LayoutModel, struct: StructLayout, fromSource: boolean): PublishedLayout {
  const { id, name, fingerprint, role } = struct;
  const described =
    role.kind === "region"
      ? readDescribedLayout(descriptorJson(model, id))
      : { layout: readLayout(JSON.parse(describeLayout(model, id).json), undefined) };
  const versionSpan = model.ir.structs.find((declared) => declared.id === id)?.versionSpan;
  return {
    ...described,
    layout: fromSource ? withSource(described.layout, model, id) : described.layout,
    name,
    fingerprint,
    struct,
    versionSpan,
  };
}

/** Adds what no byte depends on: accepted values and comments. */
function withSource(layout: CanonicalLayout, model: LayoutModel, id: string): CanonicalLayout {
  const ids = describeLayout(model, id).structs;
  const structs = layout.structs.map((struct, index) => {
    const declared = model.structs.get(ids[index] ?? "")?.fields ?? [];
    return { ...struct, fields: struct.fields.map((field, at) => withFieldSource(field, declared[at])) };
  });
  return { ...layout, structs };
}

function withFieldSource(field: CanonicalField, declared: FieldLayout | undefined): CanonicalField {
  const { expect, docs = "" } = declared ?? {};
  const values = expect?.map(({ value }) => String(value)).sort();
  return { ...field, docs, ...(values !== undefined && { expect: values }) };
}

/** The canonical layout as text, without what changes no byte: what `canonicalLayout` gives for the schema. */
export function canonicalText({ structs, enums, bits }: CanonicalLayout): string {
  const bare = structs.map(({ fields, tailStride, ...struct }) => ({
    ...struct,
    fields: fields.map(({ name, type, offset, size }) => ({ name, type, offset, size })),
    ...(tailStride !== undefined && { tailStride }),
  }));
  return JSON.stringify({ structs: bare, enums, bits });
}

/** First 64 bits of SHA-256 over {@link canonicalText}. */
export function fingerprintOf(layout: CanonicalLayout): string {
  return createHash("sha256").update(canonicalText(layout), "utf8").digest("hex").slice(0, 16);
}
