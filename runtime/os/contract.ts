/**
 * What a platform guarantees. in: nothing but types. out: one interface for each guarantee, with what it is worth to the protocol, how
 * much of it is one step that nobody sees half done, and which step of test/model/kernel.ts it is ("Step"). `os/linux` fulfils them,
 * `os/index.ts` chooses, test/contract proves them. Another platform is another folder that fulfils the same.
 *
 * All functions throw ShmError with the code, `errno`, `syscall` and `path` that errors.ts describes. `path` is for people: what
 * is opened may be reached through a descriptor, whose path would tell them nothing. Reasons (`"ENOENT"`) are those of Node, which
 * gives all systems the same ones. Functions, not methods: callers bind them statically, so that a call costs nothing.
 */
import type {
  AddressRange,
  DirectoryPlace,
  EventWaits,
  FileAccess,
  FileId,
  FileOrigin,
  FileStatus,
  ForeignDescriptor,
  FutexWord,
  LockHolder,
  LockedDescriptors,
  MapRequest,
  Mapping,
  Message,
  NameEntry,
  NamelessMemory,
  OpenDirectory,
  Peer,
  PreparedListener,
  ProcessStamp,
  ProcessState,
  Reasons,
  Rights,
  RightsOptions,
  Search,
  SegmentStatus,
  WaitEvents,
  WaitResult,
} from "./types.js";

export type * from "./types.js";

/**
 * A file that can be locked shared and exclusively, and so tells whether anybody else has it. The lock belongs to the open file, not
 * to the process: two opens of one process exclude each other, and it goes with the last descriptor however its holder ends,
 * also by a kill or a crash. That is the whole of the liveness proof. Another platform may lock a range (LockFileEx, which is dropped
 * with the handle); a lock by process (POSIX fcntl) is none, because any close drops it.
 */
export interface FileLocks {
  /** Step takeLock. Never waits. False when somebody has the exclusive lock. Atomic, unless it replaces an exclusive lock. */
  tryShared(fd: number, path: string): boolean;
  /** Step takeLock. Never waits. False when anybody else has a lock; a shared lock that we had may be gone then. */
  tryExclusive(fd: number, path: string): boolean;
  /** Step dropLock. */
  unlock(fd: number, path: string): void;
}

/**
 * Locks on single bytes of a file, also beyond its end, each of which one open file has at most. As {@link FileLocks} they belong to the
 * open file and end with its last descriptor, and they do not touch the locks of the whole file. The liveness of participants rests on
 * them. Where descriptors are handed on, both have the lock; a mapping that was made through the descriptor keeps it as well.
 */
export interface RangeLocks {
  /** Steps claim.lock and recover.lock of test/model/participants.ts. Never waits. False when another open file has it. The descriptor has to be open for writing. */
  tryLockByte(fd: number, byte: bigint, path: string): boolean;
  /** Step claim.isLocked. Whether another open file than this one has it. */
  isByteLocked(fd: number, byte: bigint, path: string): boolean;
  /** Steps claim.unlock and recover.unlock. */
  unlockByte(fd: number, byte: bigint, path: string): void;
}

/** Open files: what is asked of a descriptor holds for the very file, whatever happens to its name. All are close-on-exec. */
export interface OpenFiles {
  /** Step open. Never follows a link in the last part, never waits for the other end of a pipe. */
  openFile(file: string, access: FileAccess, path: string): number;
  /** As openFile. Undefined for the given reasons. */
  tryOpenFile(file: string, access: FileAccess, path: string, reasons: Reasons): number | undefined;
  /** To look only: leaves no trace in the file's times where that can be had. Undefined where it may not be, or has gone. */
  openForReading(file: string, path: string): number | undefined;
  /** A file that is not ours: links are followed, since its owner says where it is. */
  openForeignFile(path: string, access: FileAccess): number;
  /** Step openAgain: another open file of the same file, with a lock of its own. */
  reopen(fd: number, access: FileAccess, path: string): number;
  /** As reopen. Undefined for the given reasons. */
  tryReopen(fd: number, access: FileAccess, path: string, reasons: Reasons): number | undefined;
  /** Step closeFile. Drops the lock of an open file whose last descriptor it was. There is nothing to report and to retry. */
  closeQuietly(fd: number): void;
  /** What fstat tells. */
  identify(fd: number, path: string): FileStatus;
  /** Undefined when the number is that of no open file. */
  identifyIfOpen(fd: number, path: string): FileStatus | undefined;
  /** Bytes. */
  sizeOf(fd: number, path: string): number;
  /** Step readHeader. A copy of at most `length` bytes, shorter at the file's end. Not atomic: what is in it is judged. */
  readAt(fd: number, offset: number, length: number, path: string): Uint8Array;
  writeAt(fd: number, offset: number, bytes: Uint8Array, path: string): void;
  /** When it returns, a crash of the machine takes nothing of the file away. Nothing to do for memory. */
  flush(fd: number, path: string): void;
  /** Whether the descriptor, and not only its file, lets us write. */
  isWritable(fd: number, path: string): boolean;
  /** What an open file is, and what name it has or had. */
  originOf(fd: number, path: string): FileOrigin;
}

