/** Wasm memories that V8 refuses: searched for once in a while, not at every open. */
import { expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";

regionDirectory();

/** A constructor of memories that refuses more pages than `most`, and counts how often it is asked. */
const COUNTED = `
  const Tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" });
  let attempts = 0;
  let most = 0;
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (descriptor) {
    attempts += 1;
    if (descriptor.initial > most) throw new RangeError("could not allocate memory");
    return new Memory(descriptor);
  };
  /** How many attempts a call makes, and with what kind of mapping it ends. */
  const counted = (call) => {
    const before = attempts;
    let kind;
    try {
      kind = call().kind;
    } catch (error) {
      kind = error.code;
    }
    return [attempts - before, kind];
  };
  let names = 0;
  const open = (tailLength, mapping) => Tailed.createOrOpen("region-" + (names += 1), { tailLength, mapping });
  const SMALL = 1;
  const LARGE = 1 << 16;
`;

const run = (script: string): unknown => JSON.parse(runScript(`${COUNTED} console.log(JSON.stringify(${script}));`));

it("one refusal is remembered for all regions that need as much, and a smaller one is asked for", () => {
  expect(
    run(`[
      counted(() => open(LARGE, "auto")), counted(() => open(LARGE, undefined)), counted(() => open(2 * LARGE, "auto")),
      counted(() => open(SMALL, "auto")), counted(() => open(SMALL, "auto")), counted(() => open(LARGE, "auto")),
    ]`),
  ).toEqual([
    [1, "view"],
    [0, "view"],
    [0, "view"],
    [1, "view"],
    [0, "view"],
    [0, "view"],
  ]);
});

it("a smaller one that is got does not make the larger one be asked for", () => {
  expect(
    run(
      `[counted(() => open(LARGE)), (most = 1), counted(() => open(SMALL)), counted(() => open(LARGE)), counted(() => open(SMALL))]`,
    ),
  ).toEqual([[1, "view"], 1, [1, "wasm"], [0, "view"], [1, "wasm"]]);
});

it("who asks for a Wasm memory by name gets an attempt each time, and its success is remembered", () => {
  expect(
    run(`[
      counted(() => open(LARGE)), counted(() => open(LARGE, "wasm")), counted(() => open(LARGE, "wasm")),
      (most = 100), counted(() => open(LARGE, "wasm")), counted(() => open(LARGE)),
    ]`),
  ).toEqual([[1, "view"], [1, "ERR_SHM_UNSUPPORTED"], [1, "ERR_SHM_UNSUPPORTED"], 100, [1, "wasm"], [1, "wasm"]]);
});

it("it is asked for again when a Wasm memory of ours was closed, and after a while", () => {
  expect(
    run(`(() => {
      most = 1;
      const kept = open(SMALL);
      const seen = [kept.kind, counted(() => open(LARGE)), counted(() => open(LARGE))];
      open(LARGE, "view").close();
      seen.push("a view was closed", counted(() => open(LARGE)));
      kept.close();
      seen.push("a Wasm memory was closed", counted(() => open(LARGE)), counted(() => open(LARGE)));
      const now = process.uptime();
      process.uptime = () => now + 9;
      seen.push("nine seconds later", counted(() => open(LARGE)));
      process.uptime = () => now + 11;
      seen.push("two more", counted(() => open(LARGE)), counted(() => open(LARGE)));
      return seen;
    })()`),
  ).toEqual([
    "wasm",
    [1, "view"],
    [0, "view"],
    "a view was closed",
    [0, "view"],
    "a Wasm memory was closed",
    [1, "view"],
    [0, "view"],
    "nine seconds later",
    [0, "view"],
    "two more",
    [1, "view"],
    [0, "view"],
  ]);
});
