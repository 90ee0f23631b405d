/** What Linux does in its own way, for what it shares with other systems. */
import type { OwnCalls } from "../posix/differences.js";
import { groupId, isAmbiguousGroup, isAmbiguousUser, userId } from "./accounts.js";
import { allocate, freeBlocks } from "./blocks.js";
import { untrustedFileSystem } from "./file-systems.js";
import { createUnnamed, nameFile, openApart, renameNoReplace } from "./naming.js";
import { regainAccess } from "./regain.js";
import { attachSegment } from "./segments.js";
import { ask } from "./statx.js";

export const LINUX_CALLS: OwnCalls = {
  ask,
  openApart,
  allocate,
  freeBlocks,
  attachSegment,
  renameNoReplace,
  createUnnamed,
  nameFile,
  regainAccess,
  untrustedFileSystem,
  userId,
  groupId,
  isAmbiguousUser,
  isAmbiguousGroup,
};
