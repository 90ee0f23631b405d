/** What the system that tests run on has, for those that need it. */

/** Links to files and folders. On Windows they need a right of their own, and wine 10 makes none. */
export const HAS_LINKS = process.platform !== "win32";

/** Programs that a Unix has: sh, git, mkfifo and others. */
export const HAS_UNIX_TOOLS = process.platform !== "win32";
