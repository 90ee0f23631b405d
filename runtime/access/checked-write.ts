/**
 * How several values are written, all or none, whatever they come from. First everything is read, once, into copies of our own,
 * and tried on private memory; after that come the stores, and nothing of the caller's is read any more. So a source may be the
 * very memory that is written, through whichever handle or mapping, and a getter or an iterator may do what it likes.
 */

/** "trying": on private memory, inside of another write. "storing": what is given has been read and tried. */
type Stage = "idle" | "trying" | "storing";

let stage: Stage = "idle";

const NOTHING = Symbol("nothing");
/** The copy that a setter on private memory made of what it was given, for the one who called the setter. */
let readCopy: unknown = NOTHING;

export function isTrying(): boolean {
  return stage === "trying";
}

export function isStoring(): boolean {
  return stage === "storing";
}

/** `tryAll` writes to private memory, `storeAll` what it has read. For writes that are not part of another one. */
export function tryThenStore(tryAll: () => void, storeAll: () => void): void {
  try {
    stage = "trying";
    tryAll();
    stage = "storing";
    storeAll();
  } finally {
    stage = "idle";
    readCopy = NOTHING;
  }
}

/** Runs what may be code of the caller's: writes that it makes are writes of their own. */
export function readFrom<T>(read: () => T): T {
  const before = stage;
  stage = "idle";
  try {
    return read();
  } finally {
    stage = before;
  }
}

/** Leaves the copy that a setter made for {@link takeCopy}. */
export function leaveCopy(copy: unknown): void {
  readCopy = copy;
}

/** What has to be stored for `value` after a setter was tried with it: a copy, if it made one. */
export function takeCopy(value: unknown): unknown {
  if (readCopy === NOTHING) return value;
  const copy = readCopy;
  readCopy = NOTHING;
  return copy;
}
