import { createRequire } from "node:module";
import { join } from "node:path";
import { cContainers } from "./c-containers.mjs";
import { generatedModule } from "./c-program.mjs";

const here = import.meta.dirname;
const SCHEMA = `
import type { f64, map, Region, u32, utf8 } from "@shmgen/schema";
export interface Session { visits: u32; seen: f64; }
export interface Floor extends Region<{ type: 1; version: 1 }> { sessions: map<utf8<32>, Session, 10000>; }
`;

/** Whether it is here: it has a part in C++. */
function hasLmdb() {
  try {
    return createRequire(import.meta.url).resolve("lmdb") !== "";
  } catch {
    return false;
  }
}

/** `folder`: for what is generated. */
export async function groups(folder) {
  const c = await cContainers(folder);
  const module = await generatedModule(join(folder, "map"), { name: "map", schema: SCHEMA });
  const node = (...words) => [process.execPath, join(here, "map-contender.mjs"), module, ...words];
  const lmdb = (...words) => (hasLmdb() ? node("lmdb", ...words) : undefined);
  return [
    {
      name: "map: get of 10,000 keys, nobody sets",
      contenders: [
        { name: "Map", label: "a Map of one process", command: node("Map", "get") },
        { name: "get", label: "shmgen get, a plain object", command: node("shmgen", "get"), limit: 5 },
        { name: "copy", label: "shmgen get(key, copy)", command: node("shmgen", "copy"), limit: 5 },
        { name: "has", label: "shmgen has", command: node("shmgen", "has") },
        { name: "c", label: "C", command: c("map-get") },
      ],
    },
    {
      name: "map: get, beside other caches of several processes",
      contenders: [
        { name: "get", label: "shmgen get", command: node("shmgen", "get") },
        { name: "lmdb", label: "lmdb get", command: lmdb("get"), atLeast: 5 },
        { name: "send", label: "a Map asked by process.send", command: node("send", "get"), atLeast: 5 },
      ],
    },
    {
      name: "map: get while another process sets without a pause",
      contenders: [
        { name: "get", label: "shmgen get", command: node("shmgen", "get", "beside") },
        { name: "alone", label: "shmgen get, nobody sets", command: node("shmgen", "get") },
        { name: "c", label: "C", command: c("map-get-beside-writer") },
        { name: "lmdb", label: "lmdb get", command: lmdb("get", "beside"), atLeast: 5 },
      ],
    },
    {
      name: "map: set of 10,000 keys",
      contenders: [
        { name: "set", label: "shmgen set", command: node("shmgen", "set") },
        { name: "update", label: "shmgen update", command: node("shmgen", "update") },
        { name: "ttl", label: "shmgen set, with ttlMs", command: node("shmgen", "ttl") },
        { name: "c", label: "C", command: c("map-set") },
        { name: "Map", label: "a Map of one process", command: node("Map", "set") },
        { name: "batch", label: "lmdb put, many in a transaction", command: lmdb("batch") },
        { name: "lmdb", label: "lmdb putSync", command: lmdb("set"), atLeast: 5 },
        { name: "send", label: "a Map asked by process.send", command: node("send", "set"), atLeast: 5 },
      ],
    },
    {
      name: "map: set while another process sets without a pause",
      contenders: [
        { name: "set", label: "shmgen set", command: node("shmgen", "set", "beside") },
        { name: "lmdb", label: "lmdb putSync", command: lmdb("set", "beside"), atLeast: 5 },
      ],
    },
  ];
}
