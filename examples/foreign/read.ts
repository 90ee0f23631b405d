/** `node read.js FORMAT FILE`: what a file of another program holds. */
const READERS: Readonly<Record<string, () => Promise<{ lines(path: string): Iterable<string> }>>> = {
  elf: () => import("./elf.js"),
  hsperfdata: () => import("./hsperfdata.js"),
  journal: () => import("./journal.js"),
  "ld-cache": () => import("./ld-cache.js"),
  lmdb: () => import("./lmdb.js"),
  "race-page": () => import("./race-page.js"),
  tzif: () => import("./tzif.js"),
  utmp: () => import("./utmp.js"),
};

const [format = "", path] = process.argv.slice(2);
const load = Object.hasOwn(READERS, format) ? READERS[format] : undefined;
if (load === undefined || path === undefined) {
  console.error(`usage: node read.js FORMAT FILE, where FORMAT is ${Object.keys(READERS).join(", ")}`);
  process.exit(2);
}
const { lines } = await load();
for (const line of lines(path)) console.log(line);
