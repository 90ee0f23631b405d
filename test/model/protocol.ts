/**
 * The open/close protocol as generators: each `yield` is one system call or one store, with the name under which
 * docs/PROTOCOL.md lists it. `Rules` is the protocol with one thing changed.
 */
import type { Rules } from "./rules.js";
import {
  type Call,
  EEXIST,
  GOING,
  INITIAL_GENERATION,
  ENOENT,
  type Inode,
  LOCK,
  type Lock,
  MAGIC,
  REFUSED,
  STATE,
  TIMED_OUT,
  decodeHeader,
  isKept,
} from "./kernel.js";

export interface Step {
  readonly name: string;
  readonly call: Call;
}

export type Outcome =
  | { readonly kind: "retry" }
  | { readonly kind: "closed" }
  | {
      readonly kind: "opened" | "kept" | "created" | "reinitialised" | "migrated";
      readonly fd: number;
      readonly generation: number;
    }
  | {
      readonly kind:
        | "BUSY"
        | "EXISTS"
        | "NOT_FOUND"
        | "STALE"
        | "FOREIGN"
        | "NOT_READY"
        | "REFUSED"
        | "NO_SPACE"
        | "INITIALISE_THREW";
    };

export type Run = Generator<Step, Outcome, number>;

/**
 * `keepOrOpen` is createOrOpen with onStale "keep" and cleanup "keep"; `migrate` the same with a migration, for which a region of the generation that
 * a scenario begins with is one of the version that it comes from; `closeAndKeep` is close with cleanup "keep"; `remove` is rm; `look` is what a
 * list does with each file, and `clean` what takes away what the dead left.
 */
export type Operation =
  | "createOrOpen"
  | "keepOrOpen"
  | "migrate"
  | "create"
  | "open"
  | "close"
  | "closeAndKeep"
  | "remove"
  | "look"
  | "clean";

const step = (name: string, call: Call): Step => ({ name, call });

/** The lifecycle lock, waited for with a deadline. */
function* lockLifecycle(prefix: string): Generator<Step, boolean, number> {
  return (yield step(`${prefix}.lockLifecycle`, { call: "lockDirectory" })) !== TIMED_OUT;
}
function* unlockLifecycle(prefix: string): Generator<Step, void, number> {
  yield step(`${prefix}.unlockLifecycle`, { call: "unlockDirectory" });
}

/** Whether whoever changes a file's locks says so by one more lock of the same handle, which is there as long as any of them. */
function locksChanges({ system, probesWithoutChangeLock }: Rules): boolean {
  return system === "windows" && !probesWithoutChangeLock;
}

/** Gives up the lifecycle lock, and keeps the file with the lock that it has. */
function* keepFile(rules: Rules, fd: number, as: "initialises" | "uses"): Generator<Step, void, number> {
  if (locksChanges(rules)) yield step("open.unlockChange", { call: "unlockChange", fd, [as]: fd });
  yield step("open.unlockLifecycle", { call: "unlockDirectory", [as]: fd });
}

function* closeFile(prefix: string, fd: number): Generator<Step, void, number> {
  yield step(`${prefix}.closeFile`, { call: "closeFile", fd });
}

/** Another lock for a file that we have locked already: two steps, and a refusal leaves no lock. */
function* convert(name: string, fd: number, lock: Lock, leaving = false): Generator<Step, boolean, number> {
  yield step(`${name} (drops the old lock)`, { call: "dropLock", fd, leaving });
  return (yield step(name, { call: "takeLock", fd, lock })) === 1;
}

/** SH -> EX. */
function* toExclusive(rules: Rules, name: string, fd: number, leaving = false): Generator<Step, boolean, number> {
  if (!rules.upgradesWithoutUnlocking) return yield* convert(name, fd, LOCK.exclusive, leaving);
  return (yield step(name, { call: "takeLock", fd, lock: LOCK.exclusive })) === 1;
}

/** EX -> SH. On Windows without a moment in between: a shared lock beside the exclusive one, which is dropped then. */
function* toShared({ system, sharesByUnlocking }: Rules, name: string, fd: number): Generator<Step, boolean, number> {
  if (system === "linux" || sharesByUnlocking) return yield* convert(name, fd, LOCK.shared);
  if ((yield step(name, { call: "takeLock", fd, lock: LOCK.shared })) === 0) return false;
  yield step(`${name} (drops the exclusive lock)`, { call: "dropLock", fd, leaving: false });
  return true;
}