/**
 * Names in directories, made, replaced and taken away in one step each: whoever looks finds the old file, the new one, or none. Also of
 * files that others have open, which Windows does with POSIX semantics only (FILE_RENAME_POSIX_SEMANTICS, FILE_DISPOSITION_POSIX_SEMANTICS).
 */
export interface Names {
  /** Step pathNamesFile, when compared with `identify`. Of the name itself, without following a link; undefined when it is free. */
  statOf(file: string, path?: string): FileStatus | undefined;
  /** As statOf, of what links lead to; undefined as well where the way to it is closed or gone. */
  statOfTarget(file: string): FileStatus | undefined;
  /** As statOf, of the directory's `file`, and in a third of the time: no path is walked. */
  statIn(directory: OpenDirectory): FileStatus | undefined;
  /** As statOf, but undefined as well where the way to it is closed or gone. */
  statIfReachable(file: string, path: string): FileStatus | undefined;
  /** Why no file can be called so, though it would be a name of a region; undefined for a name that can be had. */
  unusableName(name: string): string | undefined;
  /** Whether a path leads anywhere, through links too. Never throws. */
  isThere(path: string): boolean;
  namesIn(directory: string, path: string): NameEntry[];
  /** None where there is no such directory. */
  namesIfThere(directory: string): NameEntry[];
  /** Step create, exclusive. For its owner alone. @throws ShmError ERR_SHM_EXISTS */
  createFile(file: string, path: string): number;
  /** Step createUnnamed: a file that can get a name, and goes with its last descriptor if it gets none. Undefined without such. */
  createUnnamed(directory: string, path: string): number | undefined;
  /** Gives a file of createUnnamed its name, unless that is taken or the directory gone: then false. Never replaces. */
  nameFile(fd: number, to: string, path: string): boolean;
  /** Step rename: the name leads to the other file from one moment to the next. We have closed the one that had it. `remedy` as for deleteName. */
  replaceName(from: string, to: string, path: string, remedy: string): void;
  /**
   * Step unlink. Those who have the file open keep it. With `remedy`, a name that only another user may take away is refused with who
   * that is: "let user 4711 or root <remedy>".
   */
  deleteName(file: string, path: string, remedy?: string): void;
  /** As deleteName; nothing to do when it is free. */
  deleteNameIfPresent(file: string, path: string, remedy?: string): void;
}

/**
 * Who owns this, and who may use it. One rule: nobody can write, or put another file in the place of one, whom the options do
 * not let write. Windows has to say it with owners and access lists; what it cannot say it has to refuse in `rightsOf`.
 */
export interface Ownership {
  /** The user that the process acts for. -1 where there are no users. */
  ownUser(): number;
  /** `isDefault`: in the user's own directory, which nobody else can reach. @throws ShmRangeError */
  rightsOf(options: RightsOptions, machine: boolean, isDefault: boolean): Rights;
  /** What .NET's shared memory manager gives its files, and demands of them. */
  dotnetRights(userScope: boolean): Rights;
  /** Whether both accept the same files and directories. */
  isSame(a: Rights, b: Rights): boolean;
  /** Judges what `identify` said, so nothing can change in between. @throws ShmError ERR_SHM_FOREIGN, ERR_SHM_PERMISSION */
  checkFile(rights: Rights, status: FileStatus, path: string): void;
  /** What it is that should be a file: `"FIFO"`. */
  kindOf(status: FileStatus): string;
  /** Gives a new file its group and mode. */
  applyFileRights(fd: number, rights: Rights, path: string): void;
  /** Gives a file of ours that is made anew the rights of a new one. */
  renewFileRights(fd: number, rights: Rights, path: string): void;
  /** Mends a file that its maker left without rights for himself when he died. False when there was nothing to mend. */
  regainFile(file: string, rights: Rights): boolean;
  /** Why a dead file is not taken away as one of ours: another user's, or, where `isEmpty`, not made like one. */
  ownershipObstacle(status: FileStatus, rights: Rights, isEmpty: boolean): string | undefined;
  /**
   * Step create, for a region: it has its rights before anybody can find it under its name, or is its owner's alone until then.
   * "taken" when the name is, or the directory has gone.
   */
  makeFile(directory: OpenDirectory, rights: Rights, path: string): number | "taken";
}

