/** The protocol with one mistake each. The model has to catch every one, for the reason that is named here. */
import type { Rules } from "./rules.js";

export interface Mutant {
  readonly name: string;
  readonly rules: Partial<Rules>;
  /** Part of what the model has to say. */
  readonly caughtBy: RegExp;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "close takes no lifecycle lock",
    rules: { closesWithoutLifecycleLock: true },
    caughtBy: /the dead left was opened/,
  },
  {
    name: "the initialiser goes from exclusive to shared outside the lifecycle lock",
    rules: { sharesOutsideLifecycleLock: true },
    caughtBy: /the header is not ready/,
  },
  {
    name: "the name is not checked after locking, and the file is opened before the lifecycle lock",
    rules: { doesNotCheckName: true, opensBeforeLifecycleLock: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "the name is not checked after locking, and somebody removes the file",
    rules: { doesNotCheckName: true },
    caughtBy: /never named/,
  },
  {
    name: "close unlinks without checking that the path still names its file",
    rules: { unlinksWithoutCheckingName: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "close unlinks without the exclusive lock",
    rules: { unlinksWithoutExclusive: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "ready is stored before the payload",
    rules: { storesReadyFirst: true },
    caughtBy: /payload's first half was written by/,
  },
  {
    name: "an opener does not wait for the initialiser",
    rules: { doesNotWait: true },
    caughtBy: /its file is empty|the file is at generation/,
  },
  {
    name: "a region that is not ready is initialised without the exclusive lock",
    rules: { reinitialisesWithoutExclusive: true },
    caughtBy: /two processes initialise/,
  },
  {
    name: "create opens with O_TRUNC instead of O_EXCL",
    rules: { createsWithoutExcl: true },
    caughtBy: /two processes initialise|is empty/,
  },
  {
    name: "stale is judged by the creator's pid instead of by the lock",
    rules: { judgesByPid: true },
    caughtBy: /open region is initialised/,
  },
  {
    name: "openers ask for the exclusive lock first, then for the shared one",
    rules: { asksExclusiveFirst: true },
    caughtBy: /the dead left was opened/,
  },
  {
    name: "an opener that gives up drops its lock outside the lifecycle lock",
    rules: { givesUpOutsideLifecycleLock: true },
    caughtBy: /EXISTS/,
  },
  {
    name: "openers ask for the exclusive lock first, and refuse what is half-made behind a shared one",
    rules: { asksExclusiveFirst: true, refusesHalfMade: true },
    caughtBy: /refused although nobody was in its way/,
  },
  {
    name: "an opener waits for the initialiser with the lifecycle lock in its hand",
    rules: { waitsUnderLifecycleLock: true },
    caughtBy: /everybody waits/,
  },
  {
    name: "an opener that got a shared lock on a half-made region keeps it while it waits for ready",
    rules: { asksExclusiveFirst: true, waitsWithSharedLock: true },
    caughtBy: /everybody waits/,
  },
  {
    name: "a reinitialisation keeps the generation",
    rules: { keepsGeneration: true },
    caughtBy: /became ready after generation/,
  },
  {
    name: "a reinitialisation is not announced",
    rules: { doesNotAnnounce: true },
    caughtBy: /was written by/,
  },
  {
    name: "open takes over what the dead left",
    rules: { opensLeftOver: true },
    caughtBy: /the dead left was opened/,
  },
  {
    name: "a foreign file is initialised",
    rules: { initialisesForeign: true },
    caughtBy: /foreign file was changed/,
  },
  {
    name: "who lists or cleans tries the lock without the lifecycle lock",
    rules: { looksWithoutLifecycleLock: true },
    caughtBy: /EXISTS|the dead left was opened/,
  },
  {
    name: "a cleaner unlinks without the exclusive lock",
    rules: { cleansWithoutExclusive: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "a cleaner does not look at the magic",
    rules: { cleansForeign: true },
    caughtBy: /a foreign file is removed/,
  },
  {
    name: "a cleaner does not look whether the region is to stay",
    rules: { cleansKept: true },
    caughtBy: /to stay is cleaned away/,
  },
  {
    name: "a migration changes the old file in place",
    rules: { migratesInPlace: true },
    caughtBy: /neither the old region nor the new one/,
  },
  {
    name: "a migration renames without checking that the path still names the old file",
    rules: { renamesWithoutCheckingName: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "a migration checks the name and renames outside the lifecycle lock",
    rules: { renamesOutsideLifecycleLock: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "a migrated region gets its lock after its name",
    rules: { renamesWithoutLock: true },
    caughtBy: /an open region is initialised/,
  },
];

/** What is no mistake there: EX becomes SH in one step, a new file has its lock from the beginning, and no name goes to another file while it is used. */
const HARMLESS_ON_WINDOWS: ReadonlySet<keyof Rules> = new Set([
  "sharesOutsideLifecycleLock",
  "renamesWithoutLock",
  "renamesWithoutCheckingName",
]);

/** Those of all systems, which other steps may show first there. */
export const COMMON_ON_WINDOWS: readonly Mutant[] = MUTANTS.filter(
  ({ rules }) => !Object.keys(rules).every((rule) => HARMLESS_ON_WINDOWS.has(rule as keyof Rules)),
).map(({ name, rules }) => ({ name, rules, caughtBy: /./ }));

export const MUTANTS_ON_WINDOWS: readonly Mutant[] = [
  {
    name: "the locks of a killed process are taken for gone all at once: no lock of changes",
    rules: { probesWithoutChangeLock: true },
    caughtBy: /the dead left was opened/,
  },
  {
    name: "the exclusive lock is asked for beside the shared one, which is refused for ever",
    rules: { upgradesWithoutUnlocking: true },
    caughtBy: /goes round for ever/,
  },
  {
    name: "the lock of an initialiser who was killed is taken for gone while it is there",
    rules: { takesLockOfDeadForGone: true },
    caughtBy: /two processes initialise|never named|header is not ready/,
  },
  {
    name: "EX becomes SH by an unlock and a lock, outside the lifecycle lock",
    rules: { sharesByUnlocking: true, sharesOutsideLifecycleLock: true },
    caughtBy: /the header is not ready|path does not name it any more/,
  },
  {
    name: "close asks for the exclusive lock outside the lifecycle lock",
    rules: { closesWithoutLifecycleLock: true },
    caughtBy: /EXISTS/,
  },
  {
    name: "a migration renames while it has the old file open, and takes the refusal for done",
    rules: { renamesBeforeClosingOld: true, takesRefusalForRename: true },
    caughtBy: /path does not name it any more/,
  },
  {
    name: "a cleaner takes a refused removal for done",
    rules: { takesRefusalForRemoval: true },
    caughtBy: /is said to be removed/,
  },
];