/** Who else is there. A shared lock first: to be refused it means that somebody initialises, or is about to leave. */
function* probe(rules: Rules, fd: number, prefix = "open"): Generator<Step, "exclusive" | "shared" | "none", number> {
  const take = (name: string, lock: Lock): Step => step(`${prefix}.${name}`, { call: "takeLock", fd, lock });
  if (locksChanges(rules) && (yield step(`${prefix}.lockChange`, { call: "lockChange", fd })) === 0) return "none";
  if (rules.asksExclusiveFirst) {
    if ((yield take("tryExclusive", LOCK.exclusive)) === 1) return "exclusive";
    return (yield take("takeShared", LOCK.shared)) === 1 ? "shared" : "none";
  }
  if ((yield take("tryShared", LOCK.shared)) === 0) return "none";
  if (yield* toExclusive(rules, `${prefix}.tryExclusive`, fd)) return "exclusive";
  if (rules.upgradesWithoutUnlocking) return "shared";
  // Granted for certain: whoever refused us the exclusive lock had a shared one, and nobody changes locks but us.
  return (yield take("takeShared", LOCK.shared)) === 1 ? "shared" : "none";
}

type Mode = "createOrOpen" | "keepOrOpen" | "migrate" | "create" | "open";

/** One attempt to open; `retry` begins another one. */
function* open(rules: Rules, mode: Mode): Run {
  let fd = ENOENT;
  if (rules.opensBeforeLifecycleLock) fd = yield step("open.openFile", { call: "open" });
  if (!(yield* lockLifecycle("open"))) {
    if (fd >= 0) yield* closeFile("open", fd);
    return { kind: "BUSY" };
  }
  if (!rules.opensBeforeLifecycleLock) fd = yield step("open.openFile", { call: "open" });
  const mayCreate = mode !== "open";
  const truncates = rules.createsWithoutExcl && mode === "create";
  if (fd >= 0 && truncates) {
    yield* closeFile("open", fd);
    fd = ENOENT;
  }
  if (fd === ENOENT && mayCreate) fd = yield step("open.createFile", { call: "create", exclusive: !truncates });
  if (fd === EEXIST) {
    yield* unlockLifecycle("open");
    return { kind: "retry" };
  }
  if (fd === GOING) {
    yield* unlockLifecycle("open");
    return yield* waitForInitialiser();
  }
  if (fd === ENOENT) {
    yield* unlockLifecycle("open");
    return { kind: "NOT_FOUND" };
  }
  const lock = yield* probe(rules, fd);
  if (!rules.doesNotCheckName && (yield step("open.checkName", { call: "pathNamesFile", fd })) === 0) {
    yield* closeFile("open", fd);
    yield* unlockLifecycle("open");
    return { kind: "retry" };
  }
  if (lock === "none" && !rules.doesNotWait) return yield* someoneInitialises(rules, mode, fd);
  return yield* decide(rules, mode, fd, lock);
}

function* waitForInitialiser(): Run {
  const waited = yield step("open.waitForInitialiser", { call: "waitForInitialiser" });
  return { kind: waited === TIMED_OUT ? "NOT_READY" : "retry" };
}

function* someoneInitialises(rules: Rules, mode: Mode, fd: number): Run {
  if (rules.reinitialisesWithoutExclusive && mode !== "open") {
    const header = decodeHeader(yield step("open.readHeader", { call: "readHeader", fd }));
    yield* keepFile(rules, fd, "initialises");
    return yield* initialise(rules, fd, header.generation, header.size === 0);
  }
  if (rules.takesLockOfDeadForGone && (yield step("open.creatorCrashed", { call: "creatorCrashed", fd })) === 1) {
    const header = decodeHeader(yield step("open.readHeader", { call: "readHeader", fd }));
    yield* keepFile(rules, fd, "initialises");
    return yield* initialise(rules, fd, header.generation, header.size === 0);
  }
  yield* closeFile("open", fd);
  if (rules.waitsUnderLifecycleLock) {
    const waited = yield step("open.waitForInitialiser", { call: "waitForInitialiser" });
    yield* unlockLifecycle("open");
    return { kind: waited === TIMED_OUT ? "NOT_READY" : "retry" };
  }
  yield* unlockLifecycle("open");
  return mode === "create" ? { kind: "EXISTS" } : yield* waitForInitialiser();
}

