/**
 * Linux: flock on open file descriptions. A conversion of a lock is two steps: the old lock is dropped, then the new one is asked for, and a
 * refusal leaves none. A name can be taken away or given to another file whoever has the file open or mapped. Death is one step.
 */
import {
  LOCK,
  type System,
  collect,
  conflicts,
  removeFile,
  unname,
  withFile,
  withInode,
  withProcess,
} from "./kernel.js";

export const LINUX: System = {
  takeLock: (world, pid, fd, lock) =>
    conflicts(world, pid, fd, lock) ? undefined : withFile(world, pid, fd, { lock }),
  withoutLock: () => LOCK.none,
  closeFile: removeFile,
  removeName: (world, name, byOutsider) => [{ world: unname(world, name, byOutsider), done: true }],
  rename: (world, inode) => {
    const freed = world.named === -1 ? world : withInode(world, world.named, { linked: false });
    return [{ world: collect({ ...withInode(freed, inode, { linked: true }), named: inode }), done: true }];
  },
  isBusy: (world, pid, inode) =>
    world.processes.some(
      ({ files }, who) =>
        who !== pid && files.some((file) => file !== undefined && file.inode === inode && file.lock === LOCK.exclusive),
    ),
  crash: (world, pid) => {
    const dead = withProcess(world, pid, { crashed: true, files: [], seen: 0, node: -1 });
    return collect({ ...dead, lifecycle: world.lifecycle === pid ? -1 : world.lifecycle });
  },
  remains: () => [],
};
