/** What Linux does for each guarantee of ../contract.ts: what it shares with others, and what it alone has. */
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
export { openEventWaits } from "./event-waits.js";
export { defaultDirectory } from "./file-systems.js";
export { foreignDescriptorOf, foreignPath, openForeignDescriptor } from "./foreign-descriptor.js";
export { WAIT_ANY_MAX, wait, waitAny, wake } from "./futex.js";
export {
  endPreparation,
  listenerStatus,
  prepareListener,
  publishListener,
  removeDeadListener,
  removeListener,
} from "./listener.js";
export { isMappedAt } from "./mapped.js";
export { checkSealed, createMemory, createTemporary, isSealedAtSize, sealMemory } from "./memfd.js";
export { namedFate, namedSize } from "./named-mappings.js";
export { createUnnamed, nameFile } from "./naming.js";
export {
  commandOf,
  describeProcess,
  fileKey,
  hasEnded,
  lockHolder,
  lockTakers,
  lockedDescriptors,
  ownSession,
  ownStamp,
  processState,
  startTimeOf,
  stillRuns,
} from "./processes.js";
export { originOf, reopen, tryReopen } from "./reopening.js";
export { findSegment, segmentStatus } from "./segments.js";
export { SOCKET_PATH_MAX, acceptFrom, connectTo, openSocket, peerOf, receiveMessage, sendMessage } from "./sockets.js";
export { mayRun, threadStamp } from "./threads.js";