/**
 * Directories of regions. Opened once, and everything below goes through the descriptor: whoever moves another directory to the path
 * meanwhile changes nothing for us. The lifecycle lock is `tryExclusive` on it (steps lockDirectory and unlockDirectory), with the
 * deadline of place/lifecycle.ts. A platform that cannot lock a directory locks a file in it that nobody removes.
 */
export interface Directories {
  /** The directory of a scope. */
  defaultDirectory(scope: "user" | "session" | "machine", rights: Rights): string;
  /** Makes it where that is wanted, with its rights, all or nothing. Undefined when it is missing and not to be made. */
  openDirectory(place: DirectoryPlace, create: boolean, check?: boolean): OpenDirectory | undefined;
  /** With the lifecycle lock in hand. "gone": the locked directory was removed. "missing": the folder is, and is not to be made. */
  openFolder(
    place: DirectoryPlace,
    lock: OpenDirectory,
    create: boolean,
    check?: boolean,
  ): OpenDirectory | "gone" | "missing";
  /** Removes the place's folder if it is empty. With the lifecycle lock in hand. */
  removeFolder(place: DirectoryPlace, lock: OpenDirectory): void;
  /** Proves that nobody can put files there who may not, and that the locks can be trusted. @throws ShmError */
  checkDirectory(place: DirectoryPlace, directory: OpenDirectory, create?: boolean): void;
}

/**
 * Space that is promised is there: no store into a mapping ends the process because a disk is full. macOS has F_PREALLOCATE and
 * F_PUNCHHOLE; a section of Windows is backed when it is made, and its file may stay without holes, where freeBlocks says false.
 */
export interface Blocks {
  /** Step allocate. Makes the file `size` bytes long, all of them backed. @throws ShmError ERR_SHM_NO_SPACE */
  allocate(fd: number, size: number, path: string): void;
  /** Gives bytes back, which read as zeros then; the length stays. False where the file system cannot. */
  freeBlocks(fd: number, from: number, to: number, path: string): boolean;
  /** Step zero. As freeBlocks, or by writing zeros. */
  zeroFile(search: Search): void;
  /** Whether anything but zeros is there. What was never written is not read. */
  searchData(search: Search): "zeros" | "data" | "unknown";
}

/**
 * Memory of a file that all who map it see at once, and that can be taken away from under readers without harm to them. Zeros in place of
 * a mapping have to come in one step: on Windows by placeholders (MapViewOfFile3), since an unmapped moment ends the process of a reader.
 */
export interface Mappings {
  /** Refuses what cannot be mapped by its size alone. */
  checkMappable(request: Pick<MapRequest, "size" | "reserve" | "kind" | "path" | "unlocked">): void;
  mapFile(request: MapRequest): Mapping;
  /** Maps more of the file behind what is mapped, which stays where it is. */
  extendMapping(range: AddressRange, from: number, to: number, request: MapRequest): void;
  /** As extendMapping, through an open file of its own. */
  extendApart(range: AddressRange, from: number, to: number, request: MapRequest): void;
  /** From now on the mapping keeps no lock alive. Nobody sees anything but the same bytes. */
  remapApart(range: AddressRange, request: MapRequest): void;
  /** Step unmap. Zeros from one moment to the next, for late readers and writers; others who map the file are not touched. */
  discard(range: AddressRange): void;
  /** As discard, of all pages behind the first `from` bytes: those of a file that was made shorter, which would end the process. */
  discardBehind(range: AddressRange, from: number): void;
  /** Gives the addresses of a "view" back, once its buffer has been collected. */
  releaseRange(range: AddressRange): void;
  /** Mappings begin at multiples of it, bytes. */
  pageSize(): number;
  /** The same in all threads of a process. */
  addressOf(buffer: ArrayBufferLike): number;
  /** Whether a file is what is mapped at an address. */
  isMappedAt(address: number, ino: number, path: string): boolean;
  /** Address space of ours has gone, or may go: what was refused lately may be had now. */
  forgetRefusal(): void;
}

