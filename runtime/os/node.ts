/**
 * node:fs without what comes with an `import` of it. That reads all its properties, and so loads streams and promises: 3 to 8 ms of
 * processor time, also where no region is opened.
 */
export const fs = process.getBuiltinModule("node:fs");
