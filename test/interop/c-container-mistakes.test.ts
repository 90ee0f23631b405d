/** What c-container-kills.test.ts is worth: headers with one mistake each are caught by a death at some instruction. */
import { describe, expect, it } from "vitest";
import { killed, type Operation } from "../support/c/containers/killed.js";
import { build } from "../support/c/containers/peers.js";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth, drawnOf } from "../support/run/depth.js";

const directory = regionDirectory();
/** Where what shows a mistake takes many instructions. */
const STRIDES: Partial<Record<Operation, number>> = { recover: 7, series: 101 };

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

/** In short runs one in three, from a drawn one on. */
const STEP = byDepth(3, 1);
const tried = MISTAKES.filter((_, index) => index % STEP === drawnOf(STEP) - 1);

describe.skipIf(withoutCompilers !== undefined)(`a header with a mistake ${withoutCompilers ?? ""}`, () => {
  it.each(tried)("%s: a death at some instruction of %s shows it", async (_what, operation, from, to) => {
    const built = await build(["c"], (header) => {
      const changed = header.replaceAll(new RegExp(from, "g"), to);
      expect(changed).not.toBe(header);
      return changed;
    });
    try {
      const program = built.program("kills", COMPILERS[0] as Compiler);
      const stride = STRIDES[operation] ?? 1;
      expect(killed(program, { operation, directory, stride })).toMatch(/^after \d+ instructions/);
    } finally {
      built.remove();
    }
  });
});
