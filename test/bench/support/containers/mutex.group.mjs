import { spawnSync } from "node:child_process";
import { join } from "node:path";

const here = import.meta.dirname;

/** Command of the C program, or undefined where there is no gcc. */
function builder(folder) {
  const program = join(folder, "mutex");
  const flags = ["-O2", "-std=gnu11", "-pthread", "-o", program, join(here, "mutex.c")];
  const isBuilt = spawnSync("gcc", flags, { stdio: "ignore" }).status === 0;
  return (...words) => (isBuilt ? [program, ...words] : undefined);
}

/** `folder`: for what is built. */
export function groups(folder) {
  const c = builder(folder);
  const node = (...words) => [process.execPath, join(here, "mutex-contender.mjs"), ...words];
  return [
    {
      name: "mutex: lock and unlock, nobody else wants it",
      contenders: [
        { name: "raw", label: "Atomics, compareExchange + exchange", command: node("raw, nothing between") },
        { name: "shmgen", label: "shmgen", command: node("shmgen, nothing between"), limit: 1.3 },
        { name: "c raw", label: "C, the same two instructions", command: c("raw", "alone") },
        { name: "c word", label: "C, the same protocol", command: c("word", "alone") },
        { name: "pthread", label: "C, robust pthread mutex", command: c("pthread", "alone") },
      ],
    },
    {
      name: "mutex: the same, with a counter between, and others of the kind",
      contenders: [
        { name: "raw", label: "Atomics, compareExchange + exchange", command: node("raw") },
        { name: "shmgen", label: "shmgen lock", command: node("shmgen"), limit: 1.3 },
        { name: "tryLock", label: "shmgen tryLock", command: node("tryLock"), limit: 1.3 },
        { name: "semaphore", label: "shmgen semaphore, acquire + release", command: node("semaphore") },
      ],
    },
    {
      name: "mutex: two processes count, turns of both",
      contenders: [
        {
          name: "c word",
          label: "C, the same protocol",
          command: c("word", "contended") ?? node("shmgen", "contended"),
        },
        { name: "shmgen", label: "shmgen lock", command: node("shmgen", "contended"), limit: 2 },
        { name: "pthread", label: "C, robust pthread mutex", command: c("pthread", "contended") },
        { name: "spinning", label: "Atomics, spinning", command: node("raw spinning", "contended") },
      ],
    },
  ];
}
