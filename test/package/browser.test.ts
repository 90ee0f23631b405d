/**
 * Generated code in a browser: bundled by the `browser` condition, with nothing of Node in it, in a page and a worker of it. Without a Chromium
 * the page is skipped; what the bundle is made of is looked at all the same.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chromium, chromiumHere } from "../support/browser/chromium.js";
import { generateModule } from "../support/containers/generated-module.js";

const SCHEMA = `
import type { Region, array, atomic, f32, messages, mutex, queue, u8, u32, u64, utf8 } from "@shmgen/schema";
export interface Board extends Region<{ type: 9; version: 1 }> {
  n: atomic<u32>;
  small: atomic<u8>;
  big: atomic<u64>;
  name: utf8<16>;
  points: array<f32, 4>;
  door: mutex;
  jobs: queue<u32, 8>;
  notes: messages<1024>;
}
`;
const support = resolve(import.meta.dirname, "../support/browser");
const command = chromiumHere();
if (command === undefined) console.log("no Chromium here (CHROMIUM names one): no page is tried");
/** A browser on a machine that does much else is slow; whatever is waited for is an event. */
const PATIENCE = { timeout: 400_000 };

const modules = new Map<string, string>();
let server: Server;
let address: string;
let browser: Chromium | undefined;

/** A program of the folder beside this, with the generated code and the runtime in it, as a bundler for browsers does. */
async function bundled(name: string, board: string): Promise<string> {
  const build = await rolldown({
    input: join(support, name),
    platform: "browser",
    plugins: [{ name: "board", resolveId: (source) => (source === "board" ? board : undefined) }],
    onLog: (level, log) => {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  return output[0].code;
}

beforeAll(async () => {
  const board = fileURLToPath(generateModule("board", SCHEMA));
  for (const name of ["page.js", "page-worker.js"]) modules.set(`/${name}`, await bundled(name, board));
  server = createServer(({ url = "/" }, response) => {
    // What a page needs to be given a SharedArrayBuffer.
    const isolated = url.startsWith("/open") ? {} : ISOLATED;
    const script = modules.get(url);
    response.writeHead(200, { ...isolated, "content-type": script === undefined ? "text/html" : "text/javascript" });
    response.end(
      script ?? '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  // Browsers trust this name as they trust https.
  address = `http://localhost:${port}`;
  if (command !== undefined) browser = new Chromium(command);
});
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
afterAll(async () => {
  await browser?.close();
  server.close();
});

describe("a bundle for browsers", () => {
  it("has nothing of Node in it, nor of files", () => {
    for (const code of modules.values()) {
      expect(code).not.toMatch(/node:|koffi|\brequire\(|getBuiltinModule|\bprocess\.|\bBuffer\.alloc\(/);
    }
  });

  it("is made of files that the package ships", () => {
    const { exports } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../runtime/package.json"), "utf8"));
    expect(Object.keys(exports as object).filter((door) => exports[door].browser !== undefined)).toEqual([
      ".",
      "./codegen-v1",
      "./containers-v1",
    ]);
  });
});

describe.skipIf(command === undefined)("a page in Chromium", PATIENCE, () => {
  it("shares a local region with its worker: fields, waits, containers, messages; and says what it cannot do", async () => {
    const page = await (browser as Chromium).open(`${address}/`);
    expect(await page.evaluate("window.result")).toEqual({
      isolated: true,
      counted: 20_000,
      woken: "ok",
      late: "timed-out",
      blocked: "ERR_SHM_UNSUPPORTED: this thread may not block",
      name: "worker",
      points: [0, 1.5, 0, 0],
      big: "18446744073709551615",
      locked: 2000,
      taken: [0, 1, 2, 3, 4],
      note: { text: "grüß dich" },
      participants: 2,
      opened:
        "ERR_SHM_UNSUPPORTED: createOrOpen() needs memory between processes, which no browser has; createLocal() makes the same region for the threads of a page",
      ready: "ERR_SHM_UNSUPPORTED",
    });
    expect(page.complaints).toEqual([]);
  });

  it("is told what it lacks where it is not isolated", async () => {
    const page = await (browser as Chromium).open(`${address}/open`);
    expect(await page.evaluate("window.result")).toEqual({
      isolated: false,
      refused: expect.stringMatching(
        /^ERR_SHM_UNSUPPORTED: there is no SharedArrayBuffer here: path=local:Board; a page has it/,
      ),
    });
    expect(page.complaints).toEqual([]);
  });
});
