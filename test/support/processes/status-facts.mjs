/**
 * What the runtime and node:fs say of the files in a folder, in a process of its own whose statx(2) may fail:
 * `node status-facts.mjs FOLDER`. Prints one line of JSON.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

const [folder = ""] = process.argv.slice(2);
const { lstatSync, statSync, fstatSync } = fs;
let asked = 0;
const counted =
  (call) =>
  (...given) => {
    asked += 1;
    return call(...given);
  };
// Before the runtime is loaded, which takes its names from the module then.
Object.assign(fs, {
  lstatSync: counted(lstatSync),
  statSync: counted(statSync),
  fstatSync: counted(fstatSync),
});
syncBuiltinESMExports();

const status = await import("../../../runtime/dist/runtime/os/posix/status.js");
const { Counter } = await import("../regions/counter.mjs");

const facts = (stat) => {
  if (stat === undefined) return null;
  const { dev, ino, size, nlink, mode, uid, gid } = stat;
  const kinds = [stat.isFile(), stat.isDirectory(), stat.isFIFO(), stat.isSocket()];
  return { dev, ino, size, nlink, mode, uid, gid, kinds };
};
const codeOf = (call) => {
  try {
    return facts(call());
  } catch (error) {
    return error.code;
  }
};

const files = fs.readdirSync(folder).map((name) => join(folder, name));
asked = 0;
const ours = files.map((file) => facts(status.statOf(file)));
const byNode = asked;
const nodes = files.map((file) => facts(lstatSync(file)));
const fd = fs.openSync(join(folder, "file"), "r");
const open = [facts(status.identify(fd, "x")), facts(fstatSync(fd))];
const followed = [facts(status.statFollowing(join(folder, "link"), "x")), facts(statSync(join(folder, "file")))];
const below = join(folder, "file/below");
const absent = {
  name: codeOf(() => status.statOf(join(folder, "missing"))),
  descriptor: codeOf(() => status.identifyIfOpen(1_000_000, "x")),
  unreachable: codeOf(() => status.statIfReachable(below, "x")),
  closed: codeOf(() => status.identify(1_000_000, "x")),
  below: codeOf(() => status.statOf(below)),
  dangling: codeOf(() => status.statFollowing(join(folder, "dangling"), "x")),
};
const region = Counter.createOrOpen("life", { initialise: (data) => (data.count = 5) });
const { outcome, data } = region;
const life = [outcome, data.count, region.owners().length];
region.close();
console.log(JSON.stringify({ byNode, ours, nodes, open, followed, absent, life }));
