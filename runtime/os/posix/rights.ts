/**
 * Who may do what with a region: what its files and directories get when they are made, and what is accepted of those that
 * are there. The rule is one: nobody can write, or put another file in the place of one, whom the options do not let write.
 * Everything is judged by what fstat says of an open descriptor. Who accepts a file of another user says so: by a mode that lets
 * others write, by the group's bits and the file's group, or by naming the owner. Without that, a reader of regions that all may read
 * would read those of whoever came first.
 */
import type { FileStatus, Rights, RightsOptions } from "../contract.js";
import { ownUser } from "./accounts.js";
import { OWN_FILE } from "./modes.js";
import { ownCalls } from "./own-calls.js";
import { type PosixStatus, posix } from "./status.js";
import {
  type Contrast,
  closedToOwner,
  directoryGivesGroupAway,
  directoryNotSticky,
  directoryOfAnother,
  directoryOfAnotherGroup,
  directoryOpenToOthers,
  directoryTooNarrow,
  fileOfAnother,
  fileOfAnotherGroup,
  fileOpenToOthers,
  groupWithoutRights,
  modeBeyondUser,
  notAMode,
  octal,
  unknownAccount,
} from "./refusals.js";
import { fileHasLinks, notAFile } from "../words.js";

/** Bits of group and others. */
const SHARED_BITS = 0o077;
const WRITE_BITS = 0o022;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const SET_GROUP = 0o2000;

const OWN_DIRECTORY = 0o700;
/** As /tmp: everybody may put files there, and nobody may remove or replace those of others. */
const MACHINE_DIRECTORY = 0o1777;

/** `isDefault`: in the user's own directory, which nobody else can reach. @throws ShmRangeError */
export function rightsOf(options: RightsOptions, machine: boolean, isDefault: boolean): Rights {
  const { mode = machine ? 0o666 : OWN_FILE, owner } = options;
  const uid = ownUser();
  // By far the most frequent wish.
  if (mode === OWN_FILE && !machine && owner === undefined && options.group === undefined)
    return ofUser(uid, isDefault);
  checkMode(mode);
  if (mode !== OWN_FILE && isDefault && !machine) throw modeBeyondUser(mode);
  const groups = exceeding(mode) !== 0;
  if (options.group !== undefined && !groups) throw groupWithoutRights(mode);
  return {
    uid,
    kind: machine || mode !== OWN_FILE ? "shared" : isDefault ? "private" : "own",
    file: mode,
    directory: machine ? MACHINE_DIRECTORY : directoryMode(mode),
    gid: groups ? idOf("group", options.group ?? process.getegid?.(), ownCalls.groupId) : undefined,
    owner: owner === undefined ? undefined : idOf("owner", owner, ownCalls.userId),
    mends: false,
  };
}

const usual = new Map<number, { readonly private: Rights; readonly own: Rights }>();

function ofUser(uid: number, isDefault: boolean): Rights {
  let known = usual.get(uid);
  if (known === undefined) {
    const common = { uid, file: OWN_FILE, directory: OWN_DIRECTORY, gid: undefined, owner: undefined, mends: false };
    known = { private: { ...common, kind: "private" }, own: { ...common, kind: "own" } };
    usual.set(uid, known);
  }
  return isDefault ? known.private : known.own;
}

/** What .NET demands of its files and directories. */
export function dotnetRights(userScope: boolean): Rights {
  const common = { uid: ownUser(), gid: undefined, owner: undefined, mends: true };
  return userScope
    ? { ...common, kind: "private", file: OWN_FILE, directory: OWN_DIRECTORY }
    : { ...common, kind: "dotnet", file: 0o666, directory: 0o777 };
}

function checkMode(mode: unknown): void {
  const isMode = typeof mode === "number" && Number.isInteger(mode) && mode >= 0 && mode <= 0o777;
  const blind = isMode && (mode & 0o222 & ~(mode >> 1)) !== 0;
  if (isMode && (mode & OWN_FILE) === OWN_FILE && (mode & 0o111) === 0 && !blind) return;
  throw notAMode(mode);
}

function idOf(
  field: "group" | "owner",
  value: unknown,
  lookUp: (name: string) => number | undefined,
): number | undefined {
  const id = typeof value === "string" ? lookUp(value) : value;
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < 0xffff_ffff) return id;
  throw unknownAccount(field, value);
}

/** Rights of the group that others have not. */
function exceeding(mode: number): number {
  return (mode >> 3) & ~mode & 0o7;
}

/** Who may read a region has to open and lock its directory; who may write has to make and remove files there as well. */
function directoryMode(mode: number): number {
  if (mode === OWN_FILE) return OWN_DIRECTORY;
  const classes = [mode >> 3, mode].map((bits) => ((bits & 2) !== 0 ? 7 : (bits & 4) !== 0 ? 5 : 0));
  const sticky = (mode & WRITE_BITS) === 0 ? 0 : STICKY;
  return OWN_DIRECTORY | sticky | ((classes[0] ?? 0) << 3) | (classes[1] ?? 0);
}

/** An open directory, as fstat sees it. */
export interface OpenFolder {
  readonly path: string;
  readonly stat: PosixStatus;
  /** Of the directory that it is in. */
  readonly parent: () => PosixStatus;
}

