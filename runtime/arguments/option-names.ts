/**
 * Who takes which options. One table for all functions and methods, so that a name that nobody knows, or nobody here, is refused and not
 * overlooked. test/types/options.test-d.ts holds each row against the type of the options.
 */
const PLACE = ["scope", "directory", "mode", "group", "owner", "allowUntrustedFileSystem"] as const;
const WAITING = ["timeoutMs", "onWait"] as const;
const GIVEN = [
  ...(["scope", "mode", "group", "owner", "allowUntrustedFileSystem"] as const),
  ...WAITING,
  ...(["cleanup", "mapping", "maxTail", "access"] as const),
] as const;
const OPEN = [...GIVEN, "directory"] as const;
const UNIQUE = [...PLACE, ...WAITING, "cleanup", "mapping", "maxTail", "initialise", "tailLength"] as const;
const LEASE = ["maxAttempts", "failed"] as const;

/** By what takes them. Of `access`, `create` and `createOrOpen` say themselves what it can be. */
export const OPTIONS = {
  create: [...UNIQUE, "onStale", "migrate", "access"],
  createOrOpen: [...UNIQUE, "onStale", "migrate", "access"],
  createUnique: UNIQUE,
  createLocal: ["initialise", "tailLength", "maxTail", "label"],
  createAnonymous: [...PLACE, "initialise", "tailLength", "maxTail", "mapping", "label"],
  open: OPEN,
  whenReady: [...OPEN, "signal"],
  fromToken: GIVEN,
  fromShared: ["timeoutMs", "access"],
  attachFd: GIVEN,
  /** Whatever is attached of other programs. */
  attach: ["mapping", "access", "offset", "length"],
  whenAttached: ["mapping", "access", "offset", "length", "timeoutMs", "signal"],
  receiveRegion: [...GIVEN, "signal", "allowOtherUsers"],
  sendRegion: ["timeoutMs", "signal", "allowOtherUsers"],
  listRegions: [...PLACE, "timeoutMs"],
  removeRegion: [...PLACE, ...WAITING, "force"],
  cleanStale: [...PLACE, ...WAITING, "dryRun", "includeKept"],
  regionPath: PLACE,
  dotnetLocation: ["scope", "userScope"],
  checkEnvironment: ["directory", "only", "root"],
  snapshot: ["bigint"],
  view: ["offset", "length", "access"],
  text: ["length", "encoding"],
  stable: ["timeoutMs"],
  growTail: ["timeoutMs"],
  onGrow: ["onError", "signal"],
  onPeerDeath: ["onError", "signal"],
  onRemoved: ["onError", "signal"],
  /** All methods of containers that wait and block, and those that do not block. */
  wait: ["timeoutMs"],
  waitAsync: ["timeoutMs", "signal"],
  /** Iterations. */
  items: ["signal"],
  lock: ["timeoutMs", "repair", "onAbandoned"],
  lockAsync: ["timeoutMs", "repair", "onAbandoned", "signal"],
  set: ["timeoutMs", "ttlMs", "evict"],
  setAsync: ["timeoutMs", "ttlMs", "evict", "signal"],
  update: ["timeoutMs", "ttlMs", "evict", "initial"],
  updateAsync: ["timeoutMs", "ttlMs", "evict", "initial", "signal"],
  lease: LEASE,
  leaseWait: [...LEASE, "timeoutMs"],
  leased: [...LEASE, "timeoutMs", "signal"],
  leasedItems: [...LEASE, "signal"],
  push: ["timeoutMs", "kind"],
  pushAsync: ["timeoutMs", "kind", "signal"],
  series: ["help", "onDeath"],
  reader: ["from"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A row of {@link OPTIONS}. */
export type Taker = keyof typeof OPTIONS;