/** With a lock, by the one copy of the header, still under the lifecycle lock. */
function* decide(rules: Rules, mode: Mode, fd: number, lock: "exclusive" | "shared" | "none"): Run {
  const header = decodeHeader(yield step("open.readHeader", { call: "readHeader", fd }));
  const isReady = header.magic === MAGIC.ours && header.state === STATE.ready;
  if (rules.judgesByPid && mode !== "open" && lock === "shared") {
    if ((yield step("open.creatorAlive", { call: "creatorAlive", fd })) === 0) {
      yield* keepFile(rules, fd, "initialises");
      return yield* initialise(rules, fd, header.generation, false);
    }
  }
  if (lock !== "exclusive") {
    if (mode === "create") return yield* giveUp(rules, fd, { kind: "EXISTS" });
    if (rules.doesNotWait && lock === "none") return yield* opened(rules, "opened", fd, header.generation, mode);
    if (isReady) return yield* opened(rules, "opened", fd, header.generation, mode);
    if (rules.waitsWithSharedLock) return yield* waitWithLock(fd);
    return yield* giveUp(rules, fd, { kind: rules.refusesHalfMade ? "REFUSED" : "retry" });
  }
  if (header.magic === MAGIC.foreign && !rules.initialisesForeign) return yield* giveUp(rules, fd, { kind: "FOREIGN" });
  if (mode === "open" && !(rules.opensLeftOver && isReady)) return yield* giveUp(rules, fd, { kind: "STALE" });
  if (isReady && mode === "migrate" && header.generation === INITIAL_GENERATION) {
    yield* keepFile(rules, fd, "initialises");
    if (rules.migratesInPlace) return yield* initialise(rules, fd, header.generation, false);
    return yield* migrate(rules, fd, header.generation + 1, header.kept);
  }
  if (isReady && (mode === "keepOrOpen" || mode === "migrate" || mode === "open")) {
    yield* toShared(rules, "open.keepShared", fd);
    return yield* opened(rules, mode === "open" ? "opened" : "kept", fd, header.generation, mode);
  }
  yield* keepFile(rules, fd, "initialises");
  return yield* initialise(rules, fd, header.generation, header.size === 0, mode === "keepOrOpen");
}

function* opened(rules: Rules, kind: "opened" | "kept", fd: number, generation: number, mode: Mode): Run {
  yield* keepFile(rules, fd, "uses");
  yield step("open.map", { call: "map", fd });
  if (mode === "keepOrOpen") yield step("open.markKept", { call: "markKept", fd });
  return { kind, fd, generation };
}

/** Lets go of a file that we do not open after all. */
function* giveUp(rules: Rules, fd: number, outcome: Outcome): Run {
  if (rules.givesUpOutsideLifecycleLock) {
    yield* unlockLifecycle("open");
    yield* closeFile("open", fd);
    return outcome;
  }
  yield* closeFile("open", fd);
  yield* unlockLifecycle("open");
  return outcome;
}

/** The mistake of waiting for `ready` with a lock that keeps everybody from initialising. */
function* waitWithLock(fd: number): Run {
  yield* unlockLifecycle("open");
  const waited = yield step("open.waitForReady", { call: "waitForReady", fd });
  if (waited === TIMED_OUT) {
    yield* closeFile("open", fd);
    return { kind: "NOT_READY" };
  }
  const { generation } = decodeHeader(yield step("open.readHeader", { call: "readHeader", fd }));
  return { kind: "opened", fd, generation };
}

/** Under the exclusive lock, outside the lifecycle lock. */
function* initialise(rules: Rules, fd: number, before: number, blank: boolean, kept = false): Run {
  const generation = rules.keepsGeneration ? Math.max(1, before) : before + 1;
  const store = (name: string, fields: Partial<Inode>): Step => step(name, { call: "store", fd, fields });
  // What fails before anything was stored leaves an older region as it was.
  if ((yield step("initialise.allocate", { call: "allocate", fd })) === 0) return yield* undo(fd, blank, "NO_SPACE");
  if (!rules.doesNotAnnounce) yield store("initialise.announceState", { state: STATE.initialising });
  yield store("initialise.announceGeneration", { generation });
  yield store("initialise.announceMagic", { magic: MAGIC.ours });
  if (!blank) yield step("initialise.zero", { call: "zero", fd });
  yield store("initialise.fillHeader", { header: generation, kept });
  if (rules.storesReadyFirst) yield store("initialise.markReady", { state: STATE.ready });
  yield store("initialise.payload (first half)", { first: generation });
  const second: Call = { call: "store", fd, fields: { second: generation }, mayThrow: true };
  if ((yield step("initialise.payload (second half)", second)) === 0) return yield* undo(fd, true, "INITIALISE_THREW");
  if (!rules.storesReadyFirst || rules.doesNotAnnounce) yield store("initialise.markReady", { state: STATE.ready });
  const underLock = !rules.sharesOutsideLifecycleLock;
  if (underLock && !(yield* lockLifecycle("share"))) return yield* undo(fd, true, "BUSY");
  const shared = yield* toShared(rules, "share.takeShared", fd);
  if (underLock) yield* unlockLifecycle("share");
  if (!shared) return yield* undo(fd, true, "BUSY");
  return { kind: blank ? "created" : "reinitialised", fd, generation };
}

