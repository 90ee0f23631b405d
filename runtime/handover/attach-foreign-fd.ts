/**
 * Memory of another program by a descriptor: what is no regular file but can be mapped (perf events, V4L2, io_uring, DRM), memory without a name,
 * and files that this process may not open itself.
 *
 * The descriptor stays the caller's, who may need it for more than mapping, and nothing is closed. What is a file is opened once more, to ask for its
 * length later on; what is none is mapped through the descriptor itself, because another open of a device is another device.
 */
import { basename } from "node:path";
import type { ForeignDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { show } from "../errors.js";
import type { FileLease } from "../file/entry.js";
import { attachMemory, checkAttachOptions } from "../open/attach-memory.js";
import type { AttachOptions } from "../open/options.js";
import type { FileAccess, FileOrigin } from "../os/contract.js";
import { checkSealed, closeQuietly, identifyIfOpen, isWritable, originOf, tryReopen } from "../os/index.js";
import type { Region } from "../region/region.js";
import { descriptorReadOnly, noForeignDescriptor, notADescriptor } from "./refusals.js";

/**
 * Maps what a descriptor leads to, read-only unless asked otherwise, and leaves the descriptor as it is; it may be closed afterwards.
 * @throws ShmError ERR_SHM_NOT_FOUND when there is no such descriptor; _READ_ONLY; _FOREIGN for what cannot be mapped; _FORMAT as for `attach`;
 * ShmRangeError for what is no descriptor, and without a length for what has no size
 */
export function attachForeignDescriptor<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  descriptor: number,
  options: AttachOptions & { readonly access: "read-write" },
): Region<T>;
export function attachForeignDescriptor<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  descriptor: number,
  options?: AttachOptions & { readonly access?: "read-only" },
): Region<R>;
export function attachForeignDescriptor<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  descriptor: number,
  options: AttachOptions = {},
): Region<T | R> {
  const shown = `descriptor ${show(descriptor)}`;
  checkAttachOptions(options, shown);
  if (!Number.isInteger(descriptor) || descriptor < 0 || descriptor > 0x7fff_ffff) throw notADescriptor(descriptor);
  const status = identifyIfOpen(descriptor, shown);
  if (status === undefined) throw noForeignDescriptor(shown);
  const access = options.access ?? "read-only";
  if (access === "read-write" && !isWritable(descriptor, shown)) throw descriptorReadOnly(access, shown);
  const origin = originOf(descriptor, shown);
  const { path, label } = origin;
  const isFile = status.isFile();
  const lease = isFile ? ownFile(descriptor, access, origin) : undefined;
  try {
    return attachMemory(
      definition,
      {
        kind: !isFile ? "device" : origin.kind === "memory" ? "memory" : "file",
        path,
        name: basename(label),
        total: isFile ? status.size : undefined,
        fd: lease?.fd ?? descriptor,
        lease,
        file: { dev: status.dev, ino: status.ino },
      },
      options,
    );
  } catch (error) {
    if (lease !== undefined) closeQuietly(lease.fd);
    throw error;
  }
}

/** Undefined where a file that was handed over may not be opened: it can be mapped all the same. */
function ownFile(descriptor: number, access: FileAccess, { path, kind, status }: FileOrigin): FileLease | undefined {
  const fd = tryReopen(descriptor, access, path, ["EACCES", "EPERM", "ENOENT", "EROFS", "ENXIO", "ELOOP"]);
  if (fd === undefined) return undefined;
  return { fd, dev: status.dev, ino: status.ino, place: undefined, sealed: kind === "memory" && isSealed(fd, path) };
}

function isSealed(fd: number, path: string): boolean {
  try {
    checkSealed(fd, path);
    return true;
  } catch {
    return false;
  }
}
