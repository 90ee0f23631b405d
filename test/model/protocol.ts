/**
 * The open/close protocol as generators: each `yield` is one system call or one store, with the name under which
 * docs/PROTOCOL.md lists it. `Rules` is the protocol with one thing changed.
 */
import {
  type Call,
  EEXIST,
  INITIAL_GENERATION,
  ENOENT,
  type Inode,
  LOCK,
  type Lock,
  MAGIC,
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

/** Seeded mistakes; all false is the protocol. */
export interface Rules {
  readonly closesWithoutLifecycleLock: boolean;
  readonly sharesOutsideLifecycleLock: boolean;
  readonly opensBeforeLifecycleLock: boolean;
  readonly doesNotCheckName: boolean;
  readonly unlinksWithoutCheckingName: boolean;
  readonly unlinksWithoutExclusive: boolean;
  readonly storesReadyFirst: boolean;
  readonly doesNotWait: boolean;
  readonly reinitialisesWithoutExclusive: boolean;
  readonly createsWithoutExcl: boolean;
  readonly judgesByPid: boolean;
  readonly asksExclusiveFirst: boolean;
  readonly givesUpOutsideLifecycleLock: boolean;
  readonly waitsUnderLifecycleLock: boolean;
  readonly keepsGeneration: boolean;
  readonly doesNotAnnounce: boolean;
  readonly waitsWithSharedLock: boolean;
  readonly refusesHalfMade: boolean;
  readonly opensLeftOver: boolean;
  readonly initialisesForeign: boolean;
  readonly looksWithoutLifecycleLock: boolean;
  readonly cleansWithoutExclusive: boolean;
  readonly cleansForeign: boolean;
  readonly cleansKept: boolean;
  readonly migratesInPlace: boolean;
  readonly renamesWithoutCheckingName: boolean;
  readonly renamesOutsideLifecycleLock: boolean;
  readonly renamesWithoutLock: boolean;
}

const step = (name: string, call: Call): Step => ({ name, call });

/** The lifecycle lock, waited for with a deadline. */
function* lockLifecycle(prefix: string): Generator<Step, boolean, number> {
  return (yield step(`${prefix}.lockLifecycle`, { call: "lockDirectory" })) !== TIMED_OUT;
}
function* unlockLifecycle(prefix: string, initialises?: number): Generator<Step, void, number> {
  const observed = initialises === undefined ? {} : { initialises };
  yield step(`${prefix}.unlockLifecycle`, { call: "unlockDirectory", ...observed });
}
function* closeFile(prefix: string, fd: number): Generator<Step, void, number> {
  yield step(`${prefix}.closeFile`, { call: "closeFile", fd });
}

/** One flock call on a file that we have locked already: two steps, and a refusal leaves no lock. */
function* convert(name: string, fd: number, lock: Lock, leaving = false): Generator<Step, boolean, number> {
  yield step(`${name} (drops the old lock)`, { call: "dropLock", fd, leaving });
  return (yield step(name, { call: "takeLock", fd, lock })) === 1;
}

/** Who else is there. A shared lock first: to be refused it means that somebody initialises, or is about to leave. */
function* probe(rules: Rules, fd: number, prefix = "open"): Generator<Step, "exclusive" | "shared" | "none", number> {
  const take = (name: string, lock: Lock): Step => step(`${prefix}.${name}`, { call: "takeLock", fd, lock });
  if (rules.asksExclusiveFirst) {
    if ((yield take("tryExclusive", LOCK.exclusive)) === 1) return "exclusive";
    return (yield take("takeShared", LOCK.shared)) === 1 ? "shared" : "none";
  }
  if ((yield take("tryShared", LOCK.shared)) === 0) return "none";
  if (yield* convert(`${prefix}.tryExclusive`, fd, LOCK.exclusive)) return "exclusive";
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

function* someoneInitialises(rules: Rules, mode: Mode, fd: number): Run {
  if (rules.reinitialisesWithoutExclusive && mode !== "open") {
    const header = decodeHeader(yield step("open.readHeader", { call: "readHeader", fd }));
    yield* unlockLifecycle("open", fd);
    return yield* initialise(rules, fd, header.generation, header.size === 0);
  }
  yield* closeFile("open", fd);
  if (rules.waitsUnderLifecycleLock) {
    const waited = yield step("open.waitForInitialiser", { call: "waitForInitialiser" });
    yield* unlockLifecycle("open");
    return { kind: waited === TIMED_OUT ? "NOT_READY" : "retry" };
  }
  yield* unlockLifecycle("open");
  if (mode === "create") return { kind: "EXISTS" };
  const waited = yield step("open.waitForInitialiser", { call: "waitForInitialiser" });
  return { kind: waited === TIMED_OUT ? "NOT_READY" : "retry" };
}

/** With a lock, by the one copy of the header, still under the lifecycle lock. */
function* decide(rules: Rules, mode: Mode, fd: number, lock: "exclusive" | "shared" | "none"): Run {
  const header = decodeHeader(yield step("open.readHeader", { call: "readHeader", fd }));
  const isReady = header.magic === MAGIC.ours && header.state === STATE.ready;
  if (rules.judgesByPid && mode !== "open" && lock === "shared") {
    if ((yield step("open.creatorAlive", { call: "creatorAlive", fd })) === 0) {
      yield* unlockLifecycle("open", fd);
      return yield* initialise(rules, fd, header.generation, false);
    }
  }
  if (lock !== "exclusive") {
    if (mode === "create") return yield* giveUp(rules, fd, { kind: "EXISTS" });
    if (rules.doesNotWait && lock === "none") return yield* opened("opened", fd, header.generation, mode);
    if (isReady) return yield* opened("opened", fd, header.generation, mode);
    if (rules.waitsWithSharedLock) return yield* waitWithLock(fd);
    return yield* giveUp(rules, fd, { kind: rules.refusesHalfMade ? "REFUSED" : "retry" });
  }
  if (header.magic === MAGIC.foreign && !rules.initialisesForeign) return yield* giveUp(rules, fd, { kind: "FOREIGN" });
  if (mode === "open" && !(rules.opensLeftOver && isReady)) return yield* giveUp(rules, fd, { kind: "STALE" });
  if (isReady && mode === "migrate" && header.generation === INITIAL_GENERATION) {
    yield* unlockLifecycle("open", fd);
    if (rules.migratesInPlace) return yield* initialise(rules, fd, header.generation, false);
    return yield* migrate(rules, fd, header.generation + 1, header.kept);
  }
  if (isReady && (mode === "keepOrOpen" || mode === "migrate" || mode === "open")) {
    yield* convert("open.keepShared", fd, LOCK.shared);
    return yield* opened(mode === "open" ? "opened" : "kept", fd, header.generation, mode);
  }
  yield* unlockLifecycle("open", fd);
  return yield* initialise(rules, fd, header.generation, header.size === 0, mode === "keepOrOpen");
}

function* opened(kind: "opened" | "kept", fd: number, generation: number, mode: Mode): Run {
  if (mode !== "keepOrOpen") yield* unlockLifecycle("open");
  else {
    yield step("open.unlockLifecycle", { call: "unlockDirectory", uses: fd });
    yield step("open.markKept", { call: "markKept", fd });
  }
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
  const shared = yield* convert("share.takeShared", fd, LOCK.shared);
  if (underLock) yield* unlockLifecycle("share");
  if (!shared) return yield* undo(fd, true, "BUSY");
  return { kind: blank ? "created" : "reinitialised", fd, generation };
}

/** Under the exclusive lock of the old file, which nobody writes to. The caller's code runs outside the lifecycle lock. */
function* migrate(rules: Rules, old: number, generation: number, kept: boolean): Run {
  if (!(yield* lockLifecycle("migrate"))) return yield* undo(old, false, "BUSY");
  const made = yield step("migrate.make", { call: "createUnnamed" });
  yield* unlockLifecycle("migrate");
  const abandon = function* (kind: Parameters<typeof undo>[2]): Run {
    yield* closeFile("undo", made);
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
  const underLock = !rules.renamesOutsideLifecycleLock;
  if (underLock && !(yield* lockLifecycle("migrate"))) return yield* abandon("BUSY");
  const checks = !rules.renamesWithoutCheckingName;
  if (checks && (yield step("migrate.checkName", { call: "pathNamesFile", fd: old })) === 0) {
    if (underLock) yield* unlockLifecycle("migrate");
    yield* closeFile("undo", made);
    yield* undo(old, false, "BUSY");
    return { kind: "retry" };
  }
  const fd = yield step("migrate.link", { call: "openAgain", fd: made });
  if (!rules.renamesWithoutLock) yield step("migrate.takeShared", { call: "takeLock", fd, lock: LOCK.shared });
  // The lock goes with it: until the rename it is the lifecycle lock that keeps others from the old file.
  yield step("migrate.closeOld", { call: "closeFile", fd: old });
  yield step("migrate.rename", { call: "rename", fd });
  yield step("migrate.closeUnnamed", { call: "closeFile", fd: made });
  if (underLock) yield* unlockLifecycle("migrate");
  if (rules.renamesWithoutLock) yield step("migrate.takeShared", { call: "takeLock", fd, lock: LOCK.shared });
  return { kind: "migrated", fd, generation };
}

/** Lets go of a file that could not be initialised. With `remove`, nothing of the region remains. */
function* undo(fd: number, remove: boolean, kind: "BUSY" | "NO_SPACE" | "INITIALISE_THREW"): Run {
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
  const alone = rules.unlinksWithoutExclusive || (yield* convert("close.tryExclusive", fd, LOCK.exclusive, true));
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
    if (cleans && isNamed && isDead && isOurs && mayGo) yield step("look.unlink", { call: "unlink", cleans: true });
    yield* closeFile("look", fd);
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

export const PROTOCOL: Rules = {
  closesWithoutLifecycleLock: false,
  sharesOutsideLifecycleLock: false,
  opensBeforeLifecycleLock: false,
  doesNotCheckName: false,
  unlinksWithoutCheckingName: false,
  unlinksWithoutExclusive: false,
  storesReadyFirst: false,
  doesNotWait: false,
  reinitialisesWithoutExclusive: false,
  createsWithoutExcl: false,
  judgesByPid: false,
  asksExclusiveFirst: false,
  givesUpOutsideLifecycleLock: false,
  waitsUnderLifecycleLock: false,
  keepsGeneration: false,
  doesNotAnnounce: false,
  waitsWithSharedLock: false,
  refusesHalfMade: false,
  opensLeftOver: false,
  initialisesForeign: false,
  looksWithoutLifecycleLock: false,
  cleansWithoutExclusive: false,
  cleansForeign: false,
  cleansKept: false,
  migratesInPlace: false,
  renamesWithoutCheckingName: false,
  renamesOutsideLifecycleLock: false,
  renamesWithoutLock: false,
};
