/**
 * What macOS does for each guarantee of ../contract.ts: what it shares with Linux, and what it alone has. Written from Apple's documents,
 * headers and the published source of its kernel; it has never been run on a Mac.
 */
export { ownUser } from "../posix/accounts.js";
export { checkDirectory, openDirectory, openFolder, removeFolder } from "../posix/directory.js";
export {
  closeForeign,
  createFile,
  flush,
  isWritable,
  openFile,
  openForReading,
  openForeignFile,
  readAt,
  tryOpenFile,
  writeAt,
} from "../posix/files.js";
export { tryExclusive, tryShared, unlock } from "../posix/flock.js";
export { searchData, zeroFile } from "../posix/holes.js";
export { addressOf } from "../posix/address-of.js";
export {
  checkMappable,
  discard,
  discardBehind,
  extendApart,
  extendMapping,
  forgetRefusal,
  mapFile,
  pageSize,
  releaseRange,
  remapApart,
} from "../posix/memory.js";
export {
  deleteName,
  deleteNameIfPresent,
  isThere,
  namesIfThere,
  namesIn,
  replaceName,
  unusableName,
} from "../posix/names.js";
export { signalNumber, writeError } from "../own-process.js";
export { withState } from "../posix/processes.js";
export { isByteLocked, tryLockByte, unlockByte } from "../posix/range-locks.js";
export { applyFileRights, makeFile, regainFile, renewFileRights } from "../posix/region-files.js";
export { checkFile, dotnetRights, isSame, kindOf, ownershipObstacle, rightsOf } from "../posix/rights.js";
export { identify, identifyIfOpen, sizeOf, statIfReachable, statIn, statOf, statOfTarget } from "../posix/status.js";
export { closeQuietly } from "../posix/syscall.js";
export { allocate, freeBlocks } from "./blocks.js";
export { defaultDirectory } from "./file-systems.js";
export { createUnnamed, nameFile } from "./naming.js";
export { createTemporary } from "./nameless.js";
export {
  commandOf,
  describeProcess,
  fileKey,
  hasEnded,
  isMappedAt,
  lockHolder,
  lockTakers,
  lockedDescriptors,
  mayRun,
  ownSession,
  ownStamp,
  processState,
  startTimeOf,
  stillRuns,
  threadStamp,
} from "./processes.js";
export { originOf, reopen, tryReopen } from "./reopening.js";
export {
  SOCKET_PATH_MAX,
  acceptFrom,
  checkSealed,
  connectTo,
  createMemory,
  endPreparation,
  findSegment,
  foreignDescriptorOf,
  foreignPath,
  isSealedAtSize,
  listenerStatus,
  namedFate,
  namedSize,
  openForeignDescriptor,
  openSocket,
  peerOf,
  prepareListener,
  publishListener,
  receiveMessage,
  removeDeadListener,
  removeListener,
  sealMemory,
  segmentStatus,
  sendMessage,
} from "./unsupported.js";
export { WAIT_ANY_MAX, openEventWaits, wait, waitAny, wake } from "./waits.js";
