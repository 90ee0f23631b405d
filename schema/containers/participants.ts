import { container, fieldsOf, lengthOf } from "./container.js";

/** Byte of the file whose lock says that participant 0 + i is alive; the lock of byte 0 itself is the recoverers'. */
export const LOCK_AT = 0x4000_0000_0000_0000n;
/** Participants of a region that says nothing of them. */
export const PARTICIPANTS_DEFAULT = 63;
/** Bytes of an entry, and where the first one lies. */
export const ENTRY_SIZE = 64;
export const ENTRIES_AT = 64;

/** What is known of one participant. */
export const PARTICIPANT = container({
  word: "participant",
  takes: "nothing",
  owned: false,
  words: {
    state: { size: 4, align: 64, docs: "0: free, 1: taken." },
    epoch: { size: 4, docs: "Raised by one at every claim." },
    pid: { size: 4, docs: "Process, in its own namespace." },
    thread: { size: 4, docs: "Thread (gettid)." },
    startTime: { size: 8, docs: "When the process began, in ticks since boot." },
    bootId: { size: 8, docs: "First 8 bytes of the boot's id." },
    lost: { size: 4, docs: "Epoch of the last life that ended by a death." },
  },
});

const ENTRY_FIELDS = fieldsOf(PARTICIPANT, {}, () => {
  throw new Error("an entry has no parts");
});

/**
 * Who takes part in a region, by numbers from 1 on: the first thing of a region that has containers with owners. Participant `i` is
 * entry `i - 1`, and is alive as long as somebody has a write lock of an open file description on byte `LOCK_AT + i` of the file.
 *
 *   0 reserved   64 entries, P times 64 bytes
 *   entry:  0 state   4 epoch   8 pid   12 thread   16 startTime   24 bootId   32 lost   36 reserved
 */
export const PARTICIPANTS = container({
  word: "participants",
  takes: "length",
  owned: false,
  length: { most: 0xfffe, powerOfTwo: false },
  words: {
    reserved: { size: 4, align: 64, docs: "0." },
  },
  elements: (given, declare) => [
    {
      name: "entries",
      type: { kind: "array", of: declare("entry", ENTRY_FIELDS), length: lengthOf(given) },
      align: 64,
      docs: "Participant i is entry i - 1.",
    },
  ],
});
