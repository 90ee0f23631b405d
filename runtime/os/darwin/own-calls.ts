/** What macOS does in its own way, for what it shares with other systems. */
import { askNode } from "../posix/ask.js";
import type { OwnCalls } from "../posix/differences.js";
import { groupId, isAmbiguousGroup, isAmbiguousUser, userId } from "./accounts.js";
import { allocate, freeBlocks } from "./blocks.js";
import { untrustedFileSystem } from "./file-systems.js";
import { createUnnamed, nameFile, regainAccess, renameNoReplace } from "./naming.js";
import { openApart } from "./reopening.js";
import { attachSegment } from "./unsupported.js";

export const DARWIN_CALLS: OwnCalls = {
  ask: askNode,
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
