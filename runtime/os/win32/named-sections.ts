/** Sections that others have given a name. @see https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-openfilemappingw */
import type { FileAccess } from "../contract.js";
import { ERROR, lastError } from "./calls.js";
import { isHandle } from "./handles.js";
import { kernel32 } from "./kernel32.js";
import { nameOfAnotherKind, namedMappingDenied, noNamedMapping } from "./refusals.js";

const FILE_MAP_WRITE = 2;
const FILE_MAP_READ = 4;

/**
 * Opens it for a call, and closes it, so that its name ends with its owner.
 * @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION; ERR_SHM_FOREIGN when something else has the name
 */
export function withNamedSection<T>(name: string, access: FileAccess, path: string, use: (section: number) => T): T {
  const section = tryNamedSection(name, access, path, use);
  if (section === undefined) throw noNamedMapping(name, path);
  return section.result;
}

/** As {@link withNamedSection}; undefined where nothing has the name. @throws ShmError */
export function tryNamedSection<T>(
  name: string,
  access: FileAccess,
  path: string,
  use: (section: number) => T,
): { readonly result: T } | undefined {
  const k = kernel32();
  const section = k.openFileMapping(access === "read-write" ? FILE_MAP_READ | FILE_MAP_WRITE : FILE_MAP_READ, 0, name);
  if (!isHandle(section)) {
    const error = k.lastError();
    switch (error) {
      case ERROR.fileNotFound:
      case ERROR.pathNotFound:
        return undefined;
      case ERROR.accessDenied:
        throw namedMappingDenied(access, path);
      case ERROR.invalidHandle:
        throw nameOfAnotherKind(path);
      default:
        throw lastError("OpenFileMappingW", path, {}, error);
    }
  }
  try {
    return { result: use(Number(section)) };
  } finally {
    k.closeHandle(Number(section));
  }
}
