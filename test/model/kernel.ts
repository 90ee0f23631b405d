/**
 * A model of what the open/close protocol needs of a kernel: one name in one directory, files, open files with their lock, and the
 * lifecycle lock. Every call is one atomic step. Here is what systems have in common; what they differ in is a {@link System} each:
 * linux-kernel.ts and windows-kernel.ts.
 */

/** `both`: on Windows an open file may have a shared lock beside its exclusive one. */
export const LOCK = { none: 0, shared: 1, exclusive: 2, both: 3 } as const;
export type Lock = (typeof LOCK)[keyof typeof LOCK];

/** Magic of the model: nothing, ours, somebody else's. */
export const MAGIC = { none: 0, ours: 1, foreign: 9 } as const;
/** As in schema/region-format.ts. */
export const STATE = { blank: 0, initialising: 1, ready: 2 } as const;

export const ENOENT = -1;
export const EEXIST = -2;
/** A wait that came to its deadline. */
export const TIMED_OUT = -3;
/** The name is that of a file that is removed, and is still open somewhere. */
export const GOING = -4;
export const REFUSED = -5;

/** Of the region that is there at the start of a scenario. */
export const INITIAL_GENERATION = 3;

/** A file. The data fields hold the generation whose initialisation wrote them; 0 is zeros. */
export interface Inode {
  readonly linked: boolean;
  /** Somebody outside the protocol removed its name. */
  readonly removed: boolean;
  /** Is removed when its last handle closes; until then nobody can open it, and its name is taken. */
  readonly going: boolean;
  /** 0: empty; 1: allocated. */
  readonly size: number;
  readonly magic: number;
  readonly state: number;
  readonly generation: number;
  readonly header: number;
  readonly first: number;
  readonly second: number;
  readonly creator: number;
  /** Says that it is to stay. */
  readonly kept: boolean;
  /** Not in the file: the last generation that became ready. */
  readonly lastReady: number;
}

/** An open file. What stands behind `isMapped` is the observer's, not the kernel's. */
export interface OpenFile {
  readonly inode: number;
  readonly lock: Lock;
  /** Has the lock of who changes the file's locks, which is there on Windows alone. */
  readonly isChanging: boolean;
  readonly isMapped: boolean;
  /** Has decided to initialise the file, and has not stored `ready`. */
  readonly initialising: boolean;
  /** Counts as a user of a complete region. */
  readonly user: boolean;
  /** Generation that its process believes to have open; 0 before the open succeeded and after the close began. */
  readonly owner: number;
  /** Whether that open made the region. */
  readonly made: boolean;
}

/** What the observer remembers of the attempt that a process is making. `dying`: locks of somebody who was killed. */
export const SEEN = { user: 1, initialiser: 2, named: 4, dying: 8 } as const;

export interface Process {
  /** Where it stands: a node of the automaton of its program. */
  readonly node: number;
  readonly crashed: boolean;
  readonly seen: number;
  /** By descriptor number, the lowest free one first. Of who crashed: what the system has not taken from him yet. */
  readonly files: readonly (OpenFile | undefined)[];
}

export interface World {
  /** The inode that the path names, or -1. */
  readonly named: number;
  /** The one with the temporary name of a migration, or -1. */
  readonly temporary: number;
  /** The process that holds the lifecycle lock, or -1. */
  readonly lifecycle: number;
  readonly inodes: readonly (Inode | undefined)[];
  readonly processes: readonly Process[];
}

interface Decided {
  readonly initialises?: number;
  readonly uses?: number;
}

