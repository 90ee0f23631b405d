/** What Windows does for each guarantee of ../contract.ts. */
export { signalNumber, writeError } from "../own-process.js";
export { allocate, freeBlocks, searchData, zeroFile } from "./blocks.js";
export { checkDirectory, defaultDirectory, openDirectory, openFolder, removeFolder } from "./directory.js";
export { openEventWaits } from "./event-waits.js";
export {
  createFile,
  createUnnamed,
  flush,
  isWritable,
  nameFile,
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
export { closeQuietly } from "./handles.js";
export { isByteLocked, tryExclusive, tryLockByte, tryShared, unlock, unlockByte } from "./locks.js";
export {
  addressOf,
  checkMappable,
  discard,
  discardBehind,
  extendApart,
  extendMapping,
  forgetRefusal,
  isMappedAt,
  mapFile,
  pageSize,
  releaseRange,
  remapApart,
} from "./memory.js";
export {
  checkSealed,
  createMemory,
  createTemporary,
  foreignDescriptorOf,
  foreignPath,
  isSealedAtSize,
  openForeignDescriptor,
  sealMemory,
} from "./nameless.js";
export { namedFate, namedSize } from "./named-mappings.js";
export { deleteName, deleteNameIfPresent, isThere, namesIfThere, namesIn, replaceName, unusableName } from "./names.js";
export {
  applyFileRights,
  checkFile,
  dotnetRights,
  isSame,
  makeFile,
  ownUser,
  ownershipObstacle,
  regainFile,
  renewFileRights,
  rightsOf,
} from "./ownership.js";
export {
  commandOf,
  describeProcess,
  hasEnded,
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
  withState,
} from "./processes.js";
export {
  fileKey,
  identify,
  identifyIfOpen,
  kindOf,
  sizeOf,
  statIfReachable,
  statIn,
  statOf,
  statOfTarget,
} from "./status.js";
export {
  SOCKET_PATH_MAX,
  acceptFrom,
  closeForeign,
  connectTo,
  endPreparation,
  findSegment,
  listenerStatus,
  openSocket,
  peerOf,
  prepareListener,
  publishListener,
  receiveMessage,
  removeDeadListener,
  removeListener,
  segmentStatus,
  sendMessage,
} from "./unsupported.js";
export { WAIT_ANY_MAX, wait, waitAny, wake } from "./waits.js";