/**
 * Under the exclusive lock of the old file, which nobody writes to. The caller's code runs outside the lifecycle lock. On Windows there are no files
 * without a name: the new one has a temporary one, and its shared lock, from the beginning.
 */
function* migrate(rules: Rules, old: number, generation: number, kept: boolean): Run {
  const isNamed = rules.system === "windows";
  if (!(yield* lockLifecycle("migrate"))) return yield* undo(old, false, "BUSY");
  const made = yield step("migrate.make", { call: isNamed ? "createTemporary" : "createUnnamed" });
  const canBeMade = made !== REFUSED;
  if (isNamed && canBeMade) yield step("migrate.takeShared", { call: "takeLock", fd: made, lock: LOCK.shared });
  yield* unlockLifecycle("migrate");
  if (!canBeMade) return yield* undo(old, false, "BUSY");
  yield step("migrate.mapOld", { call: "map", fd: old });
  const abandon = function* (kind: Parameters<typeof undo>[2]): Run {
    yield* undoNew(made, isNamed);
    return yield* undo(old, false, kind);
  };
  const store = (name: string, fields: Partial<Inode>, mayThrow = false): Step =>
    step(name, { call: "store", fd: made, fields, mayThrow });
  if ((yield step("migrate.allocate", { call: "allocate", fd: made })) === 0) return yield* abandon("NO_SPACE");
  const header = { state: STATE.initialising, generation, magic: MAGIC.ours, header: generation, kept };
  yield store("migrate.fillHeader", header);
  yield store("migrate.move (first half)", { first: generation });
  if ((yield store("migrate.move (second half)", { second: generation }, true)) === 0)
    return yield* abandon("INITIALISE_THREW");
  yield store("migrate.markReady", { state: STATE.ready });
  yield step("migrate.unmap", { call: "unmap", fd: made });
  yield step("migrate.unmap (the old one)", { call: "unmap", fd: old });
  const underLock = !rules.renamesOutsideLifecycleLock;
  if (underLock && !(yield* lockLifecycle("migrate"))) return yield* abandon("BUSY");
  const checks = !rules.renamesWithoutCheckingName;
  const check = function* (name: string, call: Call): Generator<Step, boolean, number> {
    return !checks || (yield step(name, call)) === 1;
  };
  const isOld = yield* check("migrate.checkName", { call: "pathNamesFile", fd: old });
  const isNew = !isNamed || (yield* check("migrate.checkTemporary", { call: "temporaryNamesFile", fd: made }));
  if (!isOld || !isNew) {
    if (underLock) yield* unlockLifecycle("migrate");
    yield* undoNew(made, isNamed);
    yield* undo(old, false, "BUSY");
    return { kind: "retry" };
  }
  const fd = isNamed ? made : yield step("migrate.link", { call: "openAgain", fd: made });
  if (!isNamed && !rules.renamesWithoutLock)
    yield step("migrate.takeShared", { call: "takeLock", fd, lock: LOCK.shared });
  yield step("migrate.map", { call: "map", fd });
  // The lock goes with it: until the rename it is the lifecycle lock that keeps others from the old file.
  const closeOld = step("migrate.closeOld", { call: "closeFile", fd: old });
  if (!rules.renamesBeforeClosingOld) yield closeOld;
  const isDone = (yield step("migrate.rename", { call: "rename", fd })) === 1 || rules.takesRefusalForRename;
  if (rules.renamesBeforeClosingOld) yield closeOld;
  if (!isNamed) yield step("migrate.closeUnnamed", { call: "closeFile", fd: made });
  if (underLock) yield* unlockLifecycle("migrate");
  if (!isDone) {
    // Somebody who was killed has the old file open yet.
    yield* undoNew(fd, isNamed);
    return { kind: "BUSY" };
  }
  if (rules.renamesWithoutLock) yield step("migrate.takeShared", { call: "takeLock", fd, lock: LOCK.shared });
  return { kind: "migrated", fd, generation };
}