export type Call =
  | { readonly call: "lockDirectory" }
  /** What else it says is no part of the call: it tells the observer that the process has decided to initialise that file, or to use it. */
  | ({ readonly call: "unlockDirectory" } & Decided)
  | { readonly call: "lockChange"; readonly fd: number }
  | ({ readonly call: "unlockChange"; readonly fd: number } & Decided)
  | { readonly call: "open" }
  | { readonly call: "create"; readonly exclusive: boolean }
  /** O_TMPFILE; or, where there is no such, a file of the temporary name, in the place of what is left of that. */
  | { readonly call: "createUnnamed" | "createTemporary" }
  /** An open file of its own, of an open file. `rename` gives it the name, whatever has that. */
  | { readonly call: "openAgain" | "rename"; readonly fd: number }
  | { readonly call: "dropLock"; readonly fd: number; readonly leaving: boolean }
  | { readonly call: "takeLock"; readonly fd: number; readonly lock: Lock }
  | {
      readonly call:
        | "pathNamesFile"
        | "temporaryNamesFile"
        | "readHeader"
        | "creatorAlive"
        | "creatorCrashed"
        | "map"
        | "unmap"
        | "waitForReady"
        | "markKept";
      readonly fd: number;
    }
  /** `removed` is no part of the call: the process says that the file has lost its name. */
  | { readonly call: "closeFile"; readonly fd: number; readonly removed?: boolean }
  | { readonly call: "allocate" | "zero"; readonly fd: number }
  | { readonly call: "store"; readonly fd: number; readonly fields: Partial<Inode>; readonly mayThrow?: boolean }
  /** `cleans` is no part of the call: the observer is told that nobody has asked for this very file to go. */
  | { readonly call: "unlink"; readonly cleans?: boolean }
  | { readonly call: "unlinkTemporary" }
  | { readonly call: "removeByOutsider" }
  | { readonly call: "waitForInitialiser" };

/** What came of a call. Several of them where the outcome is not ours to choose. */
export interface Effect {
  readonly world: World;
  readonly result: number;
  /** A deadline came: no progress may depend on it. */
  readonly gaveUp: boolean;
}

/** What systems differ in. */
export interface System {
  /** Undefined when it is refused. */
  takeLock(world: World, pid: number, fd: number, lock: Lock): World | undefined;
  /** What is left of a lock. */
  withoutLock(lock: Lock): Lock;
  closeFile(world: World, pid: number, fd: number): World;
  /** Each thing that can come of taking a name away. */
  removeName(world: World, name: Name, byOutsider: boolean): readonly Attempt[];
  /** Gives a file the name, whatever has that. */
  rename(world: World, inode: number): readonly Attempt[];
  /** Whether somebody else keeps a process from a file's locks for longer than he has the lifecycle lock. */
  isBusy(world: World, pid: number, inode: number): boolean;
  crash(world: World, pid: number): World;
  /** What the system does of its own, some time after somebody died. */
  remains(world: World): readonly { readonly how: string; readonly world: World }[];
}
export type Name = "named" | "temporary";
export interface Attempt {
  readonly world: World;
  readonly done: boolean;
}

/** Complete, and it says that it is to stay. */
export function isKept({ kept, state, magic }: Pick<Inode, "state" | "magic"> & { kept: boolean }): boolean {
  return kept && state === STATE.ready && magic === MAGIC.ours;
}

/** The copy of a header as one number. */
function encodeHeader({ magic, state, generation, size, kept }: Inode): number {
  return (((generation * 10 + magic) * 10 + state) * 10 + size) * 10 + Number(kept);
}
export function decodeHeader(code: number): {
  size: number;
  state: number;
  magic: number;
  generation: number;
  kept: boolean;
} {
  const digit = (power: number): number => Math.floor(code / power) % 10;
  const generation = Math.floor(code / 10000);
  return { kept: digit(1) === 1, size: digit(10), state: digit(100), magic: digit(1000), generation };
}

export class ModelError extends Error {}

export function inodeOf(world: World, index: number): Inode {
  const inode = world.inodes[index];
  if (inode === undefined) throw new ModelError(`no inode ${index}`);
  return inode;
}
export function processOf(world: World, pid: number): Process {
  const process = world.processes[pid];
  if (process === undefined) throw new ModelError(`no process ${pid}`);
  return process;
}
export function fileOf(world: World, pid: number, fd: number): OpenFile {
  const file = processOf(world, pid).files[fd];
  if (file === undefined) throw new ModelError(`process ${pid} has no descriptor ${fd}`);
  return file;
}

export const EMPTY: Inode = {
  linked: true,
  removed: false,
  going: false,
  size: 0,
  magic: 0,
  state: 0,
  generation: 0,
  header: 0,
  first: 0,
  second: 0,
  creator: -1,
  kept: false,
  lastReady: 0,
};

