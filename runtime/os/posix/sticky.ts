/** Files in directories that everybody may write to: who may take a name away there. */
import { dirname } from "node:path";
import { errorCode } from "../../errors.js";
import { ownUser } from "./accounts.js";
import { statFollowing, statOf } from "./status.js";
import { attempt } from "./syscall.js";
import { nameIsProtected } from "./refusals.js";

const STICKY = 0o1000;

/**
 * Takes away or replaces the name `file`, and says why where only somebody else may. `path` is its path for people; `remedy` follows
 * "let user 4711 or root ".
 * @throws ShmError ERR_SHM_PERMISSION
 * @see unlink(2) EPERM, inode(7) "The sticky bit"
 */
export function attemptOnName<T>(file: string, path: string, remedy: string, call: () => T): T {
  return attempt(path, () => {
    try {
      return call();
    } catch (error) {
      const { syscall = "unlink", errno } = error as { readonly syscall?: string; readonly errno?: unknown };
      const owner = errorCode(error) === "EPERM" || errno === "EPERM" ? strangeOwner(file) : undefined;
      if (owner === undefined) throw error;
      throw nameIsProtected(path, syscall, owner, remedy);
    }
  });
}

/** The owner of a file in a sticky directory, when neither is ours. */
function strangeOwner(file: string): number | undefined {
  const uid = ownUser();
  const stat = orNothing(() => statOf(file));
  const folder = orNothing(() => statFollowing(dirname(file), file));
  const isSticky = folder !== undefined && (folder.mode & STICKY) !== 0 && folder.uid !== uid;
  return isSticky && stat?.uid !== uid ? stat?.uid : undefined;
}

/** The error that is about to be thrown matters more than why its reason cannot be told. */
function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
