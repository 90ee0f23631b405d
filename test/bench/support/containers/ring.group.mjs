import { join } from "node:path";
import { cContainers } from "./c-containers.mjs";
import { generatedModule } from "./c-program.mjs";

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

/** `folder`: for what is built. */
export async function groups(folder) {
  const c = await cContainers(folder);
  const market = await generatedModule(join(folder, "market"), { name: "market", schema: SCHEMA });
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
