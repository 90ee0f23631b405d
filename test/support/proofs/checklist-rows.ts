/**
 * The guarantees of the systems that shmgen descends from, one row each, in words of our own. A row is done by a test with its id in
 * brackets behind its title; `answer` says what is done better instead, `by` is a part of the name of the test that shows it;
 * `waits` names the platform without which it cannot be done. test/proofs.test.ts makes test/CHECKLIST.md of it.
 */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly answer?: string;
  readonly by?: string;
  readonly waits?: "Windows" | "macOS" | "BSD" | "other Unix";
}

export interface Ancestor {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Defects of the original that ours does not have; each with a part of the name of the test that shows it. */
  readonly weakPoints: readonly Row[];
}

export const ANCESTORS: readonly Ancestor[] = [
  {
    title: "Carbonite SharedMemory",
    rows: [
      { id: "C-01", what: "a token holds size and name of a region" },
      { id: "C-02", what: "a token is text that may stand in a file name" },
      { id: "C-03", what: "tokens are values: equal when they name the same, empty when invalid" },
      { id: "C-04", what: "opening by a token checks it first" },
      { id: "C-05", what: "a closed region has no token" },
      {
        id: "C-06",
        what: "create is exclusive",
      },
      { id: "C-07", what: "createOrOpen says which of the two it did" },
      { id: "C-08", what: "open by name or by token, with the rights asked for" },
      { id: "C-09", what: "unique names: prefix, process, random digits" },
      { id: "C-10", what: "a caller can silence what is printed" },
      {
        id: "C-11",
        what: "a flag that leaves the global lock out",
        answer:
          "There is no global lock to leave out: the lifecycle lock is one directory's, held for microseconds. A directory of one's own is a lock of one's own.",
        by: "one name is three regions",
      },
      {
        id: "C-12",
        what: "refuses what is open already, no name, no size",
      },
      { id: "C-13", what: "sizes are whole pages" },
      {
        id: "C-14",
        what: "a region is made read-write, a token opens read-write by default",
      },
      { id: "C-15", what: "names map to the system's, with its limits" },
      { id: "C-16", what: "file mappings of Windows, created exclusively", waits: "Windows" },
      { id: "C-17", what: "the real size is asked of the system at opening" },
      { id: "C-18", what: "modes do not depend on the umask" },
      {
        id: "C-19",
        what: "an opener that wants more makes the region longer under the lock, one that wants less takes it as it is",
      },
      { id: "C-20", what: "a failure after creation leaves nothing" },
      {
        id: "C-21",
        what: "a missing library is noticed before a lock is taken",
        answer:
          "The C library is loaded before the first call; where it cannot be, the first region says what to install.",
        by: "without koffi the types can be imported",
      },
      { id: "C-22", what: "a machine-wide lock under a name that never changes" },
      {
        id: "C-23",
        what: "uniquely named regions have a lock of their process",
        answer:
          "Unique and anonymous regions wait for nobody: the first need the directory's lock for microseconds, the second none.",
        by: "has no name anywhere",
      },
      { id: "C-24", what: "a long wait for the lock says what is waited for" },
      {
        id: "C-25",
        what: "waits that a signal interrupts go on",
        answer: "Every system call that a signal interrupts is repeated.",
        by: "an interrupted system call is repeated",
      },
      { id: "C-26", what: "messages go to stderr where there is no logger" },
      {
        id: "C-27",
        what: "a count of references; the last one out removes region and count",
        answer:
          "The kernel counts: a shared lock for each user, which no death leaves behind. Who gets it exclusively was the last.",
        by: "last close and open",
      },
      { id: "C-28", what: "a token opens only what somebody has open" },
      { id: "C-29", what: "removal by force" },
      {
        id: "C-30",
        what: "leaving the scope closes",
        answer: "`using` closes; so does an orderly exit, and a region that was collected.",
        by: "a region that is collected without close",
      },
      { id: "C-31", what: "lifetime by handles, force ignored", waits: "Windows" },
      { id: "C-32", what: "views of a part, by offset and length" },
      { id: "C-33", what: "several views at once, each with address, size and rights" },
      { id: "C-34", what: "rights: read-only or read-write; size and state can be asked" },
    ],
    weakPoints: [
      {
        id: "C-w1",
        what: "no header, version or sign of initialisation",
        by: "two layouts under one version",
      },
      {
        id: "C-w2",
        what: "a killed process leaks its count, a killed lock holder blocks all",
        by: "the lifecycle lock: the wait for a stopped holder",
      },
      { id: "C-w3", what: "counts change without the lock", by: "simultaneous first opens" },
      {
        id: "C-w4",
        what: "failures leave the count raised",
        by: "a failure of any system call",
      },
      { id: "C-w5", what: "names that are cut collide", by: "a name over the limit is an error" },
      { id: "C-w6", what: "a token's layout depends on the word size", by: "a peer in C decodes them" },
      { id: "C-w7", what: "a view begins at its page, not at its offset", by: "parts of the memory" },
      { id: "C-w8", what: "growth is invisible to those who have it open", by: "others notice" },
      { id: "C-w9", what: "everybody may write", by: "files are 0600" },
      { id: "C-w10", what: "random digits from an unseeded generator", by: "prefix, process and random digits" },
      { id: "C-w11", what: "wrong access mask at opening", waits: "Windows" },
      { id: "C-w12", what: "what the dead left is handed out as it is", by: "a killed owner is dead" },
    ],
  },
  {
    title: ".NET SharedMemoryManager",
    rows: [
      { id: "N-01", what: "scopes of the machine and the session" },
      { id: "N-02", what: "names without directories" },
      { id: "N-03", what: "a session is getsid's" },
      { id: "N-04", what: "a user's scope; identity covers name, scope and user" },
      { id: "N-05", what: "paths below /tmp/.dotnet" },
      { id: "N-06", what: "a header of 8 bytes: type, version, zeros" },
      {
        id: "N-07",
        what: "bytes used and bytes of the file, whole pages",
        by: "a live file that is longer than ours",
        answer: "The same sum: 8 bytes and the payload, rounded up to pages.",
      },
      { id: "N-08", what: "opened again in one process, it is shared and counted" },
      { id: "N-09", what: "creation and removal have a lock of their scope" },
      {
        id: "N-10",
        what: "a session's directory is made when needed, or the absence is told",
        by: "a session's folder that comes and goes",
        answer: "Made under the lifecycle lock by who creates; who only opens gets ERR_SHM_NOT_FOUND.",
      },
      { id: "N-11", what: "open first, then create exclusively" },
      { id: "N-12", what: "who gets the exclusive lock has found something stale" },
      {
        id: "N-13",
        what: "new and stale files get their size",
        by: "a region that is made anew smaller",
        answer: "By posix_fallocate, which never makes a file shorter and reports a full file system.",
      },
      { id: "N-14", what: "a live file that is too short is refused" },
      { id: "N-15", what: "a shared lock as long as it is open" },
      { id: "N-16", what: "type and version have to fit; stale content is zeroed" },
      { id: "N-17", what: "the creator initialises under the creation lock" },
      { id: "N-18", what: "the caller learns whether it has created" },
      { id: "N-19", what: "every failure releases what it had" },
      { id: "N-20", what: "tables of the process are changed under a lock of the process" },
      { id: "N-21", what: "the lock across processes is that of the shm directory" },
      { id: "N-22", what: "a lock that is taken is no error, any other failure is" },
      { id: "N-23", what: "the last one out removes file and directory" },
      { id: "N-24", what: "modes by scope, whatever the umask" },
      { id: "N-25", what: "directories appear complete" },
      { id: "N-26", what: "a path that is no directory is refused" },
      { id: "N-27", what: "what is asked of the system's directory" },
      { id: "N-28", what: "a user's directories belong to the user" },
      { id: "N-29", what: "wrong modes are mended or refused" },
      { id: "N-30", what: "a user's file has its owner and 0600" },
    ],
    weakPoints: [
      {
        id: "N-w1",
        what: "an opener shortens a live file to its own size",
        by: "a live region is never truncated",
      },
      {
        id: "N-w2",
        what: "children inherit the directory's lock",
        by: "neither the directory's lock nor the region's",
      },
      { id: "N-w3", what: "no magic: zeros look like a mutex", by: "data far behind zeros" },
      {
        id: "N-w4",
        what: "other versions: no rule but refusal without a word",
        by: "a region of another version",
      },
      { id: "N-w5", what: "links are followed", by: "a link in the place of" },
      { id: "N-w6", what: "every file system's flock is trusted", by: "doctor shm-mount: a network file system" },
      { id: "N-w7", what: "no preallocation", by: "a full tmpfs" },
      { id: "N-w8", what: "waits without an end or a name", by: "the lifecycle lock: after a second stderr" },
    ],
  },
  {
    title: "shm-primitives (Rust)",
    rows: [
      { id: "S-01", what: "clean-up by hand, or by the kernel" },
      {
        id: "S-02",
        what: "create refuses size 0, sets its mode, names the path in errors",
        by: "modes are those",
        answer: "Sizes come from the schema and are never 0; modes are umask-proof; every message ends with the path.",
      },
      {
        id: "S-03",
        what: "attach takes the file's size, and refuses an empty file",
        by: "foreign memory: read-only by default",
        answer: "`attach` of foreign memory checks length and expected values, with both sizes in the message.",
      },
      { id: "S-04", what: "attach to a descriptor that was handed over" },
      { id: "S-05", what: "descriptor, length and path can be asked" },
      {
        id: "S-06",
        what: "the duty to remove can be passed on",
        by: "cleanup is decided by the handle that closes last",
        answer: "It need not be passed on: whoever is last has it, by the kernel's lock; `cleanup` says otherwise.",
      },
      { id: "S-07", what: "growing: never shorter, new mapping before the old one goes" },
      { id: "S-08", what: "noticing that others have grown it" },
      { id: "S-09", what: "dropping unmaps and removes" },
      {
        id: "S-10",
        what: "may be sent to and used by other threads",
        by: "is one mapping for all of them",
        answer: "`region.share()` and `fromShared`: one mapping for all threads of the process.",
      },
      { id: "S-11", what: "what an owner's and an attacher's end do" },
    ],
    weakPoints: [
      { id: "S-w1", what: "create empties a live file", by: "a live region is never truncated" },
      { id: "S-w2", what: "noticing growth can shorten the file", by: "four processes grow one tail" },
      { id: "S-w3", what: "no read-only mode", by: "a read-only open" },
      { id: "S-w4", what: "nothing tells stale from live", by: "a killed owner is dead" },
      {
        id: "S-w5",
        what: "a failed mapping leaves the file",
        by: "a failure of any system call",
      },
    ],
  },
  {
    title: "its messages and hand-over",
    rows: [
      { id: "P-01", what: "offsets, never pointers: the bytes mean the same at whatever address" },
      { id: "P-02", what: "a buffer of bytes on two lines of words, of which each side has one" },
      {
        id: "P-03",
        what: "room in one piece, at the end or at the start; none is no error, and leaves nothing half done",
      },
      {
        id: "P-04",
        what: "asking changes nothing; no more is published than was claimed; watermarks are read after places",
      },
      { id: "P-05", what: "slots with a generation and an owner, each free or somebody's" },
      {
        id: "P-06",
        what: "handles that are stale when their slot was freed, double frees found, slots of the dead freed",
      },
      { id: "P-07", what: "a pool's list of free slots, which is checked, and somebody who waits for one is woken" },
      {
        id: "P-08",
        what: "a ring of one producer and one consumer, whose lines are apart, with the head known to its owner",
      },
      { id: "P-09", what: "futexes between processes, never private" },
      {
        id: "P-10",
        what: "a doorbell: signals that coalesce, and the death of the peer",
        by: "a field is the doorbell",
        answer:
          "`notify` and `waitAsync` on a field: a counter coalesces, costs no system call while nobody waits, and needs no socket; `owners()` tells whether the peer lives.",
      },
      { id: "P-11", what: "descriptors over sockets: one each, malformed messages end the link" },
      { id: "P-12", what: "a first message with magic, status and exactly the descriptors that it names" },
      { id: "P-14", what: "entries of peers, claimed by one at a time, with an epoch that outlives crashes" },
      {
        id: "P-13",
        what: "a header with magic, version, sizes and tables, all of which are validated",
        by: "sizes and offsets that point outside the file are refused",
        answer: "128 bytes, with the region's own description behind it; no heartbeats, the kernel knows who is alive.",
      },
      { id: "P-15", what: "what the dead had is recovered in a fixed order before the entry is free" },
      {
        id: "P-16",
        what: "a header is complete before it says so, and reserved bytes are zero",
        by: "after every single store of an initialisation nobody takes the region for ready",
      },
      { id: "P-17", what: "models of every interleaving, deaths included, and anything in every word" },
    ],
    weakPoints: [
      {
        id: "P-w1",
        what: "a kill between two stores loses a slot for ever",
        by: "a side that dies before any of its atomic operations",
      },
      {
        id: "P-w2",
        what: "heartbeats take a busy peer for a dead one",
        by: "is not taken from an owner that is stopped",
      },
    ],
  },
  {
    title: "VirtualBox IPRT shmem",
    rows: [
      { id: "I-01", what: "rights and creation are asked for at opening" },
      { id: "I-02", what: "closing with mappings alive" },
      { id: "I-03", what: "removal by name" },
      { id: "I-04", what: "how many hold it" },
      { id: "I-05", what: "setting the size" },
      { id: "I-06", what: "asking the size" },
      { id: "I-07", what: "mapping with rights no wider than those of the opening; copy-on-write" },
      { id: "I-08", what: "unmapping" },
      {
        id: "I-09",
        what: "status codes, no exceptions",
        by: "when initialise throws nothing of the region remains",
        answer: "One class of errors with stable codes and the facts as properties; whatever is thrown, nothing leaks.",
      },
    ],
    weakPoints: [
      {
        id: "I-w1",
        what: "the region goes when its maker closes it",
        by: "has a lock of its own: it stays when the parent closes",
      },
    ],
  },
  {
    title: "shm_open_anon",
    rows: [
      { id: "A-01", what: "memory without a name, which no death leaves behind" },
      { id: "A-02", what: "handed to a child at a known number" },
      { id: "A-03", what: "the receiver learns the size from the descriptor" },
      { id: "A-04", what: "memfd_create, or something older where it is missing" },
      { id: "A-05", what: "SHM_ANON", waits: "BSD" },
      { id: "A-06", what: "shm_mkstemp", waits: "BSD" },
      { id: "A-07", what: "names with one slash, /var/shm", waits: "BSD" },
      { id: "A-08", what: "names without translation", waits: "BSD" },
      { id: "A-09", what: "shm_open and shm_unlink at once", waits: "macOS" },
      { id: "A-10", what: "/dev/shm on a disk", waits: "other Unix" },
      {
        id: "A-11",
        what: "a failure while the name goes closes the descriptor and keeps the error",
        by: "any other failure of memfd_create is a typed error",
        answer:
          "There never is a name. Any failure closes what was opened, and the error number is read in the next statement.",
      },
    ],
    weakPoints: [],
  },
];