/**
 * Sleeping on a word of memory, and waking those who do, in whatever process. The comparison with what is expected and the falling
 * asleep are one step: a store followed by a wake-up is never missed (step waitForReady). By the memory, not by its address: Windows'
 * WaitOnAddress is for one process, so it needs events of its own there; macOS has os_sync_wait_on_address with the flag for shared memory.
 */
export interface Waiting {
  /** Words that one waitAny can sleep on. */
  readonly WAIT_ANY_MAX: number;
  /** Sleeps once. A spurious "ok" is possible. "gone": nothing is mapped there. */
  wait(word: FutexWord, timeoutMs: number): WaitResult | "interrupted" | "gone";
  /** Wakes at most `count` and returns how many. */
  wake(address: number, count: number): number;
  /** Index of a word that was woken, -1 for none, undefined where only one can be slept on. */
  waitAny(words: readonly FutexWord[], timeoutMs: number): number | undefined;
  /** Undefined where only threads can sleep on words: then one of ours does, by waitAny. */
  openEventWaits(events: WaitEvents): EventWaits | undefined;
}

/** Who am I, and who is alive. Of people's interest, except `stillRuns` (step creatorAlive): liveness of regions is the locks'. */
export interface Processes {
  ownStamp(): ProcessStamp;
  /** @throws ShmError ERR_SHM_UNSUPPORTED, with `remedy`, where it cannot be told */
  ownSession(path: string, remedy: string): number;
  /** The very process, and not another one that got its number. */
  stillRuns(stamp: ProcessStamp): boolean;
  processState(pid: number): ProcessState;
  /** When a process began, in a number of the platform's; undefined when there is none, or it is not ours to know. */
  startTimeOf(pid: number): bigint | undefined;
  /** Whether that very process has ended, or is ending and runs none of its code any more. */
  hasEnded(pid: number, startTime: bigint): boolean;
  commandOf(pid: number): string;
  describeProcess(pid: number): string;
  withState(command: string, state: ProcessState): string;
  /** A file in the words of the lists of locks. */
  fileKey(file: FileId): string;
  /** Who took which lock of these files, by their keys. May miss some while others come and go. */
  lockTakers(files: ReadonlySet<string>): Map<string, LockHolder[]>;
  /** Who has which files open with a lock, taken or inherited. */
  lockedDescriptors(files: ReadonlySet<string>, processes?: readonly Pick<LockHolder, "pid">[]): LockedDescriptors;
  lockHolder(dev: number, ino: number): { readonly pid: number; readonly who: string } | undefined;
  /** A thread in one number, which no later thread gets; undefined where that cannot be told. */
  threadStamp(): bigint | undefined;
  /** False only for a thread that never runs any code again. */
  mayRun(stamp: bigint, self: bigint | undefined): boolean;
  /** The exit status of who ended by a signal is 128 more, where there is no way to end by it. */
  signalNumber(signal: NodeJS.Signals): number;
  /** Before the call goes on, unlike Node's warnings. Never throws. */
  writeError(line: string): void;
}

/**
 * Memory without a name: it is there as long as anybody has it open or mapped, and nobody can make it shorter under a reader. A section
 * of Windows is that by itself. Where it cannot be sealed, as on macOS, createMemory gives none.
 */
export interface Nameless {
  /** Undefined where the system has none: then createTemporary. */
  createMemory(label: string, path: string): NamelessMemory | undefined;
  /** A file that never had a name and never gets one. It cannot be sealed. @throws ShmError ERR_SHM_UNSUPPORTED */
  createTemporary(directory: OpenDirectory, path: string): NamelessMemory;
  /** Nobody can shorten it any more, nor, unless `growable`, lengthen it. Not to be undone. */
  sealMemory(fd: number, growable: boolean, path: string): void;
  /** @throws ShmError ERR_SHM_UNSUPPORTED for memory that somebody could shorten */
  checkSealed(fd: number, path: string): void;
  isSealedAtSize(fd: number): boolean;
}

