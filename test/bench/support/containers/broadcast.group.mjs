import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cProgram, generatedModule } from "./c-program.mjs";

/** 64 bytes, flat; the words are what the contenders of a run agree by. */
const SCHEMA = `import type { Region, atomic, broadcast, f64, u32, u64 } from "@shmgen/schema";

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

export interface Feed extends Region<{ type: 0x11c3; version: 1 }> {
  sum: atomic<u64>;
  ready: atomic<u32>;
  done: atomic<u32>;
  stop: atomic<u32>;
  ticks: broadcast<Tick, 8192>;
}
`;

/** `folder`: for what is built. */
export async function groups(folder) {
  const own = join(folder, "broadcast");
  mkdirSync(own, { recursive: true });
  const c = await cProgram(own, { name: "feed", schema: SCHEMA, source: "broadcast.c" });
  const feed = await generatedModule(own, { name: "feed", schema: SCHEMA });
  const node = (...words) => [process.execPath, join(import.meta.dirname, "broadcast-contender.mjs"), feed, ...words];
  const first = (work, ...words) => c(work) ?? node(...words);
  return ["1", "3"].flatMap((readers) => {
    const many = readers === "1" ? "a reader" : `${readers} readers`;
    return [
      {
        name: `broadcast: a record of 64 bytes that each of ${readers} reads beside a writer at full speed`,
        contenders: [
          { name: "c", label: "C", command: first(`read ${readers}`, "read", readers, "read(copy)") },
          { name: "read(copy)", label: "shmgen read(copy)", command: node("read", readers, "read(copy)"), limit: 1.67 },
          { name: "read()", label: "shmgen read(), a plain object", command: node("read", readers, "read()") },
          { name: "forAwait", label: "shmgen for await", command: node("read", readers, "forAwait") },
          { name: "send", label: "process.send, to each", command: node("read", readers, "send") },
        ],
      },
      {
        name: `broadcast: a record of 64 bytes that is published beside ${many}`,
        contenders: [
          { name: "c", label: "C", command: first(`publish ${readers}`, "publish", readers, "claim") },
          { name: "claim", label: "shmgen claim and publish", command: node("publish", readers, "claim"), limit: 1.67 },
          { name: "publish", label: "shmgen publish(value)", command: node("publish", readers, "publish(value)") },
        ],
      },
    ];
  });
}