export function withInode(world: World, index: number, change: Partial<Inode>): World {
  const inodes = [...world.inodes];
  inodes[index] = { ...inodeOf(world, index), ...change };
  return { ...world, inodes };
}
export function withProcess(world: World, pid: number, change: Partial<Process>): World {
  const processes = [...world.processes];
  processes[pid] = { ...processOf(world, pid), ...change };
  return { ...world, processes };
}
export function withFile(world: World, pid: number, fd: number, change: Partial<OpenFile>): World {
  const files = [...processOf(world, pid).files];
  files[fd] = { ...fileOf(world, pid, fd), ...change };
  return withProcess(world, pid, { files });
}

/** Descriptors of all processes, with whose they are. */
export function openFiles(world: World): { readonly pid: number; readonly fd: number; readonly file: OpenFile }[] {
  const all = [];
  for (let pid = 0; pid < world.processes.length; pid += 1) {
    const { files } = processOf(world, pid);
    for (let fd = 0; fd < files.length; fd += 1) {
      const file = files[fd];
      if (file !== undefined) all.push({ pid, fd, file });
    }
  }
  return all;
}

const UNUSED: Omit<OpenFile, "inode"> = {
  lock: LOCK.none,
  isChanging: false,
  isMapped: false,
  initialising: false,
  user: false,
  owner: 0,
  made: false,
};

function addFile(world: World, pid: number, inode: number): { world: World; fd: number } {
  const files = [...processOf(world, pid).files];
  let fd = 0;
  while (files[fd] !== undefined) fd += 1;
  files[fd] = { ...UNUSED, inode };
  return { world: withProcess(world, pid, { files }), fd };
}

/** Frees inodes that have neither name nor descriptor, so that equal worlds look equal. */
export function collect(world: World): World {
  const isUsed = (index: number): boolean =>
    world.named === index ||
    world.temporary === index ||
    world.processes.some(({ files }) => files.some((file) => file !== undefined && file.inode === index));
  if (world.inodes.every((inode, index) => inode === undefined || isUsed(index))) return world;
  const inodes = world.inodes.map((inode, index) => (isUsed(index) ? inode : undefined));
  while (inodes.length > 0 && inodes.at(-1) === undefined) inodes.pop();
  return { ...world, inodes };
}

export function removeFile(world: World, pid: number, fd: number): World {
  const files = [...processOf(world, pid).files];
  files[fd] = undefined;
  while (files.length > 0 && files.at(-1) === undefined) files.pop();
  return collect(withProcess(world, pid, { files }));
}

/** Whether another open file of the same file has a lock that excludes this one. */
export function conflicts(world: World, pid: number, fd: number, lock: Lock): boolean {
  const { inode } = fileOf(world, pid, fd);
  for (const other of openFiles(world)) {
    if (other.file.inode !== inode || (other.pid === pid && other.fd === fd)) continue;
    if (other.file.lock >= LOCK.exclusive) return true;
    if (other.file.lock === LOCK.shared && lock === LOCK.exclusive) return true;
  }
  return false;
}

/** The name leads nowhere any more. */
export function unname(world: World, name: Name, byOutsider = false): World {
  if (world[name] === -1) return world;
  const gone = withInode(world, world[name], { linked: false, removed: byOutsider });
  return collect({ ...gone, [name]: -1 });
}

