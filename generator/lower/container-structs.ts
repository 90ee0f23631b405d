/** Containers -> the structs that they are in memory, of which each file has one for all that are alike. */
import {
  type ContainerArguments,
  type ContainerField,
  type ContainerKind,
  containerKind,
  fieldsOf,
} from "@shmgen/schema/containers";
import { innerType } from "@shmgen/schema/type-kinds";
import { declarationId } from "../ir/declaration-id.js";
import type { FieldIr, StructIr, TypeIr } from "../ir/ir.js";
import { typeText } from "../ir/type-text.js";

/** Makes structs, each once. */
export class ContainerStructs {
  /** By file and type. Two types may read alike: declarations of two files with one name. */
  readonly #types = new Map<string, TypeIr>();
  readonly #ids: Set<string>;
  #fresh: StructIr[] = [];

  /** `ids` are taken. */
  constructor(ids: Iterable<string>) {
    this.#ids = new Set(ids);
  }

  /** A type with structs in the place of its containers. */
  lowered(type: TypeIr, file: string): TypeIr {
    if (type.kind === "container") {
      const of = type.of && this.lowered(type.of, file);
      const { key, length } = type;
      return this.structOf(containerKind(type.container), { key, of, length }, file);
    }
    const inner = innerType(type);
    return inner === undefined ? type : ({ ...type, of: this.lowered(inner, file) } as TypeIr);
  }

  /** The type that names the struct of a container. */
  structOf(kind: ContainerKind, given: ContainerArguments, file: string): TypeIr {
    const key = JSON.stringify([file, kind.word, given]);
    let type = this.#types.get(key);
    if (type === undefined) {
      const text = typeText({ kind: "container", container: kind.word, ...defined(given) });
      const declare = (part: string, fields: readonly ContainerField[]): TypeIr =>
        this.#declare(`${text}.${part}`, file, { kind: "container", container: `${kind.word}.${part}` }, fields);
      const fields = fieldsOf(kind, given, declare);
      type = this.#declare(text, file, { kind: "container", container: kind.word, ...defined(given) }, fields);
      this.#types.set(key, type);
    }
    return type;
  }

  /** The structs that were made since this was asked last, each after what it contains. */
  take(): StructIr[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  #declare(text: string, file: string, role: StructIr["role"], fields: readonly ContainerField[]): TypeIr {
    let name = text;
    for (let twin = 2; this.#ids.has(declarationId(file, name)); twin += 1) name = `${text} (${twin})`;
    const id = declarationId(file, name);
    this.#ids.add(id);
    this.#fresh.push({ id, name, file, role, packed: false, fields: fields.map(fieldIr) });
    return { kind: "struct", struct: id };
  }
}

function fieldIr({ name, type, align, docs }: ContainerField): FieldIr {
  return align === undefined ? { name, docs, type } : { name, docs, type, align };
}

/** Without what was not given. */
function defined({ key, of, length }: ContainerArguments): { key?: TypeIr; of?: TypeIr; length?: number } {
  const types = { ...(key === undefined ? {} : { key }), ...(of === undefined ? {} : { of }) };
  return { ...types, ...(length === undefined ? {} : { length }) };
}
