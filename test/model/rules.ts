/** The protocol, and what can be changed in it. */

/** Seeded mistakes; all false is the protocol. */
export interface Rules {
  readonly system: "linux" | "windows";
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
  readonly upgradesWithoutUnlocking: boolean;
  readonly sharesByUnlocking: boolean;
  readonly probesWithoutChangeLock: boolean;
  readonly renamesBeforeClosingOld: boolean;
  readonly takesRefusalForRename: boolean;
  readonly takesRefusalForRemoval: boolean;
  readonly takesLockOfDeadForGone: boolean;
}

export const PROTOCOL: Rules = {
  system: "linux",
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
  upgradesWithoutUnlocking: false,
  sharesByUnlocking: false,
  probesWithoutChangeLock: false,
  renamesBeforeClosingOld: false,
  takesRefusalForRename: false,
  takesRefusalForRemoval: false,
  takesLockOfDeadForGone: false,
};

export const ON_WINDOWS: Rules = { ...PROTOCOL, system: "windows" };
