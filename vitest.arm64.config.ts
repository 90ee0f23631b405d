import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.js";

/** Titles of tests that an emulator cannot pass, or that take minutes of it, and why; they are run on this machine's own processor. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "a process that runs is told from one that has ended": "qemu-user makes up when a process began (/proc/self/stat)",
  "what another process has open is opened by its number there": "as before: by when the process began",
  "who has a file locked is found, with what it is": "the command of a process is the emulator's",
  "killed while it grows": "takes minutes: starts twelve processes one after the other",
  "four processes grow one tail at the same time": "takes minutes: they wait for each other's turns",
  "leaked views of closed regions": "takes minutes: opens 1,000 regions",
  "a region that is collected without close": "takes minutes: collects garbage again and again",
  "opening and closing leaks no descriptor": "takes minutes: opens 2,500 regions",
};

console.log("left out on an emulated processor:");
for (const [title, reason] of Object.entries(LEFT_OUT)) console.log(`  ${title}: ${reason}`);

/** The contracts that hold for every platform, by Node on arm64: test/support/environments/node-arm64.sh starts it. */
export default mergeConfig(
  { test: { ...base.test, include: [] } },
  defineConfig({
    test: {
      include: ["test/contract/**/*.test.ts"],
      testNamePattern: new RegExp(`^(?!.*(?:${Object.keys(LEFT_OUT).join("|")}))`),
      testTimeout: 300_000,
      hookTimeout: 300_000,
    },
  }),
);
