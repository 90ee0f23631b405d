/** C processes that are killed after each instruction of an operation, and what others find then. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, build } from "../support/c/containers/peers.js";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

const directory = regionDirectory();
/** Of each operation one in so many instructions. */
const STRIDES = {
  lock: byDepth(3, 1),
  write: byDepth(3, 1),
  push: byDepth(3, 1),
  pop: byDepth(3, 1),
  put: byDepth(5, 3, 1),
  get: byDepth(5, 3, 1),
  say: byDepth(5, 3, 1),
  hear: byDepth(5, 3, 1),
  publish: byDepth(3, 1),
  set: byDepth(11, 7, 1),
  add: byDepth(11, 7, 1),
  drop: byDepth(7, 3, 1),
  series: byDepth(101, 53, 3),
  acquire: byDepth(3, 1),
  "push-task": byDepth(3, 1),
  "pop-task": byDepth(3, 1),
  frame: byDepth(5, 3, 1),
  work: byDepth(11, 7, 1),
  leave: byDepth(23, 7, 1),
  recover: byDepth(23, 7, 1),
  join: byDepth(293, 97, 1),
};
type Operation = keyof typeof STRIDES;
/** Of headers with a mistake, where what shows it takes many instructions. */
const MISTAKE_STRIDES: Partial<Record<Operation, number>> = { recover: 7, series: 101 };

/** What kills.c says of an operation. */
function killed(program: string, operation: Operation, stride = STRIDES[operation]): string {
  const env = { ...process.env, SHMGEN_DIR: directory };
  const run = spawnSync(program, [randomUUID(), operation, `${stride}`], {
    env,
    encoding: "utf8",
    timeout: byDepth(110_000, 110_000, 3_600_000),
  });
  return run.stdout.trim() || `ended with ${run.status ?? run.signal}`;
}

describe.skipIf(withoutCompilers !== undefined).each(COMPILERS)(
  `killed at its instructions, $name ${withoutCompilers ?? ""}`,
  (compiler) => {
    let built: Built | undefined;
    let program = "";

    beforeAll(async () => {
      built = await build();
      program = built.program("kills", compiler);
    });
    afterAll(() => built?.remove());

    it.each(Object.keys(STRIDES) as Operation[])(
      "%s: what was published is there, nothing is torn, nothing stays taken",
      (operation) => {
        expect(killed(program, operation)).toMatch(/^[1-9]\d+ kills$/);
      },
    );
  },
);

/** Mistakes in the header, each with the operation whose deaths show it. */
const MISTAKES: readonly (readonly [what: string, operation: Operation, from: RegExp, to: string])[] = [
  [
    "the writer's word of a seqlock is not recovered",
    "write",
    /self->writer, number, 0u/,
    "self->writer, number + 1u, 0u",
  ],
  [
    "a writer writes the cell that is read",
    "write",
    /% 2u != 0 \? (\d+) : (\d+)\), value/,
    "% 2u != 0 ? $2 : $1), value",
  ],
  [
    "a producer publishes before its element is there",
    "push",
    /( *__builtin_memcpy\(&self->slots\[producer->tail[^;]*;\n)(.*\n)(.*\n)/,
    "$2$3$1",
  ],
  [
    "bytes are published before they are there",
    "put",
    /( *if \(size > 0\) __builtin_memcpy\(self->bytes[^;]*;\n)([^]*?shmgen_bip_publish[^;]*;\n)/,
    "$2$1",
  ],
  [
    "the lap is left before the watermark is there",
    "put",
    /( *__atomic_store_n\(bip.watermark[^;]*;\n)(.*\n.*\n)/,
    "$2$1",
  ],
  [
    "a message is published before its head is there",
    "say",
    /( *shmgen_message_head\(self, grant->at[^;]*;\n)([^]*?SEQ_CST\);\n)/,
    "$2$1",
  ],
  ["the lock of producers is not recovered", "say", /(For what it may have published\. \*\/\n).*\n/, "$1"],
  [
    "a broadcast is published before its element is there",
    "publish",
    /(  shmgen_cell_store\(to, value, size\);\n)([^]*?__atomic_store_n\(tail, number, __ATOMIC_SEQ_CST\);\n)/,
    "$2$1",
  ],
  [
    "a slot is stamped when it is filled",
    "publish",
    /(  __atomic_store_n\(stamp, number, __ATOMIC_RELAXED\);\n)([^]*?  shmgen_cell_store\(to, value, size\);\n)/,
    "$2$1",
  ],
  [
    "the writer of a broadcast is not recovered",
    "publish",
    /(broadcast_Sample_16_recover[^}]*self->writer, )number, 0u/,
    "$1number + 1u, 0u",
  ],
  ["a role is not recovered", "pop", /shmgen_role_recover\(&self->consumer, [^;]*;/, ""],
  [
    "the number of a dead one is free before all it had is",
    "recover",
    /( *self->recover\(self->payload[^;]*;\n)([^]*? 0u, __ATOMIC_SEQ_CST\);\n)/,
    "$2$1",
  ],
  [
    "a queue's counter is stored before its element",
    "push-task",
    /( *__builtin_memcpy\(&self->slots\[tail [^;]*;\n)(.*\n)/,
    "$2$1",
  ],
  ["losses are not said", "frame", /(__atomic_fetch_add\(losses, )1u/, "$1 0u"],
  ["jobs of the dead stay theirs", "work", /(&self->losses, number, )SHMGEN_READY/, "$1number"],
  ["a map's lists are not made anew", "add", /\n *if \(shmgen_map_load\(self, SHMGEN_MAP_LOSSES\) !=[^;]*;/, ""],
  [
    "an entry is named in its chain before it is filled",
    "set",
    /( *shmgen_map_store\(self, at \+ SHMGEN_ENTRY_HASH, hash\);\n[^]*?)( *shmgen_map_store\(self, old == 0 \? bucket : link, entry\);\n)/,
    "$2$1",
  ],
  [
    "a series is published before its texts are there",
    "series",
    /( *shmgen_series_text\(&entry\[SHMGEN_SERIES_KEY\][^;]*;\n[^]*?)( *__atomic_store_n\(entry, self->number, __ATOMIC_SEQ_CST\);\n)/,
    "$2$1",
  ],
  [
    "a series of the dead stays theirs",
    "series",
    /(const uint32_t left|left) = \(__atomic_load_n[^;]*;/,
    "left = number;",
  ],
  ["permits of the dead stay theirs", "acquire", /(&permits\[at\], &dead, )0u/, "$1number"],
];

describe.skipIf(withoutCompilers !== undefined)(`a header with a mistake ${withoutCompilers ?? ""}`, () => {
  it.each(MISTAKES)("%s: a death at some instruction of %s shows it", async (_what, operation, from, to) => {
    const built = await build(["c"], (header) => {
      const changed = header.replaceAll(new RegExp(from, "g"), to);
      expect(changed).not.toBe(header);
      return changed;
    });
    try {
      expect(
        killed(built.program("kills", COMPILERS[0] as Compiler), operation, MISTAKE_STRIDES[operation] ?? 1),
      ).toMatch(/^after \d+ instructions/);
    } finally {
      built.remove();
    }
  });
});
