/** What the doctor says of what containers need: locks of participants, and waits that do not block. */
import * as fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Check } from "@shmgen/runtime/doctor";
import {
  before,
  compiled,
  type Conditions,
  examine,
  folder,
  inject,
  inMounts,
  mounted,
  mountsWork,
  shimmed,
  traced,
  withShim,
} from "../support/processes/doctor.js";
import { BY_THREAD } from "../support/processes/scripts.js";
import { straceWorks } from "../support/syscalls/strace.js";

it.skipIf(!compiled)(`doctor range-locks: refused, not seen by others, not exclusive, and kept${shimmed}`, () => {
  const locks = (shim: string): Check => examine("range-locks", withShim(shim));
  expect(locks("no-ranges")).toMatchObject({ status: "problem", found: "fcntl F_OFD_SETLK: EINVAL" });
  expect(locks("unseen-ranges")).toMatchObject({
    status: "problem",
    found: "another open file does not see the lock",
  });
  expect(locks("shared-ranges")).toMatchObject({ status: "problem", expected: "one lock at a time" });
  expect(locks("kept-ranges")).toMatchObject({ status: "problem", found: "still locked when its file is closed" });
  expect(locks("")).toMatchObject({ status: "ok" });
});

const waits = (errno: string, conditions: Conditions = {}): Check =>
  examine("async-waits", { ...conditions, under: inject(`io_uring_setup:error=${errno}`) });

it.skipIf(!straceWorks)(`doctor async-waits: a thread does them, and why${traced}`, () => {
  expect(examine("async-waits", { env: BY_THREAD })).toMatchObject({
    status: "warning",
    found: "by a thread: UV_USE_IO_URING=0",
  });
  for (const errno of ["EPERM", "ENOSYS"]) {
    expect(waits(errno)).toMatchObject({ status: "warning", found: `by a thread: io_uring: ${errno}` });
  }
  const old = `import os from "node:os"; import { syncBuiltinESMExports } from "node:module";
    os.release = () => "6.1.0-18-amd64"; syncBuiltinESMExports();`;
  expect(waits("EINVAL", { node: before(old) })).toMatchObject({
    status: "warning",
    found: "by a thread: Linux 6.1.0-18-amd64, io_uring: EINVAL",
    expected: "by io_uring, Linux 6.7 or newer",
  });
});

it.skipIf(!mountsWork || !straceWorks)(`doctor async-waits: the kernel's own switch${mounted}`, () => {
  const value = join(folder, "io_uring_disabled");
  fs.writeFileSync(value, "2\n");
  const under = [
    ...inMounts(`mount --bind ${value} /proc/sys/kernel/io_uring_disabled`),
    ...inject("io_uring_setup:error=EPERM"),
  ];
  expect(examine("async-waits", { under })).toMatchObject({
    status: "warning",
    found: "by a thread: kernel.io_uring_disabled=2",
  });
});
