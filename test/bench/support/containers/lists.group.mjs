import { join } from "node:path";
import { cProgram, generatedModule } from "./c-program.mjs";

/** Records of 64 bytes. */
const SCHEMA = `import type { f64, queue, Region, slotPool, u32, workQueue } from "@shmgen/schema";

export interface Task {
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

export interface Lists extends Region<{ type: 0x11c3; version: 1 }> {
  tasks: queue<Task, 1024>;
  jobs: workQueue<Task, 1024>;
  frames: slotPool<Task, 64>;
  go: u32;
}
`;
const LISTS = { name: "lists", schema: SCHEMA, source: "lists.c" };

/** `folder`: for what is built. */
export async function groups(folder) {
  const c = await cProgram(folder, LISTS);
  const module = await generatedModule(join(folder, "lists"), LISTS);
  const node = (...words) => [process.execPath, join(import.meta.dirname, "lists-contender.mjs"), module, ...words];
  const both = (work, limit) => [
    { name: "c", label: "C", command: c(work) ?? node(work) },
    { name: "shmgen", command: node(work), limit },
  ];
  return [
    { name: "queue: push and pop, one thread", contenders: both("queue", 2.5) },
    {
      name: "queue: 2 producers, 2 consumers, ns for each record",
      contenders: [
        ...both("queue-2x2", 2.5),
        { name: "send", label: "process.send, 2 and 2", command: node("send-2x2") },
      ],
    },
    { name: "workQueue: push, lease and done, one thread", contenders: both("work", 2.5) },
    { name: "workQueue: 2 producers, 2 workers, ns for each job", contenders: both("work-2x2", 2.5) },
    { name: "slotPool: alloc and free, one thread", contenders: both("pool", 2.5) },
  ];
}
