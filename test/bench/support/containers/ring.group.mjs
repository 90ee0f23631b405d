import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../../generator/dist/compile.js";
import { cContainers } from "./c-containers.mjs";

/** 64 bytes, as those of the C program; flat, so that all ways to write them can be compared. */
const SCHEMA = `import type { Region, f64, ring, u32 } from "@shmgen/schema";

export interface Tick {
  id: u32;
  kind: u32;
  price: f64;
  open: f64;
  high: f64;
  low: f64;
  close: f64;
  volume: f64;
  turnover: f64;
}

export interface Market extends Region<{ type: 0x11c2; version: 1 }> {
  there: ring<Tick, 1024>;
  back: ring<Tick, 1024>;
}
`;

/** Generated code of the schema, in a folder that has no packages. */
async function generate(folder) {
  const outputPath = () => "market";
  const { files, diagnostics } = await compile({
    files: ["market.shm.ts"],
    readFile: () => SCHEMA,
    targets: ["js"],
    outputPath,
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const { resolve } = createRequire(import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of files) {
    const code = text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, (_text, door) =>
      JSON.stringify(pathToFileURL(resolve(door)).href),
    );
    writeFileSync(join(folder, path), code);
  }
  return join(folder, "market.js");
}

/** `folder`: for what is built. */
export async function groups(folder) {
  const c = await cContainers(folder);
  const market = await generate(join(folder, "market"));
  const node = (...words) => [process.execPath, join(import.meta.dirname, "ring-contender.mjs"), market, ...words];
  const first = (work, ...words) => c(work) ?? node(...words);
  return [
    {
      name: "ring: records of 64 bytes between two processes, one by one",
      contenders: [
        { name: "c", label: "C, push and pop", command: first("ring-64", "claim", "peek") },
        { name: "claim", label: "shmgen claim, peek and release", command: node("claim", "peek"), limit: 1.67 },
        { name: "push", label: "shmgen push and pop", command: node("push", "pop"), limit: 1.67 },
        { name: "for await", label: "shmgen push and for await", command: node("push", "forAwait") },
        { name: "arrays", label: "typed arrays, without any check", command: node("arrays") },
        { name: "ringbuf.js", label: "ringbuf.js, two threads", command: node("ringbuf") },
        { name: "port", label: "MessagePort, two threads", command: node("port") },
        { name: "send", label: "process.send", command: node("send") },
      ],
    },
    {
      name: "ring: the same in batches of 16",
      contenders: [
        { name: "c", label: "C, claim, peek and release", command: first("ring-64-batches", "batch", "drain") },
        { name: "batch", label: "shmgen claim, publish(16) and drain", command: node("batch", "drain"), limit: 1.11 },
        { name: "arrays", label: "typed arrays, without any check", command: node("arrays", "batch") },
        { name: "ringbuf.js", label: "ringbuf.js, two threads", command: node("ringbuf", "batch") },
      ],
    },
    {
      name: "ring: round trip over two rings, spinning",
      contenders: [
        { name: "c", label: "C", command: first("round-trip-spinning", "trip", "spinning") },
        { name: "shmgen", command: node("trip", "spinning"), limit: 2 },
      ],
    },
    {
      name: "ring: round trip over two rings, sleeping",
      contenders: [
        { name: "c", label: "C", command: first("round-trip-sleeping", "trip", "sleeping") },
        { name: "shmgen", command: node("trip", "sleeping"), limit: 1.2 },
        { name: "async", label: "shmgen for await and pushAsync", command: node("trip", "async") },
        { name: "send", label: "process.send", command: node("trip", "send") },
      ],
    },
  ];
}
