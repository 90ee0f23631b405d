/** Flags of open(2) that Node's table does not have. The same numbers on all processors that we know. */
import { fs } from "../node.js";

/** A descriptor that gives no access, and needs none. */
export const O_PATH = 0o10000000;
/** A file without a name; with O_DIRECTORY, so that old kernels refuse it. */
export const O_TMPFILE = 0o20000000 | fs.constants.O_DIRECTORY;
