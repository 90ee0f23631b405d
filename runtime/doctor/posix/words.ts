/** What is said alike on Linux and macOS. */
import { problem, warning } from "../verdicts.js";

export const NODE_VERSION = {
  title: "version of Node",
  verdicts: {
    old: problem("20.19 or newer", "install Node 24"),
    untested: warning("a release with long-term support: 20, 22, 24 or 26", "install Node 24"),
  },
} as const;

export const EXTERNAL_BUFFERS = {
  title: "buffers over foreign memory",
  verdicts: {
    forbidden: warning(
      "buffers over memory that is not V8's",
      'nothing, as long as mapping "wasm" works: "view" is refused here, and so are regions of 4 GiB and more',
    ),
  },
} as const;

export const DIRECTORY = {
  title: "directory of the regions",
  verdicts: {
    noParent: problem("its parent is there", "mkdir -p {parent}"),
    link: problem("a directory, not a link", "remove the link, or name the directory that it leads to"),
    noDirectory: problem("a directory", "remove what is there, or use another directory"),
    foreign: problem("user {uid}", "use a directory of your own, or run as its owner"),
    exposed: problem("mode {mode} or stricter", "chmod {mode} {directory}, if nobody else put anything there"),
    readOnly: problem("new files can be made", "mount it writable, or use another directory"),
  },
} as const;

export const CANARY = {
  title: "atomic additions of two processes",
  verdicts: {
    lost: problem("every addition counts", "leave this emulator, and report it with the output of this command"),
  },
} as const;
