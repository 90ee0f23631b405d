/** Each row of the table of options, which functions check names by, has the names of their types. `npm run types` compares. */
import type {
  AnonymousOptions,
  AttachOptions,
  WhenAttachedOptions,
  BroadcastReaderOptions,
  CleanOptions,
  CreateOptions,
  CreateUniqueOptions,
  DescriptorOptions,
  DotnetLocationOptions,
  Flyweight,
  FromSharedOptions,
  FromTokenOptions,
  HandOverOptions,
  LeaseOptions,
  ListOptions,
  LocalOptions,
  LockAsyncOptions,
  LockOptions,
  MapSetAsyncOptions,
  MapSetOptions,
  MapUpdateAsyncOptions,
  MapUpdateOptions,
  OnGrowOptions,
  OnPeerDeathOptions,
  OnRemovedOptions,
  OpenOptions,
  PlaceOptions,
  PushAsyncOptions,
  PushOptions,
  ReceiveOptions,
  Region,
  RemoveOptions,
  SeriesOptions,
  SnapshotOptions,
  StableOptions,
  TextOptions,
  ViewOptions,
  WaitAsyncOptions,
  WaitOptions,
  WhenReadyOptions,
} from "@shmgen/runtime";
import type { CheckOptions } from "@shmgen/runtime/doctor";
import type { OPTIONS, Taker } from "../../runtime/dist/runtime/arguments/option-names.js";

/** The names that each row should have. `create` and `createOrOpen` say themselves what `access` can be. */
export interface Expected {
  create: keyof CreateOptions<Flyweight> | "access";
  createOrOpen: keyof CreateOptions<Flyweight> | "access";
  createUnique: keyof CreateUniqueOptions<Flyweight>;
  createLocal: keyof LocalOptions<Flyweight>;
  createAnonymous: keyof AnonymousOptions<Flyweight>;
  open: keyof OpenOptions;
  whenReady: keyof WhenReadyOptions;
  fromToken: keyof FromTokenOptions;
  fromShared: keyof FromSharedOptions;
  attachFd: keyof DescriptorOptions;
  attach: keyof AttachOptions;
  whenAttached: keyof WhenAttachedOptions;
  receiveRegion: keyof ReceiveOptions;
  sendRegion: keyof HandOverOptions;
  listRegions: keyof ListOptions;
  removeRegion: keyof RemoveOptions;
  cleanStale: keyof CleanOptions;
  regionPath: keyof PlaceOptions;
  dotnetLocation: keyof DotnetLocationOptions;
  checkEnvironment: keyof CheckOptions;
  snapshot: keyof SnapshotOptions;
  view: keyof ViewOptions;
  text: keyof TextOptions;
  stable: keyof StableOptions;
  growTail: keyof NonNullable<Parameters<Region["growTail"]>[1]>;
  onGrow: keyof OnGrowOptions;
  onPeerDeath: keyof OnPeerDeathOptions;
  onRemoved: keyof OnRemovedOptions;
  wait: keyof WaitOptions;
  waitAsync: keyof WaitAsyncOptions;
  items: "signal";
  lock: keyof LockOptions;
  lockAsync: keyof LockAsyncOptions;
  set: keyof MapSetOptions;
  setAsync: keyof MapSetAsyncOptions;
  update: keyof MapUpdateOptions<unknown>;
  updateAsync: keyof MapUpdateAsyncOptions<unknown>;
  lease: keyof LeaseOptions<unknown>;
  leaseWait: keyof LeaseOptions<unknown> | keyof WaitOptions;
  leased: keyof LeaseOptions<unknown> | keyof WaitAsyncOptions;
  leasedItems: keyof LeaseOptions<unknown> | "signal";
  push: keyof PushOptions;
  pushAsync: keyof PushAsyncOptions;
  series: keyof SeriesOptions;
  reader: keyof BroadcastReaderOptions;
}

type Names = { [K in Taker]: (typeof OPTIONS)[K][number] };
/** Names that one side has and the other one lacks. */
type Difference = {
  [K in Taker | keyof Expected]:
    | Exclude<K extends keyof Names ? Names[K] : never, K extends keyof Expected ? Expected[K] : never>
    | Exclude<K extends keyof Expected ? Expected[K] : never, K extends keyof Names ? Names[K] : never>;
};

/** `true` where there are none, else the rows with them. */
type Verdict = [Difference[keyof Difference]] extends [never]
  ? true
  : { [K in keyof Difference as [Difference[K]] extends [never] ? never : K]: Difference[K] };
export const namesAreThose: Verdict = true;
