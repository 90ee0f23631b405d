/** Everything that the doctor says on Windows, except for what it finds. The order is the order of the checks. */
import { KOFFI, STALE_REGIONS } from "../common-words.js";
import { type Words, problem, warning } from "../verdicts.js";

export const WORDS = {
  "node-version": {
    title: "version of Node",
    verdicts: {
      old: problem("20.19 or newer", "install Node 24"),
      untested: warning("a release with long-term support: 22 or 24", "install Node 24"),
    },
  },
  "windows-version": {
    title: "version of Windows",
    verdicts: {
      old: problem("Windows 10 1803 or Server 2019 (10.0.17134)", "use a newer Windows: mappings need placeholders"),
      wine: warning(
        "Windows",
        "nothing for a try: wine is what shmgen is tested on, and keeps files and locks as Linux does",
      ),
    },
  },
  koffi: {
    title: "koffi, which calls the system's libraries",
    verdicts: KOFFI,
  },
  "external-buffers": {
    title: "buffers over foreign memory",
    verdicts: {
      forbidden: problem("buffers over memory that is not V8's", "use Node itself: no region can be mapped here"),
    },
  },
  directory: {
    title: "directory of the regions",
    verdicts: {
      unsafe: problem("a local directory of one's own, which nobody else may write to", "see what was found"),
    },
  },
  "view-mapping": {
    title: 'mapping "view"',
    verdicts: {
      refused: problem("a file is mapped", "report it with the output of this command"),
      apart: problem("the file and its mapping are one", "use a directory on a local NTFS or ReFS volume"),
    },
  },
  "file-locks": {
    title: "locks of open files",
    verdicts: {
      refused: problem("files have locks (LockFileEx)", "use a directory on a local NTFS or ReFS volume"),
      shared: problem("an exclusive lock excludes", "use a directory on a local NTFS or ReFS volume"),
      kept: problem("a lock ends with its file", "use a directory on a local NTFS or ReFS volume"),
    },
  },
  "disk-space": {
    title: "space on the volume",
    verdicts: {
      low: warning("64 MiB", "free space there: regions are files, whose space is reserved when they are made"),
    },
  },
  "stale-regions": STALE_REGIONS,
} as const satisfies Words;
