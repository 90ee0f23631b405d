/** What must hold in every state, and of every outcome. */
import {
  INITIAL_GENERATION,
  LOCK,
  MAGIC,
  SEEN,
  STATE,
  type World,
  inodeOf,
  namesIt,
  openFiles,
  processOf,
  withProcess,
} from "./kernel.js";
import type { Outcome } from "./protocol.js";

/** What the observer sees of others during an attempt: whether the file that it has open has users, or is being made. */
export function observe(world: World): World {
  let next = world;
  for (const { pid, fd, file } of openFiles(world)) {
    if (file.user || file.owner !== 0) continue;
    let { seen } = processOf(next, pid);
    if (file.lock !== LOCK.none && world.named === file.inode) seen |= SEEN.named;
    for (const other of openFiles(world)) {
      if ((other.pid === pid && other.fd === fd) || other.file.inode !== file.inode) continue;
      if (other.file.user) seen |= SEEN.user;
      if (other.file.initialising) seen |= SEEN.initialiser;
      const isLocked = other.file.lock !== LOCK.none || other.file.isChanging;
      if (isLocked && processOf(world, other.pid).crashed) seen |= SEEN.dying;
    }
    if (seen !== processOf(next, pid).seen) next = withProcess(next, pid, { seen });
  }
  return next;
}

/** What is wrong in a state, or undefined. */
export function check(world: World): string | undefined {
  const makers = new Set<number>();
  const initialisers = new Set<number>();
  for (const { pid, file } of openFiles(world)) {
    const inode = inodeOf(world, file.inode);
    // Who was killed stores nothing any more, whatever locks there are of him.
    if (file.initialising && !processOf(world, pid).crashed) {
      if (initialisers.has(file.inode)) return "two processes initialise one file";
      initialisers.add(file.inode);
    }
    if (file.owner === 0) continue;
    const { magic, state, generation, header, first, second, size, removed } = inode;
    const who = `process ${pid + 1} has generation ${file.owner} open, and`;
    if (size === 0) return `${who} its file is empty`;
    if (generation !== file.owner) return `${who} the file is at generation ${generation}`;
    if (state !== STATE.ready || magic !== MAGIC.ours) return `${who} the header is not ready: state ${state}`;
    const written = { header, "payload's first half": first, "payload's second half": second };
    for (const [part, by] of Object.entries(written)) {
      if (by !== file.owner) return `${who} its ${part} was written by generation ${by}`;
    }
    if (!namesIt(world, file.inode) && !removed) return `${who} the path does not name it any more`;
    if (file.made) {
      if (makers.has(file.inode)) return "two processes believe to have made one generation";
      makers.add(file.inode);
    }
  }
  const foreign = world.inodes[0];
  if (foreign?.magic === MAGIC.foreign && (foreign.state !== STATE.ready || foreign.first !== INITIAL_GENERATION)) {
    return "a foreign file was changed";
  }
  for (const { file } of openFiles(world)) {
    if (initialisers.has(file.inode) && file.owner !== 0) return "an open region is initialised";
  }
  return undefined;
}

/** Where nobody takes a region away or makes it anew, its path names a complete one at every instant. */
export function checkKept(world: World): string | undefined {
  const inode = world.named === -1 ? undefined : inodeOf(world, world.named);
  if (inode === undefined) return "the path names nothing any more";
  const { magic, state, generation, first, second } = inode;
  const isWhole = magic === MAGIC.ours && state === STATE.ready && first === generation && second === generation;
  return isWhole ? undefined : "the path names neither the old region nor the new one, complete";
}

/** What is wrong with an outcome, given what was there to be seen during the attempt. */
export function checkOutcome(outcome: Outcome, seen: number): string | undefined {
  // Whoever was killed counts as being there until the system has dropped his locks.
  if (outcome.kind === "EXISTS" && (seen & (SEEN.user | SEEN.initialiser | SEEN.dying)) === 0) {
    return "create said EXISTS, but during the call nobody used or made the region";
  }
  if (outcome.kind === "REFUSED") return "an opener was refused although nobody was in its way";
  if (!("fd" in outcome)) return undefined;
  if (outcome.kind === "opened" && (seen & SEEN.user) === 0) {
    return "a region that the dead left was opened as it is: during the call nobody else had it open";
  }
  if ((seen & SEEN.named) === 0) return "opened a file that its path never named while it was locked";
  return undefined;
}
