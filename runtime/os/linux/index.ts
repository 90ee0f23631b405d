/** What Linux does for each guarantee of ../contract.ts. */
export { ownUser } from "./accounts.js";
export { checkDirectory, defaultDirectory, openDirectory, openFolder, removeFolder } from "./directory.js";
export { openEventWaits } from "./event-waits.js";
export {
  createFile,
  createUnnamed,
  flush,
  isWritable,
  openFile,
  openForReading,
  openForeignFile,
  originOf,
  readAt,
  reopen,
  tryOpenFile,
  tryReopen,
  writeAt,
} from "./files.js";
export { tryExclusive, tryShared, unlock } from "./flock.js";
export { foreignDescriptorOf, foreignPath, openForeignDescriptor } from "./foreign-descriptor.js";
export { WAIT_ANY_MAX, wait, waitAny, wake } from "./futex.js";
export { searchData, zeroFile } from "./holes.js";
export {
  endPreparation,
  listenerStatus,
  prepareListener,
  publishListener,
  removeDeadListener,
  removeListener,
} from "./listener.js";
export { checkSealed, closeForeign, createMemory, createTemporary, isSealedAtSize, sealMemory } from "./memfd.js";
export {
  addressOf,
  allocate,
  checkMappable,
  discard,
  discardBehind,
  extendApart,
  extendMapping,
  forgetRefusal,
  freeBlocks,
  isMappedAt,
  mapFile,
  pageSize,
  releaseRange,
  remapApart,
} from "./memory.js";
export { namedFate, namedSize } from "./named-mappings.js";
export {
  deleteName,
  deleteNameIfPresent,
  isThere,
  nameFile,
  namesIfThere,
  namesIn,
  replaceName,
  unusableName,
} from "./names.js";
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
  signalNumber,
  startTimeOf,
  stillRuns,
  withState,
  writeError,
} from "./processes.js";
export { isByteLocked, tryLockByte, unlockByte } from "./range-locks.js";
export { applyFileRights, makeFile, regainFile, renewFileRights } from "./region-files.js";
export { checkFile, dotnetRights, isSame, kindOf, ownershipObstacle, rightsOf } from "./rights.js";
export { findSegment, segmentStatus } from "./segments.js";
export { SOCKET_PATH_MAX, acceptFrom, connectTo, openSocket, peerOf, receiveMessage, sendMessage } from "./sockets.js";
export { identify, identifyIfOpen, sizeOf, statIfReachable, statIn, statOf, statOfTarget } from "./status.js";
export { closeQuietly } from "./syscall.js";
export { mayRun, threadStamp } from "./threads.js";
