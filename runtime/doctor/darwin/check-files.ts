/** Whether files keep what the platform takes for granted: their volume, their names, and their space. */
import { freeBlocks } from "../../os/darwin/blocks.js";
import { fileSystemOf, untrustedFileSystem } from "../../os/darwin/file-systems.js";
import { renameNoReplace } from "../../os/darwin/naming.js";
import { tryReopen } from "../../os/darwin/reopening.js";
import { createFile } from "../../os/posix/files.js";
import { deleteNameIfPresent } from "../../os/posix/names.js";
import { closeQuietly } from "../../os/posix/syscall.js";
import { type Found, type Surroundings, bytesText, refusalIn } from "../check.js";
import { RESERVED, refusedBy, reservation } from "../posix/check-files.js";
import { scratchName, withScratch } from "../posix/scratch.js";

export function fileSystem(surroundings: Surroundings): Found<"untrusted"> {
  return withScratch(surroundings, 0, ({ fd, path }) => {
    const { name, blockSize, isLocal } = fileSystemOf(fd, path);
    const found = `${name}, ${isLocal ? "of this machine" : "of another machine"}, blocks of ${bytesText(blockSize)}`;
    const isTrusted = untrustedFileSystem(fd, path) === undefined;
    return { is: isTrusted ? "ok" : "untrusted", found, facts: { name } };
  });
}

export function fileNames(surroundings: Surroundings): Found<"refused" | "nameless" | "replaces"> {
  const [path, taken] = [scratchName(surroundings), scratchName(surroundings)];
  const open: number[] = [];
  try {
    const fd = createFile(path, path);
    open.push(fd, createFile(taken, taken));
    const again = tryReopen(fd, "read-write", path, ["ENOENT"]);
    if (again === undefined) return { is: "nameless", found: "the path of an open file is not told, or is another's" };
    open.push(again);
    if (renameNoReplace(path, taken, path)) return { is: "replaces", found: "a name that was taken has been replaced" };
    deleteNameIfPresent(taken, taken);
    if (!renameNoReplace(path, taken, path)) return { is: "refused", found: "renamex_np: a free name is not taken" };
    return { is: "ok", found: "are found, and replace no other" };
  } catch (error) {
    return { is: "refused", found: refusalIn(error) };
  } finally {
    for (const fd of open) closeQuietly(fd);
    for (const name of [path, taken]) deleteNameIfPresent(name, name);
  }
}

export function reservedSpace(surroundings: Surroundings): Found<"refused" | "hollow"> {
  return withScratch(surroundings, 0, (file) => {
    const own = reservation(file);
    if (own.is !== "ok") return own;
    let hasHoles = false;
    const refused = refusedBy(() => (hasHoles = freeBlocks(file.fd, 0, RESERVED, file.path)));
    if (refused !== undefined) return { is: "refused", found: refused };
    return { is: "ok", found: hasHoles ? "works, and is given back" : "works; nothing is given back here" };
  });
}
