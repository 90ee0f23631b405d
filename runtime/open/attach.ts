/** Memory that another program owns, by its path or name: never initialised, locked or removed by us. */
import { basename, resolve } from "node:path";
import type { ForeignDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { FileAccess } from "../os/contract.js";
import { closeQuietly, identify, kindOf, namedSize, openForeignFile } from "../os/index.js";
import { checkPath } from "../arguments/check-options.js";
import { errorCode, type ShmError } from "../errors.js";
import { attachMemory, checkAttachOptions } from "./attach-memory.js";
import type { AttachOptions } from "./options.js";
import { noForeignFile, notAMappingName, onlyFilesAttach } from "./refusals.js";
import type { Region } from "../region/region.js";

/** Memory that has a name on Windows, as its program passes it to CreateFileMappingW: `"Local\\Game"`; without a prefix it is `Local\`. */
export interface NamedMapping {
  readonly mapping: string;
}

/**
 * Maps a file of another program, or on Windows its named memory, read-only unless asked otherwise, after checking its length and the
 * values of all `expect` fields, those of a file against a copy of its bytes.
 * @throws ShmError ERR_SHM_NOT_FOUND, _PERMISSION; _FORMAT with field, expected and found; _FOREIGN when it is no file, or the name that of
 * something else; _UNSUPPORTED for a name where only paths lead to memory; ShmRangeError for what is no name
 */
export function attachForeign<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: string | NamedMapping,
  options: AttachOptions & { readonly access: "read-write" },
): Region<T>;
export function attachForeign<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: string | NamedMapping,
  options?: AttachOptions & { readonly access?: "read-only" },
): Region<R>;
export function attachForeign<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  where: string | NamedMapping,
  options: AttachOptions = {},
): Region<T | R> {
  if (isNamed(where)) return attachNamed(definition, where, options);
  checkPath(where);
  checkAttachOptions(options, where);
  const absolute = resolve(where);
  // A FIFO or a device must not make us wait.
  const fd = openOwned(absolute, options.access ?? "read-only");
  try {
    const status = identify(fd, absolute);
    if (!status.isFile()) throw onlyFilesAttach(absolute, kindOf(status));
    const lease = { fd, dev: status.dev, ino: status.ino, place: undefined };
    const found = {
      kind: "path",
      path: absolute,
      name: basename(absolute),
      total: status.size,
      fd,
      lease,
      file: status,
    } as const;
    return attachMemory(definition, found, options);
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** @throws ShmError; where there is nothing, with who has to make it */
function openOwned(path: string, access: FileAccess): number {
  try {
    return openForeignFile(path, access);
  } catch (error) {
    throw errorCode(error) === "ERR_SHM_NOT_FOUND" ? noForeignFile(path, error as ShmError) : error;
  }
}

function isNamed(where: unknown): where is NamedMapping {
  return typeof where === "object" && where !== null && "mapping" in where;
}

function attachNamed<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  { mapping: name }: NamedMapping,
  options: AttachOptions,
): Region<T | R> {
  if (!isMappingName(name)) throw notAMappingName(name);
  const path = `mapping:${name}`;
  checkAttachOptions(options, path);
  const total = namedSize(name, options.access ?? "read-only", path);
  const found = { kind: "mapping", path, name, total, fd: -1, named: name, lease: undefined } as const;
  // No file has these numbers.
  return attachMemory(definition, { ...found, file: { dev: -1, ino: -1 } }, options);
}

/** A backslash stands behind one of the two prefixes, and nowhere else. @see https://learn.microsoft.com/windows/win32/termserv/kernel-object-namespaces */
function isMappingName(name: unknown): name is string {
  return typeof name === "string" && /^(?:(?:Local|Global)\\)?[^\\\0]+$/.test(name);
}
