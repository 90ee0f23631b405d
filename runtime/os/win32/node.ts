/** As on Linux: an `import` of node:fs would read all its properties, and so load streams and promises. */
export const fs = process.getBuiltinModule("node:fs");
