/**
 * Who may do what with a region: what its files and directories get when they are made, and what is accepted of those that
 * are there. The rule is one: nobody can write, or put another file in the place of one, whom the options do not let write.
 * Everything is judged by what fstat says of an open descriptor. Who accepts a file of another user says so: by a mode that lets
 * others write, by the group's bits and the file's group, or by naming the owner. Without that, a reader of regions that all may read
 * would read those of whoever came first.
 */
import type * as fs from "node:fs";
import { show } from "../../arguments/refusals.js";
import { ShmRangeError, refusal } from "../../errors.js";
import type { FileStatus, Rights, RightsOptions } from "../contract.js";
import { groupId, isAmbiguousGroup, isAmbiguousUser, ownUser, userId } from "./accounts.js";
import { OWN_FILE } from "./files.js";
import { posix } from "./status.js";

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
  if (mode !== OWN_FILE && isDefault && !machine) {
    const expected = "0600";
    throw new ShmRangeError(
      `mode goes beyond the user's own directory, which nobody else can reach: expected=${expected} found=${octal(mode)}; ` +
        'use scope: "machine", or a directory that others can reach',
      { field: "mode", expected, found: mode },
    );
  }
  const groups = exceeding(mode) !== 0;
  if (options.group !== undefined && !groups) {
    const expected = "a mode whose group has rights that others have not, such as 0o660";
    throw new ShmRangeError(`group needs ${expected}: found=${octal(mode)}`, { field: "mode", expected, found: mode });
  }
  return {
    uid,
    kind: machine || mode !== OWN_FILE ? "shared" : isDefault ? "private" : "own",
    file: mode,
    directory: machine ? MACHINE_DIRECTORY : directoryMode(mode),
    gid: groups ? idOf("group", options.group ?? process.getegid?.(), groupId) : undefined,
    owner: owner === undefined ? undefined : idOf("owner", owner, userId),
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
  const expected = "at least 0o600, read and write bits alone, and no write without read";
  const found = typeof mode === "number" ? `0o${mode.toString(8)}` : show(mode);
  throw new ShmRangeError(`mode is ${expected}: found=${found}`, { field: "mode", expected, found: mode });
}

function idOf(
  field: "group" | "owner",
  value: unknown,
  lookUp: (name: string) => number | undefined,
): number | undefined {
  const id = typeof value === "string" ? lookUp(value) : value;
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < 0xffff_ffff) return id;
  const file = field === "group" ? "/etc/group" : "/etc/passwd";
  const expected = `a name in ${file}, or a number`;
  const found = show(value);
  throw new ShmRangeError(`${field} is ${expected}: found=${found}`, { field, expected, found: value });
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
  readonly stat: fs.Stats;
  /** Of the directory that it is in. */
  readonly parent: () => fs.Stats;
}

/** @throws ShmError ERR_SHM_PERMISSION when somebody could put files there whom the rights do not let write. */
export function checkFolder(rights: Rights, folder: OpenFolder): void {
  const { path, stat } = folder;
  const { uid, mode, gid } = stat;
  const wanted = (): string => octal(rights.directory);
  const refuse = (what: string, remedy: string, facts = { expected: wanted(), found: octal(mode) }): never => {
    throw refusal("ERR_SHM_PERMISSION", what, { path, ...facts }, remedy);
  };
  if (rights.kind === "dotnet") {
    if ((mode & OWN_DIRECTORY) !== OWN_DIRECTORY) refuse("the directory is closed to its owner", `chmod ${wanted()}`);
    return;
  }
  if (!mayOwnFolder(rights, folder)) {
    const facts = { expected: String(rights.owner ?? rights.uid), found: String(uid) };
    refuse("the directory belongs to another user", "use a directory of your own", facts);
  }
  if (rights.kind === "private" && (mode & SHARED_BITS) !== 0) {
    refuse("others have access to the directory", "chmod 700, or use another one");
  }
  if ((mode & WRITE_BITS & ~rights.directory) !== 0) {
    refuse("others have access to the directory", `chmod ${wanted()}, or use another one`);
  }
  if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0) {
    refuse("everybody can replace files in the directory", "chmod +t, or use another one");
  }
  if ((exceeding(mode) & 2 & ~rights.directory) !== 0 && !isOfGroup(rights, gid)) {
    const facts = { expected: `group ${rights.gid}`, found: `group ${gid}` };
    refuse("another group may write to the directory", "chgrp it, or name that group", facts);
  }
  if (rights.gid !== undefined && givesGroupAway(mode)) {
    refuse("everybody can make files of the directory's group", "chmod g-s, or use another one");
  }
  const needed = openingBits(rights.file);
  if ((mode & needed) !== needed) {
    refuse("the directory keeps out whom mode lets in", `chmod ${wanted()}, or use another one`);
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
  return kind === "private" || kind === "own" || !isAmbiguousUser(found);
}

function isOfGroup({ gid }: Rights, found: number): boolean {
  return found === gid && !isAmbiguousGroup(found);
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
  const remedy = "remove it, or choose another name";
  const stat = posix(status);
  const { uid, gid, mode, nlink } = stat;
  if (!stat.isFile()) {
    throw refusal("ERR_SHM_FOREIGN", "it is not a regular file", { path, found: kindOf(stat) }, remedy);
  }
  const anybody = (rights.file & OTHERS_WRITE) !== 0;
  const ofGroup = (exceeding(rights.file) & 2) !== 0 && isOfGroup(rights, gid);
  if (!isOurs(rights, uid) && !anybody && !ofGroup) {
    const facts = { path, expected: rights.owner ?? rights.uid, found: uid };
    throw refusal("ERR_SHM_PERMISSION", "the region's file belongs to another user", facts, remedy);
  }
  if ((mode & 0o7777 & ~rights.file) !== 0) {
    const expected = octal(rights.file);
    const facts = { path, expected, found: octal(mode) };
    const what = "others have more rights on the region's file than they should have";
    throw refusal("ERR_SHM_PERMISSION", what, facts, `chmod ${expected}, or remove it`);
  }
  if ((exceeding(mode) & ~rights.file) !== 0 && !isOfGroup(rights, gid)) {
    const facts = { path, expected: `group ${rights.gid}`, found: `group ${gid}` };
    throw refusal("ERR_SHM_PERMISSION", "the region's file is shared with another group", facts, remedy);
  }
  if (nlink > 1) {
    const facts = { path, expected: 1, found: nlink };
    throw refusal("ERR_SHM_FOREIGN", "the region's file has hard links, so it has other names", facts, remedy);
  }
}

/** What it is that should be a file. */
export function kindOf(status: FileStatus): string {
  const stat = posix(status);
  if (stat.isDirectory()) return "directory";
  if (stat.isFIFO()) return "FIFO";
  return stat.isSocket() ? "socket" : "device";
}

/** Whether a descriptor's file or directory already is what its maker would have made of it. */
export function isAsMade({ uid, gid, file }: Rights, stat: fs.Stats): boolean {
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

/** A mode as people write it. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