/** @throws ShmError ERR_SHM_PERMISSION when somebody could put files there whom the rights do not let write. */
export function checkFolder(rights: Rights, folder: OpenFolder): void {
  const { path, stat } = folder;
  const { uid, mode, gid } = stat;
  const modes = (): Contrast => ({ expected: octal(rights.directory), found: octal(mode) });
  if (rights.kind === "dotnet") {
    if ((mode & OWN_DIRECTORY) !== OWN_DIRECTORY) throw closedToOwner(path, modes());
    return;
  }
  if (!mayOwnFolder(rights, folder)) {
    throw directoryOfAnother(path, { expected: String(rights.owner ?? rights.uid), found: String(uid) });
  }
  if (rights.kind === "private" && (mode & SHARED_BITS) !== 0) {
    throw directoryOpenToOthers(path, modes(), "700");
  }
  if ((mode & WRITE_BITS & ~rights.directory) !== 0) {
    throw directoryOpenToOthers(path, modes(), octal(rights.directory));
  }
  if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0) {
    throw directoryNotSticky(path, modes());
  }
  if ((exceeding(mode) & 2 & ~rights.directory) !== 0 && !isOfGroup(rights, gid)) {
    throw directoryOfAnotherGroup(path, { expected: `group ${rights.gid}`, found: `group ${gid}` });
  }
  if (rights.gid !== undefined && givesGroupAway(mode)) {
    throw directoryGivesGroupAway(path, modes());
  }
  const needed = openingBits(rights.file);
  if ((mode & needed) !== needed) {
    throw directoryTooNarrow(path, modes());
  }
}

/** The owner of a directory can give it any mode later, and remove and replace what is in it. */
function mayOwnFolder(rights: Rights, { stat, parent }: OpenFolder): boolean {
  const { uid, gid } = stat;
  if (isOurs(rights, uid)) return true;
  if (rights.kind !== "shared") return false;
  if (uid === 0 || (rights.directory & OTHERS_WRITE) !== 0) return true;
  // Only a member of the group can give its own directory that group.
  return (rights.directory & 0o020) !== 0 && isOfGroup(rights, gid) && !givesGroupAway(parent().mode);
}

/**
 * Ours, or of the user whom we accept. In a user namespace one number may stand for many users; then the kernel still keeps
 * us from what only its owner can use, but nothing tells us who owns what is readable for others.
 */
function isOurs({ uid, owner, kind }: Rights, found: number): boolean {
  if (found !== uid && found !== owner) return false;
  return kind === "private" || kind === "own" || !ownCalls.isAmbiguousUser(found);
}

function isOfGroup({ gid }: Rights, found: number): boolean {
  return found === gid && !ownCalls.isAmbiguousGroup(found);
}

/** Whoever makes a file there gives it a group of which he need not be a member. */
function givesGroupAway(mode: number): boolean {
  return (mode & SET_GROUP) !== 0 && (mode & OTHERS_WRITE) !== 0;
}

/** Reading and searching, for whom a file's mode lets in. */
function openingBits(file: number): number {
  return ((file & 0o040) !== 0 ? 0o050 : 0) | ((file & 0o004) !== 0 ? 0o005 : 0);
}

/** @throws ShmError ERR_SHM_FOREIGN, ERR_SHM_PERMISSION when the file is not what the rights allow. */
export function checkFile(rights: Rights, status: FileStatus, path: string): void {
  const stat = posix(status);
  const { uid, gid, mode, nlink } = stat;
  if (!stat.isFile()) throw notAFile(path, kindOf(stat));
  const anybody = (rights.file & OTHERS_WRITE) !== 0;
  const ofGroup = (exceeding(rights.file) & 2) !== 0 && isOfGroup(rights, gid);
  if (!isOurs(rights, uid) && !anybody && !ofGroup) {
    throw fileOfAnother(path, { expected: rights.owner ?? rights.uid, found: uid });
  }
  if ((mode & 0o7777 & ~rights.file) !== 0) {
    throw fileOpenToOthers(path, { expected: octal(rights.file), found: octal(mode) });
  }
  if ((exceeding(mode) & ~rights.file) !== 0 && !isOfGroup(rights, gid)) {
    throw fileOfAnotherGroup(path, { expected: `group ${rights.gid}`, found: `group ${gid}` });
  }
  if (nlink > 1) throw fileHasLinks(path, nlink);
}

/** What it is that should be a file. */
export function kindOf(status: FileStatus): string {
  const stat = posix(status);
  if (stat.isDirectory()) return "directory";
  if (stat.isFIFO()) return "FIFO";
  return stat.isSocket() ? "socket" : "device";
}

/** Whether a descriptor's file or directory already is what its maker would have made of it. */
export function isAsMade({ uid, gid, file }: Rights, stat: PosixStatus): boolean {
  return stat.uid !== uid || ((stat.mode & 0o7777) === file && (gid === undefined || stat.gid === gid));
}

/** Why a dead file is not taken away as one of ours. `isEmpty`: only its mode shows that it is one. */
export function ownershipObstacle(status: FileStatus, rights: Rights, isEmpty: boolean): string | undefined {
  const { uid, mode } = posix(status);
  if (uid !== rights.uid && uid !== rights.owner) return `it belongs to user ${uid}`;
  if (isEmpty && (mode & 0o7777) !== rights.file)
    return "empty, without the mode of a region: perhaps of another program";
  return undefined;
}

/** Whether the group of a directory matters. That of the machine's does not, which is everybody's. */
export function sharesFolder({ directory }: Rights): boolean {
  return exceeding(directory) !== 0;
}

/** Whether both accept the same files and directories. */
export function isSame(a: Rights, b: Rights): boolean {
  return a.kind === b.kind && a.file === b.file && a.gid === b.gid && a.owner === b.owner && a.uid === b.uid;
}
