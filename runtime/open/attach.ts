/** Memory that another program owns: never initialised, locked or removed by us. */
import { basename, resolve } from "node:path";
import type { ExpectedField, FlyweightClass, ForeignDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { getData, type NumberKind, SIZE } from "../access/numbers.js";
import { beginsWith, decodeText, ENCODINGS, type EncodingName, expectedBytes } from "../../schema/encodings.js";
import { closeQuietly, identify, openForeignFile, readAt } from "../os/index.js";
import { checkOptions, checkPath } from "../arguments/check-options.js";
import { FileMemory } from "../mapping/file-memory.js";
import { RegionMapping } from "../mapping/region-mapping.js";
import type { AttachOptions } from "./options.js";
import { fileTooShort, onlyFilesAttach, unexpectedValue } from "./refusals.js";
import { unknownAccess } from "../region/refusals.js";
import { Region } from "../region/region.js";
import { createView } from "../mapping/region-view.js";

const ACCESS = ["read-only", "read-write"] as const;

/**
 * Maps a file of another program, read-only unless asked otherwise, after checking its length and the values of all
 * `expect` fields against a copy of its bytes.
 * @throws ShmError ERR_SHM_NOT_FOUND, _PERMISSION; _FORMAT with field, expected and found; _FOREIGN when it is no file
 */
export function attachForeign<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  path: string,
  options: AttachOptions & { readonly access: "read-write" },
): Region<T>;
export function attachForeign<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  path: string,
  options?: AttachOptions & { readonly access?: "read-only" },
): Region<R>;
export function attachForeign<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  path: string,
  options: AttachOptions = {},
): Region<T | R> {
  checkPath(path);
  checkOptions(options, "attach");
  if (options.access !== undefined && !ACCESS.includes(options.access)) {
    throw unknownAccess(ACCESS, options.access, path);
  }
  const absolute = resolve(path);
  const readOnly = options.access !== "read-write";
  const { layout } = definition.accessor;
  // A FIFO or a device must not make us wait.
  const access = readOnly ? "read-only" : "read-write";
  const fd = openForeignFile(absolute, access);
  let keepsFile = false;
  try {
    const stat = identify(fd, absolute);
    const { size, dev, ino } = stat;
    if (!stat.isFile()) throw onlyFilesAttach(absolute);
    checkLength(definition, size, absolute);
    checkExpected(definition.expects, fd, absolute);
    const tailStride = layout.tailStride ?? 0;
    const tailLength = tailStride === 0 ? 0 : Math.floor((size - layout.size) / tailStride);
    const request = { fd, size, access, kind: options.mapping ?? "auto", path: absolute } as const;
    // The mapping keeps the file, and no lock depends on the descriptor; only a file that grows is asked for its length.
    keepsFile = tailStride > 0;
    const lease = keepsFile ? { fd, dev, ino, place: undefined } : undefined;
    const mapping = new RegionMapping({ request, lease, file: { dev, ino }, tailLength });
    const accessor: FlyweightClass<T | R> = readOnly ? definition.reader : definition.accessor;
    const view = createView({ source: mapping, accessor, offset: 0, size, tailLength, hasHeader: false });
    const parts = {
      name: basename(absolute),
      outcome: "attached",
      memory: new FileMemory(mapping),
      view,
      accessor,
    } as const;
    return new Region({ ...parts, plan: undefined, generation: 0, headerCopy: undefined, keep: true });
  } catch (error) {
    keepsFile = false;
    throw error;
  } finally {
    if (!keepsFile) closeQuietly(fd);
  }
}

function checkLength({ accessor }: ForeignDefinition<Flyweight, Flyweight>, size: number, path: string): void {
  const { layout } = accessor;
  if (size >= layout.size && size > 0) return;
  const missing = layout.fields.find((field) => field.offset + field.size > size);
  throw fileTooShort(layout, missing, size, path);
}

/** Reads no more than the fields themselves; what they hold later is the owner's business. */
function checkExpected(expects: readonly ExpectedField[], fd: number, path: string): void {
  for (const expectation of expects) {
    const { field, offset, values } = expectation;
    const bytes = readAt(fd, offset, sizeOf(expectation), path);
    if (!values.some((value) => isThere(bytes, value, expectation))) {
      throw unexpectedValue(field, values, decode(bytes, expectation), path);
    }
  }
}

function sizeOf({ scalar, size }: ExpectedField): number {
  return scalar === "bool" ? 1 : (size ?? SIZE[scalar as NumberKind]);
}

function isThere(bytes: Uint8Array, value: ExpectedField["values"][number], expectation: ExpectedField): boolean {
  const { scalar } = expectation;
  if (!(scalar in ENCODINGS)) return value === decode(bytes, expectation);
  return beginsWith(bytes, expectedBytes(String(value), scalar as EncodingName, bytes.length));
}

function decode(bytes: Uint8Array, { scalar, bigEndian }: ExpectedField): number | bigint | boolean | string {
  if (scalar === "bytes") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (scalar in ENCODINGS) return decodeText(bytes, scalar as EncodingName);
  const kind = scalar === "bool" ? "u8" : (scalar as NumberKind);
  const bits = getData(kind, new DataView(bytes.buffer), 0, bigEndian !== true);
  return scalar === "bool" ? bits !== 0 : bits;
}