/** What can come of a call now. While it has to wait that is only the end of its patience. */
export function perform(system: System, world: World, pid: number, call: Call): Effect[] {
  const all = (attempts: readonly Attempt[]): Effect[] =>
    attempts.map(({ world: next, done }) => ({ world: next, result: done ? 1 : 0, gaveUp: false }));
  const one = (next: World, result = 1): Effect[] => [{ world: next, result, gaveUp: false }];
  const waits = (ready: boolean, next: World): Effect[] =>
    ready ? one(next) : [{ world, result: TIMED_OUT, gaveUp: true }];
  switch (call.call) {
    case "lockDirectory":
      return waits(world.lifecycle === -1, { ...world, lifecycle: pid });
    case "unlockDirectory": {
      const unlocked = { ...world, lifecycle: world.lifecycle === pid ? -1 : world.lifecycle };
      return one(decided(unlocked, pid, call));
    }
    case "lockChange": {
      const { inode } = fileOf(world, pid, call.fd);
      if (openFiles(world).some(({ file }) => file.inode === inode && file.isChanging)) return one(world, 0);
      return one(withFile(world, pid, call.fd, { isChanging: true }));
    }
    case "unlockChange":
      return one(decided(withFile(world, pid, call.fd, { isChanging: false }), pid, call));
    case "waitForInitialiser": {
      const { named } = world;
      if (named === -1 || !(inodeOf(world, named).going || system.isBusy(world, pid, named))) return one(world);
      // As long as somebody uses what an outsider has removed, its name may be taken: then that is what the caller is told.
      return [{ world, result: TIMED_OUT, gaveUp: !inodeOf(world, named).removed }];
    }
    case "waitForReady":
      return waits(inodeOf(world, fileOf(world, pid, call.fd).inode).state === STATE.ready, world);
    case "open": {
      if (world.named === -1) return one(world, ENOENT);
      if (inodeOf(world, world.named).going) return one(world, GOING);
      const opened = addFile(world, pid, world.named);
      return one(opened.world, opened.fd);
    }
    case "create":
      return create(world, pid, call.exclusive);
    case "createTemporary":
      return createTemporary(system, world, pid);
    case "createUnnamed": {
      const added = addInode(world, { ...EMPTY, linked: false });
      const made = addFile(added.world, pid, added.index);
      return one(made.world, made.fd);
    }
    case "openAgain": {
      const opened = addFile(world, pid, fileOf(world, pid, call.fd).inode);
      return one(opened.world, opened.fd);
    }
    case "rename":
      return all(system.rename(world, fileOf(world, pid, call.fd).inode));
    case "dropLock": {
      const { user, lock } = fileOf(world, pid, call.fd);
      return one(withFile(world, pid, call.fd, { lock: system.withoutLock(lock), user: user && !call.leaving }));
    }
    case "takeLock": {
      const locked = system.takeLock(world, pid, call.fd, call.lock);
      return locked === undefined ? one(world, 0) : one(locked);
    }
    case "closeFile": {
      const { inode } = fileOf(world, pid, call.fd);
      if (call.removed === true && world.named === inode && !inodeOf(world, inode).going)
        throw new ModelError("a file that has its name is said to be removed");
      return one(system.closeFile(world, pid, call.fd));
    }
    case "pathNamesFile":
      return one(world, namesIt(world, fileOf(world, pid, call.fd).inode) ? 1 : 0);
    case "temporaryNamesFile":
      return one(world, namesIt(world, fileOf(world, pid, call.fd).inode, "temporary") ? 1 : 0);
    case "readHeader":
      return one(world, encodeHeader(inodeOf(world, fileOf(world, pid, call.fd).inode)));
    case "creatorAlive": {
      const { creator } = inodeOf(world, fileOf(world, pid, call.fd).inode);
      return one(world, world.processes[creator]?.crashed === false ? 1 : 0);
    }
    case "creatorCrashed": {
      const { creator } = inodeOf(world, fileOf(world, pid, call.fd).inode);
      return one(world, world.processes[creator]?.crashed === true ? 1 : 0);
    }
    case "map":
      return one(withFile(world, pid, call.fd, { isMapped: true }));
    case "unmap":
      return one(withFile(world, pid, call.fd, { owner: 0, made: false, isMapped: false }));
    case "allocate": {
      const allocated = withFile(change(world, pid, call.fd, { size: 1 }), pid, call.fd, { isMapped: true });
      return [...one(allocated), { world, result: 0, gaveUp: false }];
    }
    case "zero":
      return one(change(world, pid, call.fd, { header: 0, first: 0, second: 0, kept: false }));
    case "store": {
      const stored = one(change(world, pid, call.fd, call.fields));
      return call.mayThrow === true ? [...stored, { world, result: 0, gaveUp: false }] : stored;
    }
    case "markKept":
      return one(withInode(world, fileOf(world, pid, call.fd).inode, { kept: true }));
    case "unlink":
      if (call.cleans === true && world.named !== -1 && isKept(inodeOf(world, world.named)))
        throw new ModelError("a region that is to stay is cleaned away");
      if (world.named !== -1 && inodeOf(world, world.named).magic === MAGIC.foreign)
        throw new ModelError("a foreign file is removed");
      return all(system.removeName(world, "named", false));
    case "unlinkTemporary":
      return all(system.removeName(world, "temporary", false));
    case "removeByOutsider":
      return all(system.removeName(world, "named", true));
  }
}

function decided(world: World, pid: number, { uses, initialises }: Decided): World {
  if (uses !== undefined) return withFile(world, pid, uses, { user: true });
  return initialises === undefined ? world : withFile(world, pid, initialises, { initialising: true });
}

