/** C processes that are killed after each instruction of an operation, and what others find then. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killed, type Operation } from "../support/c/containers/killed.js";
import { type Built, build } from "../support/c/containers/peers.js";
import { COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth, drawnOf } from "../support/run/depth.js";

const directory = regionDirectory();
/** Of each operation one in so many instructions, from a drawn one on. */
const STRIDES: Record<Operation, number> = {
  lock: byDepth(3, 1),
  write: byDepth(7, 1),
  push: byDepth(7, 1),
  pop: byDepth(7, 1),
  put: byDepth(13, 3, 1),
  get: byDepth(13, 3, 1),
  say: byDepth(13, 3, 1),
  hear: byDepth(13, 3, 1),
  publish: byDepth(7, 1),
  set: byDepth(31, 7, 1),
  add: byDepth(31, 7, 1),
  drop: byDepth(17, 3, 1),
  series: byDepth(293, 97, 3),
  acquire: byDepth(7, 1),
  "push-task": byDepth(7, 1),
  "pop-task": byDepth(7, 1),
  frame: byDepth(13, 3, 1),
  work: byDepth(31, 7, 1),
  leave: byDepth(61, 13, 1),
  recover: byDepth(61, 13, 1),
  join: byDepth(397, 193, 1),
};
const TIMEOUT_MS = byDepth(110_000, 110_000, 3_600_000);

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
        const stride = STRIDES[operation];
        const killing = { operation, directory, stride, from: drawnOf(stride), timeoutMs: TIMEOUT_MS };
        expect(killed(program, killing)).toMatch(/^[1-9]\d+ kills$/);
      },
    );
  },
);
