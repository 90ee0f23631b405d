/** What this platform refuses: modes, users and groups, directories, files and memory. One function per situation. */
import { type ShmError, type ShmRangeError, outOfRange, refusal } from "../../errors.js";

/** What was found, and what should have been there. */
export interface Contrast {
  readonly expected: unknown;
  readonly found: unknown;
}

// Options that say who may use a region.

export function notAMode(found: unknown): ShmRangeError {
  const expected = "at least 0o600, read and write bits alone, and no write without read";
  const written = typeof found === "number" ? { found: `0o${found.toString(8)}` } : {};
  return outOfRange("{field} is {expected}", { field: "mode", expected, found }, undefined, written);
}

export function modeBeyondUser(found: number): ShmRangeError {
  const what = "{field} goes beyond the user's own directory, which nobody else can reach";
  const remedy = 'use scope: "machine", or a directory that others can reach';
  return outOfRange(what, { field: "mode", expected: octal(0o600), found }, remedy, { found: octal(found) });
}

export function groupWithoutRights(mode: number): ShmRangeError {
  const expected = "a mode whose group has rights that others have not, such as 0o660";
  const written = { field: undefined, found: octal(mode) };
  return outOfRange("group needs {expected}", { field: "mode", expected, found: mode }, undefined, written);
}

export function unknownAccount(field: "group" | "owner", found: unknown): ShmRangeError {
  const file = field === "group" ? "/etc/group" : "/etc/passwd";
  return outOfRange("{field} is {expected}", { field, expected: `a name in ${file}, or a number`, found });
}

/** A mode as people write it. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

// Directories.

export function untrustedFileSystem(path: string, found: string): ShmError {
  return refusal(
    "ERR_SHM_UNSUPPORTED",
    "the locks of this file system cannot be trusted to tell who is alive",
    { path, found },
    "use a directory on tmpfs, or allowUntrustedFileSystem: true if only this machine uses it",
  );
}

/** /tmp itself, in which .NET's directories lie. */
export function replaceableSystemDirectory(path: string, mode: number): ShmError {
  const facts = { path, expected: "1777", found: octal(mode) };
  return refusal("ERR_SHM_PERMISSION", "others can replace what is in the system's directory", facts, "chmod 1777");
}

/** `path` is the directory in which the one for others would be made. */
export function replaceableDirectory(path: string, mode: number, owner: number): ShmError {
  const facts = { path, expected: "1777, or 0755", found: octal(mode) };
  const remedy = "chmod +t, make the directory by hand, or use another one";
  const what = "others can replace a directory that is made there";
  return refusal("ERR_SHM_PERMISSION", what, facts, remedy, { owner });
}

export function notInGroup(gid: number, path: string): ShmError {
  const facts = { field: "group", found: gid, path };
  const remedy = "become a member of it, or leave group out";
  const what = "the process is not in the group that is to share the region";
  return refusal("ERR_SHM_PERMISSION", what, facts, remedy);
}

export function closedToOwner(path: string, modes: Contrast): ShmError {
  return unfitDirectory("the directory is closed to its owner", path, modes, `chmod ${String(modes.expected)}`);
}

export function directoryOfAnother(path: string, users: Contrast): ShmError {
  return unfitDirectory("the directory belongs to another user", path, users, "use a directory of your own");
}

/** `chmod` is the mode that would do. */
export function directoryOpenToOthers(path: string, modes: Contrast, chmod: string): ShmError {
  return unfitDirectory("others have access to the directory", path, modes, `chmod ${chmod}, or use another one`);
}

export function directoryNotSticky(path: string, modes: Contrast): ShmError {
  const what = "everybody can replace files in the directory";
  return unfitDirectory(what, path, modes, "chmod +t, or use another one");
}

export function directoryOfAnotherGroup(path: string, groups: Contrast): ShmError {
  const what = "another group may write to the directory";
  return unfitDirectory(what, path, groups, "chgrp it, or name that group");
}

export function directoryGivesGroupAway(path: string, modes: Contrast): ShmError {
  const what = "everybody can make files of the directory's group";
  return unfitDirectory(what, path, modes, "chmod g-s, or use another one");
}

export function directoryTooNarrow(path: string, modes: Contrast): ShmError {
  const remedy = `chmod ${String(modes.expected)}, or use another one`;
  return unfitDirectory("the directory keeps out whom mode lets in", path, modes, remedy);
}

function unfitDirectory(what: string, path: string, contrast: Contrast, remedy: string): ShmError {
  return refusal("ERR_SHM_PERMISSION", what, { path, ...contrast }, remedy);
}

// Files.

/** For a file that is in the way under a region's name. */
const REMOVE = "remove it, or choose another name";

export function fileOfAnother(path: string, users: Contrast): ShmError {
  return refusal("ERR_SHM_PERMISSION", "the region's file belongs to another user", { path, ...users }, REMOVE);
}

export function fileOpenToOthers(path: string, modes: Contrast): ShmError {
  const what = "others have more rights on the region's file than they should have";
  const remedy = `chmod ${String(modes.expected)}, or remove it`;
  return refusal("ERR_SHM_PERMISSION", what, { path, ...modes }, remedy);
}

export function fileOfAnotherGroup(path: string, groups: Contrast): ShmError {
  const what = "the region's file is shared with another group";
  return refusal("ERR_SHM_PERMISSION", what, { path, ...groups }, REMOVE);
}

/** A name in a sticky directory. `remedy` follows "let user 4711 or root ". */
export function nameIsProtected(path: string, syscall: string, fileOwner: number, remedy: string): ShmError {
  return refusal(
    "ERR_SHM_PERMISSION",
    "the directory is sticky, so nobody but its owner, the file's owner and root may take this name away",
    { errno: "EPERM", syscall, path },
    `let user ${fileOwner} or root ${remedy}`,
    { fileOwner },
  );
}

/** Without the locks that end with their open file nobody can tell which participants live. */
export function withoutRangeLocks(path: string, syscall: string, errno: string): ShmError {
  return refusal(
    "ERR_SHM_UNSUPPORTED",
    "the system or its file system has no locks of open files on single bytes, by which participants show that they live",
    { errno, syscall, path },
    "use a newer system and a local file system: of the containers, event alone works without",
  );
}