/** Lets go of the new file of a migration, with the temporary name that it may have. */
function* undoNew(fd: number, isNamed: boolean): Generator<Step, void, number> {
  yield step("undo.unmap", { call: "unmap", fd });
  const locks = isNamed && (yield* lockLifecycle("undo"));
  // Somebody who migrates what has taken the old file's place has taken the temporary name, too.
  if (locks && (yield step("undo.checkTemporary", { call: "temporaryNamesFile", fd })) === 1)
    yield step("undo.unlinkTemporary", { call: "unlinkTemporary" });
  yield* closeFile("undo", fd);
  if (locks) yield* unlockLifecycle("undo");
}

/** Lets go of a file that could not be initialised. With `remove`, nothing of the region remains. */
function* undo(fd: number, remove: boolean, kind: "BUSY" | "NO_SPACE" | "INITIALISE_THREW"): Run {
  yield step("undo.unmap", { call: "unmap", fd });
  if (yield* lockLifecycle("undo")) {
    // We have it already, so that this is no conversion; unless a peer that breaks the rules took it from us.
    const alone = remove && (yield step("undo.tryExclusive", { call: "takeLock", fd, lock: LOCK.exclusive })) === 1;
    if (alone && (yield step("undo.checkName", { call: "pathNamesFile", fd })) === 1) {
      yield step("undo.unlink", { call: "unlink" });
    }
    yield* closeFile("undo", fd);
    yield* unlockLifecycle("undo");
  } else {
    yield* closeFile("undo", fd);
  }
  return { kind };
}

function* close(rules: Rules, fd: number): Run {
  yield step("close.unmap", { call: "unmap", fd });
  const locks = !rules.closesWithoutLifecycleLock;
  if (locks && !(yield* lockLifecycle("close"))) {
    // At the worst the file stays, and the next open makes the region anew.
    yield* closeFile("close", fd);
    return { kind: "closed" };
  }
  // Refused by locks of somebody who was killed: who cannot look whether he is the last one leaves the file.
  const mayLook = !locksChanges(rules) || (yield step("close.lockChange", { call: "lockChange", fd })) === 1;
  const alone =
    rules.unlinksWithoutExclusive || (mayLook && (yield* toExclusive(rules, "close.tryExclusive", fd, true)));
  if (alone) {
    const checks = !rules.unlinksWithoutCheckingName;
    if (!checks || (yield step("close.checkName", { call: "pathNamesFile", fd })) === 1) {
      yield step("close.unlink", { call: "unlink" });
    }
  }
  yield* closeFile("close", fd);
  if (locks) yield* unlockLifecycle("close");
  return { kind: "closed" };
}

/** As one does who says no earlier that the region is to stay. */
function* closeAndKeep(fd: number): Run {
  yield step("close.markKept", { call: "markKept", fd });
  yield step("close.unmap", { call: "unmap", fd });
  yield* closeFile("close", fd);
  return { kind: "closed" };
}

/** Looks at the file, and takes it away if it is ours and nobody has it. Lets go of it in the same hold of the lock. */
function* look(rules: Rules, cleans: boolean): Run {
  const locks = !rules.looksWithoutLifecycleLock;
  if (locks && !(yield* lockLifecycle("look"))) return { kind: "BUSY" };
  const fd = yield step("look.openFile", { call: "open" });
  if (fd >= 0) {
    const lock = yield* probe(rules, fd, "look");
    const header = decodeHeader(yield step("look.readHeader", { call: "readHeader", fd }));
    const isNamed = (yield step("look.checkName", { call: "pathNamesFile", fd })) === 1;
    const isDead = lock === "exclusive" || rules.cleansWithoutExclusive;
    const isOurs = header.magic !== MAGIC.foreign || rules.cleansForeign;
    const mayGo = !isKept(header) || rules.cleansKept;
    const goes = cleans && isNamed && isDead && isOurs && mayGo;
    const isGone = goes && (yield step("look.unlink", { call: "unlink", cleans: true })) === 1;
    const removed = isGone || (goes && rules.takesRefusalForRemoval);
    yield step("look.closeFile", { call: "closeFile", fd, removed });
  }
  if (locks) yield* unlockLifecycle("look");
  return { kind: "closed" };
}

function* remove(): Run {
  yield step("outsider.remove", { call: "removeByOutsider" });
  return { kind: "closed" };
}

/** Begins an attempt at an operation. `fd` is what a close closes. */
export function begin(rules: Rules, operation: Operation, fd: number): Run {
  switch (operation) {
    case "close":
      return close(rules, fd);
    case "closeAndKeep":
      return closeAndKeep(fd);
    case "remove":
      return remove();
    case "look":
    case "clean":
      return look(rules, operation === "clean");
    default:
      return open(rules, operation);
  }
}
