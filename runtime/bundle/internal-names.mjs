/**
 * Names of properties that neither users nor generated code ever see; they ship as one or two letters. A name belongs here
 * only when no object that shows outside, and none of Node's, has a property of that name.
 */
export const INTERNAL_NAMES =
  "abandon addressOf deadline deadlineMs expectedBits extent fromBits handle headerCopy headerSize held identity isPrivate lifeline made owner parts place plan posixFallocate range remainingMs removeIfLast replaceable startTime toBits update".split(
    " ",
  );