/**
 * Memory that has a number in the place of a name and a descriptor, made by others and never by us: System V's (shmget(2), shmctl(2)). It has one size for ever, so that no access
 * to it ends a process, and stays until somebody removes it. `mapFile` maps it; where a mapping is discarded, it is detached. A platform without such finds none.
 */
export interface Segments {
  /** The number of the segment with a key. Never makes one. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION */
  findSegment(key: number, path: string): number;
  /** What the kernel says of it. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION */
  segmentStatus(id: number, path: string): SegmentStatus;
}

/**
 * Memory that has a name of its own in the place of a path, made by others and never by us: sections of Windows (CreateFileMappingW). It has one size for ever, and goes with
 * the last who has it open or mapped. The name goes before, with the last handle, and none is kept here: those who look for the name to see whether its program runs are not
 * deceived by a reader, and the program makes new memory when it starts again. `mapFile` maps it. A platform without such refuses all of it.
 */
export interface NamedMappings {
  /** Bytes that can be mapped, in whole pages. Never makes one. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION, ERR_SHM_FOREIGN for a name of something else, ERR_SHM_UNSUPPORTED */
  namedSize(name: string, access: FileAccess, path: string): number;
  /**
   * What a name leads to, beside what is mapped of it from `offset` on. The system does not tell whether two mappings are of the same memory, so the bytes are compared:
   * "same" says that they are the same ones now, "other" that it is certainly other memory, whatever is written meanwhile.
   */
  namedFate(name: string, range: AddressRange, offset: number, path: string): "same" | "other" | "gone";
}

/** A descriptor handed over: what arrives is the very file, and the kernel says who sent it. Windows duplicates handles for that. */
export interface HandOver {
  /** Longest path of a socket, bytes. */
  readonly SOCKET_PATH_MAX: number;
  /** The address by which another process can open what this one has open. @throws ShmError ERR_SHM_UNSUPPORTED */
  foreignDescriptorOf(fd: number, path: string): ForeignDescriptor;
  /** As people see it. */
  foreignPath(from: ForeignDescriptor): string;
  /** "ended": that process has. "closed": it has closed it. "replaced": it has another file there. "denied": we may not look. */
  openForeignDescriptor(
    from: ForeignDescriptor,
    file: FileId,
    access: FileAccess,
  ): number | "ended" | "closed" | "replaced" | "denied";
  /** Closes sockets, and descriptors that came in a message. */
  closeForeign(fd: number): void;
  openSocket(path: string): number;
  /** "absent": nobody listens there. "full": too many wait. */
  connectTo(fd: number, path: string): "connected" | "absent" | "full";
  acceptFrom(fd: number, path: string): number | undefined;
  sendMessage(
    fd: number,
    message: { readonly bytes: Uint8Array; readonly descriptor?: number | undefined },
    path: string,
  ): boolean | "ended";
  receiveMessage(fd: number, limit: number, path: string): Message | "ended" | undefined;
  /** As the kernel knows it, not as the other one says it. */
  peerOf(fd: number, path: string): Peer;
  /** A socket that listens, for this user or for all, before it has the name that others know. */
  prepareListener(path: string, forAll: boolean): PreparedListener;
  /** Gives it the name, unless that is taken: then false. Never replaces. */
  publishListener(listener: PreparedListener): boolean;
  /** Takes away what a receiver who was killed left under the name. "foreign": something else has it. "alive": somebody listens. */
  removeDeadListener(listener: PreparedListener): "foreign" | "alive" | "removed";
  /** Which file the socket is, before endPreparation. */
  listenerStatus(listener: PreparedListener): FileStatus;
  /** The temporary name goes, the socket stays. */
  endPreparation(listener: PreparedListener): void;
  /** Takes the name away if it is still that of this socket. Never throws. */
  removeListener(path: string, file: FileId): void;
}

/** All that the runtime asks of a system. */
export interface Platform
  extends
    FileLocks,
    RangeLocks,
    OpenFiles,
    Names,
    Ownership,
    Directories,
    Blocks,
    Mappings,
    Waiting,
    Processes,
    Nameless,
    Segments,
    NamedMappings,
    HandOver {}
