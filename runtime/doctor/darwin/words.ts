/** Everything that the doctor says on macOS, except for what it finds. The order is the order of the checks. */
import { KOFFI, STALE_REGIONS } from "../common-words.js";
import { CANARY, DIRECTORY, EXTERNAL_BUFFERS, NODE_VERSION } from "../posix/words.js";
import { type Words, problem, warning } from "../verdicts.js";

const REPORT = "report it with the output of this command at https://github.com/shmgen/shmgen/issues";
const LOCAL = `use a directory on a volume of this machine (APFS); if it is on one, ${REPORT}`;

export const WORDS = {
  "node-version": NODE_VERSION,
  "never-tried": {
    title: "tried on a Mac",
    verdicts: {
      never: warning(
        "somebody has run it on a Mac",
        "shmgen has never been run on a Mac: please report the output of this command at https://github.com/shmgen/shmgen/issues",
      ),
    },
  },
  "macos-version": {
    title: "version of macOS",
    verdicts: {
      old: problem("macOS 11 (Darwin 20)", "use a newer macOS: waits between processes need __ulock_wait2"),
      private: warning(
        "macOS 14.4 (Darwin 23.4)",
        "use a newer macOS, if that can be: before it, waits are done by calls that Apple has not documented",
      ),
    },
  },
  koffi: { title: "koffi, which calls the C library", verdicts: KOFFI },
  "external-buffers": EXTERNAL_BUFFERS,
  directory: DIRECTORY,
  "file-system": {
    title: "file system",
    verdicts: {
      untrusted: problem(
        "a volume of this machine",
        "use a directory on one: the locks of {name} may not tell who is alive. If only this machine uses it, " +
          "allowUntrustedFileSystem: true",
      ),
    },
  },
  "wasm-memory": {
    title: 'mapping "wasm"',
    verdicts: {
      noMemory: warning("a shared Wasm memory", 'raise `ulimit -v`, or do without: "auto" takes "view" instead'),
      refused: problem("a file maps over a Wasm memory", LOCAL),
      apart: problem("memory and file are the same", LOCAL),
    },
  },
  "view-mapping": {
    title: 'mapping "view"',
    verdicts: {
      refused: problem("a file can be mapped", LOCAL),
      apart: problem("memory and file are the same", LOCAL),
    },
  },
  flock: {
    title: "locks of files",
    verdicts: {
      refused: problem("flock works", LOCAL),
      shared: problem("one exclusive lock at a time", LOCAL),
      kept: problem("the lock of a killed process is gone", LOCAL),
    },
  },
  "range-locks": {
    title: "locks of participants",
    verdicts: {
      refused: problem(
        "F_OFD_SETLK works",
        `use a newer macOS, and a volume of this machine: no container that has owners works here, which is every one but event. ${REPORT}`,
      ),
      unseen: problem("each open file sees the locks of others", LOCAL),
      shared: problem("one lock at a time", LOCAL),
      kept: problem("the lock of a closed file is gone", LOCAL),
    },
  },
  "file-names": {
    title: "files and their names",
    verdicts: {
      refused: problem("fcntl F_GETPATH and renamex_np work", LOCAL),
      nameless: problem("an open file can be opened again by its path", LOCAL),
      replaces: problem("RENAME_EXCL replaces nothing", LOCAL),
    },
  },
  "reserved-space": {
    title: "reservation of space",
    verdicts: {
      refused: problem(
        "fcntl F_PREALLOCATE and F_PUNCHHOLE work, or are said to be missing",
        `free space, or ${LOCAL}`,
      ),
      hollow: warning(
        "blocks for every byte",
        `keep space free on the volume: if nothing is reserved, a full one kills processes (SIGBUS). ${REPORT}`,
      ),
    },
  },
  waits: {
    title: "waits",
    verdicts: {
      missing: problem("os_sync_wait_on_address or __ulock_wait2", "use macOS 11 or newer"),
      refused: problem("a wait on shared memory", REPORT),
      blind: problem("a word that has changed is not waited for", REPORT),
      early: problem("a wait lasts as long as it is told to", REPORT),
    },
  },
  wakes: {
    title: "waking between processes",
    verdicts: {
      deaf: problem("a waiter in another process wakes", REPORT),
      refused: problem("a wake-up on shared memory", REPORT),
    },
  },
  "atomics-canary": CANARY,
  processes: {
    title: "processes and threads",
    verdicts: {
      noStart: problem("the system says when this process began (proc_pidinfo)", REPORT),
      otherStart: problem("the same time as Node says", `if the clock was set since then, nothing; else ${REPORT}`),
      noBoot: problem("an id of this start of the system (kern.bootsessionuuid)", REPORT),
      noThread: warning("the number of this thread, and that it runs", REPORT),
      unseen: warning("the own open file is listed (proc_pidfdinfo)", `owners of regions do not show: ${REPORT}`),
    },
  },
  "stale-regions": STALE_REGIONS,
} as const satisfies Words;