/** Whether the path leads to the file. */
export function namesIt(world: World, inode: number, name: Name = "named"): boolean {
  return world[name] === inode && !inodeOf(world, inode).going;
}

function create(world: World, pid: number, exclusive: boolean): Effect[] {
  if (world.named !== -1) {
    if (inodeOf(world, world.named).going) return [{ world, result: GOING, gaveUp: false }];
    if (exclusive) return [{ world, result: EEXIST, gaveUp: false }];
    const { world: opened, fd } = addFile(world, pid, world.named);
    const truncated = change(opened, pid, fd, { ...EMPTY, lastReady: inodeOf(world, world.named).lastReady });
    return [{ world: truncated, result: fd, gaveUp: false }];
  }
  const { world: added, index } = addInode(world, EMPTY);
  const made = addFile({ ...added, named: index }, pid, index);
  return [{ world: made.world, result: made.fd, gaveUp: false }];
}

/** What is left of that name goes first. Where it cannot, nothing is made. */
function createTemporary(system: System, world: World, pid: number): Effect[] {
  const freed = world.temporary === -1 ? [{ world, done: true }] : system.removeName(world, "temporary", false);
  return freed.map(({ world: next }) => {
    if (next.temporary !== -1) return { world: next, result: REFUSED, gaveUp: false };
    const { world: added, index } = addInode(next, EMPTY);
    const made = addFile({ ...added, temporary: index }, pid, index);
    return { world: made.world, result: made.fd, gaveUp: false };
  });
}

function addInode(world: World, inode: Inode): { readonly world: World; readonly index: number } {
  let index = 0;
  while (world.inodes[index] !== undefined) index += 1;
  const inodes = [...world.inodes];
  inodes[index] = inode;
  return { world: { ...world, inodes }, index };
}

/** A change of the file's content: the observer notes who is at it, and when a generation becomes ready. */
function change(world: World, pid: number, fd: number, fields: Partial<Inode>): World {
  const { inode } = fileOf(world, pid, fd);
  const before = inodeOf(world, inode);
  const isReady = fields.state === STATE.ready;
  const generation = fields.generation ?? before.generation;
  if (isReady && generation <= before.lastReady) {
    throw new ModelError(`generation ${generation} became ready after generation ${before.lastReady}`);
  }
  const changed = withInode(world, inode, {
    ...fields,
    ...(isReady && { lastReady: generation }),
    ...(fields.state === STATE.initialising && { creator: pid }),
  });
  return withFile(changed, pid, fd, { initialising: !isReady, user: isReady });
}

const bit = (flag: boolean): number => (flag ? 1 : 0);

/** Equal worlds have equal keys, and only they. */
export function keyOf({ named, temporary, lifecycle, inodes, processes }: World): string {
  let key = String.fromCharCode(named + 2 + 16 * (temporary + 1), lifecycle + 2, inodes.length);
  for (const inode of inodes) {
    if (inode === undefined) {
      key += "-";
      continue;
    }
    const { linked, removed, going, size, state, magic } = inode;
    const { generation, header, first, second, creator, kept, lastReady } = inode;
    if (generation > GENERATION_MAX) throw new ModelError(`generation ${generation}`);
    key += String.fromCharCode(
      256 + bit(linked) + 2 * bit(removed) + 4 * size + 8 * state + 32 * magic + 512 * bit(going),
      generation + 16 * (header + 16 * (first + 16 * second)),
      creator + 1 + 8 * lastReady + 1024 * bit(kept),
    );
  }
  for (const { node, crashed, seen, files } of processes) {
    if (node > 0xffff_fffe) throw new ModelError(`node ${node}`);
    key += String.fromCharCode((node + 1) >>> 16, (node + 1) & 0xffff, seen + 16 * bit(crashed) + 32 * files.length);
    for (const file of files) key += file === undefined ? "-" : String.fromCharCode(256 + fileBits(file));
  }
  return key;
}

const GENERATION_MAX = 15;

function fileBits({ inode, lock, isChanging, isMapped, initialising, user, made, owner }: OpenFile): number {
  const flags = bit(initialising) + 2 * bit(user) + 4 * bit(made) + 8 * bit(isChanging) + 16 * bit(isMapped);
  return flags + 32 * (lock + 4 * (inode + 8 * owner));
}
