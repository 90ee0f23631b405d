/**
 * Windows: locks of single bytes by LockFileEx, which belong to the handle, and a lifecycle lock on a file of its own.
 *
 *   locks      no exclusive lock for a handle that has a shared one. A shared one beside an exclusive one is granted, and an unlock drops
 *              the exclusive one first. All locks of a handle go with it, in one step; a mapping keeps none.
 *   death      what a process had goes some time later: the lifecycle lock, and of each file the locks, each in a step of the system's own.
 *              Whoever asks meanwhile meets the dead as if they lived. When its handles and mappings went shows where that counts, which
 *              is below: whatever may be there or not there yet, both can come of an attempt.
 *   removing   may be refused while anybody has the file mapped. Otherwise the name is free at once, whoever has it open: it gets another
 *              one first. Outsiders remove by the plain call: where that leaves the name until the last handle closes, nobody can open or
 *              make what has it.
 *   renaming   over a file that somebody has mapped is refused; over one that is only open it may be.
 */
import {
  type Attempt,
  LOCK,
  ModelError,
  type Name,
  type OpenFile,
  type System,
  type World,
  collect,
  conflicts,
  fileOf,
  inodeOf,
  openFiles,
  processOf,
  removeFile,
  unname,
  withFile,
  withInode,
  withProcess,
} from "./kernel.js";

interface Users {
  readonly areThere: boolean;
  readonly haveItMapped: boolean;
  /** Of somebody who was killed, which may be there or not. */
  readonly mayBeThere: boolean;
  readonly mayHaveItMapped: boolean;
}

function usersOf(world: World, inode: number): Users {
  const all = openFiles(world).filter(({ file }) => file.inode === inode);
  const dead = all.filter(({ pid }) => processOf(world, pid).crashed);
  const live = all.filter(({ pid }) => !processOf(world, pid).crashed);
  return {
    areThere: live.length > 0,
    haveItMapped: live.some(({ file }) => file.isMapped),
    mayBeThere: dead.length > 0,
    mayHaveItMapped: dead.some(({ file }) => file.isMapped),
  };
}

const isLocked = ({ lock, isChanging }: OpenFile): boolean => lock !== LOCK.none || isChanging;

/** Handles and mappings of the dead that can be met by nobody any more. */
function forget(world: World): World {
  let next = world;
  for (const { pid, fd, file } of openFiles(world)) {
    const isNamed = file.inode === world.named || file.inode === world.temporary;
    if (processOf(world, pid).crashed && !isNamed && !isLocked(file)) next = removeFile(next, pid, fd);
  }
  return next;
}

/** A handle closes, and with it goes what waited for the last one to close. */
function closeFile(world: World, pid: number, fd: number): World {
  const { inode } = fileOf(world, pid, fd);
  const closed = removeFile(world, pid, fd);
  const file = closed.inodes[inode];
  if (file?.going !== true || openFiles(closed).some((other) => other.file.inode === inode)) return closed;
  return unname(closed, closed.named === inode ? "named" : "temporary", file.removed);
}

function removeName(world: World, name: Name, byOutsider: boolean): Attempt[] {
  const inode = world[name];
  if (inode === -1) return [{ world, done: true }];
  const { areThere, haveItMapped, mayBeThere, mayHaveItMapped } = usersOf(world, inode);
  const refused = { world, done: false };
  if (inodeOf(world, inode).going) return [refused];
  if (haveItMapped) return [{ world: forget(unname(world, name, byOutsider)), done: true }, refused];
  const attempts = [{ world: forget(unname(world, name, byOutsider)), done: true }];
  if (byOutsider && (areThere || mayBeThere))
    attempts.push({ world: withInode(world, inode, { going: true, removed: byOutsider }), done: true });
  return mayHaveItMapped ? [...attempts, refused] : attempts;
}

function rename(world: World, inode: number): Attempt[] {
  const old = world.named;
  const refused = { world, done: false };
  if (world.temporary !== inode) throw new ModelError("another file has the temporary name");
  const freed = old === -1 ? world : withInode(world, old, { linked: false });
  const done = { world: forget(collect({ ...freed, named: inode, temporary: -1 })), done: true };
  if (old === -1) return [done];
  const { areThere, haveItMapped, mayBeThere } = usersOf(world, old);
  if (inodeOf(world, old).going || haveItMapped) return [refused];
  return areThere || mayBeThere ? [done, refused] : [done];
}

/** Nothing is taken from who dies, yet. What he was doing he does no more. */
function crash(world: World, pid: number): World {
  let next = withProcess(world, pid, { crashed: true, seen: 0, node: -1 });
  for (const [fd, file] of processOf(world, pid).files.entries()) {
    if (file === undefined) continue;
    const hasLock = file.lock !== LOCK.none;
    const { initialising, user } = file;
    const left = { owner: 0, made: false, initialising: initialising && hasLock, user: user && hasLock };
    next = withFile(next, pid, fd, left);
  }
  return forget(next);
}

function remains(world: World): { how: string; world: World }[] {
  const steps: { how: string; world: World }[] = [];
  const { lifecycle } = world;
  if (lifecycle !== -1 && processOf(world, lifecycle).crashed)
    steps.push({ how: `the lifecycle lock of ${lifecycle + 1} goes`, world: { ...world, lifecycle: -1 } });
  for (const { pid, fd, file } of openFiles(world)) {
    if (!processOf(world, pid).crashed) continue;
    const whose = `of file ${fd} of ${pid + 1}`;
    if (isLocked(file)) {
      const unlocked = { lock: LOCK.none, isChanging: false, initialising: false, user: false };
      steps.push({ how: `the locks ${whose} go`, world: forget(withFile(world, pid, fd, unlocked)) });
    } else if (inodeOf(world, file.inode).going) {
      steps.push({ how: `the handle ${whose} closes`, world: closeFile(world, pid, fd) });
    }
  }
  return steps;
}

export const WINDOWS: System = {
  takeLock: (world, pid, fd, lock) => {
    const own = fileOf(world, pid, fd).lock;
    // Whoever has the exclusive lock knows that, and does not ask for it.
    if (lock === LOCK.exclusive && own >= LOCK.exclusive) return world;
    if ((lock === LOCK.exclusive && own !== LOCK.none) || conflicts(world, pid, fd, lock)) return undefined;
    return withFile(world, pid, fd, { lock: own === LOCK.exclusive ? LOCK.both : lock });
  },
  withoutLock: (lock) => (lock === LOCK.both ? LOCK.shared : LOCK.none),
  closeFile,
  removeName,
  rename,
  isBusy: (world, pid, inode) =>
    openFiles(world).some(
      (other) =>
        other.pid !== pid && other.file.inode === inode && (other.file.lock >= LOCK.exclusive || other.file.isChanging),
    ),
  crash,
  remains,
};
