import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../schema/dist/crc32c.js";
import { announcingStores, fillingStores, readyStore } from "../../runtime/dist/runtime/format/header.js";
import { type Plan, extentOf, planOf } from "../../runtime/dist/runtime/format/plan.js";
import { type HeaderVerdict, judge } from "../../runtime/dist/runtime/format/verdict.js";
import { Counter, counterDefinition } from "../support/regions/counter.mjs";
import { byDepth } from "../support/run/depth.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";

// The definition is of the classes that ship, the plan of those that tsc made; TypeScript takes them for different ones.
const planOfCounter = (change = {}): Plan =>
  planOf(counterDefinition(change) as unknown as Parameters<typeof planOf>[0]);
const directory = regionDirectory();
const plan: Plan = planOfCounter();
const FILE_SIZE = 4096;
const HEADERS = byDepth(15_000, 100_000, 10_000_000);

/** The bytes of a complete region. */
function readyRegion(name = "ready"): Uint8Array {
  const region = Counter.createOrOpen(name, { cleanup: "keep" });
  region.close();
  return new Uint8Array(readFileSync(`${directory}/${name}`));
}
const ready = readyRegion();
const header = ready.slice(0, 128);
const kindOf = (bytes: Uint8Array, size = FILE_SIZE): HeaderVerdict["kind"] => judge(bytes, size, plan).kind;

/** What a process does that finds a file of these bytes, with nobody holding it. */
function openLeftOver(name: string, bytes: Uint8Array): string {
  writeFileSync(`${directory}/${name}`, bytes, { mode: 0o600 });
  const code = codeOf(() => {
    const region = Counter.createOrOpen(name, {
      cleanup: "keep",
      initialise: (data) => {
        data.count = 1;
      },
    });
    try {
      if (region.data.count !== 1 || region.data.big !== 0n || region.data.word !== 0) throw new Error("not made anew");
    } finally {
      region.close();
    }
  });
  return code === "none" ? "made anew" : code;
}

describe("header", () => {
  it("CRC-32C of the check string is the published one", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });

  it("a complete region is ready, with the extent that was planned [C-04]", () => {
    const verdict = judge(header, FILE_SIZE, plan);
    expect(verdict).toMatchObject({ kind: "ready", generation: 1, extent: { tailLength: 0, size: FILE_SIZE } });
    expect(verdict).toMatchObject({ extent: extentOf(plan, 0, "x") });
  });

  it("every bit flip of line 0 is found [fault 55]", () => {
    for (let bit = 0; bit < 64 * 8; bit += 1) {
      const copy = header.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(kindOf(copy), `bit ${bit}`).not.toBe("ready");
    }
  });

  it("a bit flip of line 1 never leads outside the file [fault 55]", () => {
    for (let bit = 64 * 8; bit < 128 * 8; bit += 1) {
      const copy = header.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const verdict = judge(copy, FILE_SIZE, plan);
      if (verdict.kind === "ready") expect(verdict.extent.size, `bit ${bit}`).toBe(FILE_SIZE);
    }
  });

  it("after every single store of an initialisation nobody takes the region for ready, and anybody may mend it [fault 4]", () => {
    const fields = { ...extentOf(plan, 0, "x"), descriptorSize: plan.descriptor.length };
    const creator = { generation: 8, creatorPid: 1, creatorStartTime: 2n, bootId: 3n, initialisedAt: 4n, kept: true };
    const stores = [...announcingStores(8), ...fillingStores(plan.identity, { ...fields, ...creator }), readyStore()];
    for (const before of ["blank", "ready"] as const) {
      const bytes = before === "blank" ? new Uint8Array(128) : header.slice();
      const view = new DataView(bytes.buffer);
      stores.forEach(({ offset, size, value }, index) => {
        if (size === 8) view.setBigUint64(offset, value, true);
        else view.setUint32(offset, Number(value), true);
        const expected = index === stores.length - 1 ? "ready" : "torn";
        expect(kindOf(bytes), `${before}, store ${index} at ${offset}`).toBe(expected);
      });
    }
  });

  it("every byte prefix of a header, followed by zeros, is made anew when nobody holds it [fault 4]", () => {
    for (let length = 0; length <= 128; length += 1) {
      const bytes = new Uint8Array(FILE_SIZE);
      bytes.set(header.subarray(0, length));
      expect(openLeftOver("prefix", bytes), `${length} bytes, whole file`).toBe("made anew");
      expect(openLeftOver("prefix", header.subarray(0, length)), `${length} bytes, cut file`).toBe("made anew");
    }
  });

  it("a file that is not ours is never touched, whatever the locks say [fault 47]", () => {
    const contents = [
      Buffer.from("hello, world\n"),
      Buffer.from("SHMGEX and more"),
      Buffer.concat([Buffer.alloc(200), Buffer.from("data after zeros")]),
      Buffer.concat([Buffer.from("SHM"), Buffer.alloc(500), Buffer.from("x")]),
      Buffer.from(ready).fill(2, 7, 8),
      Buffer.from(ready.slice(0, 8).reverse()),
      Buffer.alloc(1, 1),
    ];
    for (const content of contents) {
      expect(openLeftOver("foreign", content)).toMatch(/^ERR_SHM_(FOREIGN|FORMAT)$/);
      expect(readFileSync(`${directory}/foreign`)).toEqual(content);
      expect(codeOf(() => Counter.open("foreign"))).toMatch(/^ERR_SHM_(FOREIGN|FORMAT)$/);
    }
  });

  it("another byte order is named [fault 48]", () => {
    const swapped = header.slice();
    swapped.set([0xfe, 0xff], 8);
    expect(judge(swapped, FILE_SIZE, plan)).toMatchObject({ kind: "mismatch", field: "byteOrderMark" });
  });

  it("sizes and offsets that point outside the file are refused [faults 51 52]", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(72, 80),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        fc.nat(8192),
        (offset, value, fileSize) => {
          const copy = header.slice();
          new DataView(copy.buffer).setBigUint64(offset, value, true);
          const verdict = judge(copy, fileSize, plan);
          if (verdict.kind === "ready")
            expect(verdict.extent.size).toBeLessThanOrEqual(Math.ceil(fileSize / 4096) * 4096);
        },
      ),
      { seed: runSeed("header"), numRuns: byDepth(5000, 20_000), verbose: 1 },
    );
  });
});

describe("headers and sizes of any kind", () => {
  it(`${HEADERS.toLocaleString("en")} random headers: no crash, no false accept [figure 9]`, () => {
    const generator = new Random(runSeed("random headers"));
    const random = (): number => generator.bits();
    const counts: Record<string, number> = {};
    for (let round = 0; round < HEADERS; round += 1) {
      // A third is noise; a third begins with the magic; a third is a complete header with some bytes changed.
      const copy = round % 3 === 2 ? header.slice() : new Uint8Array(128);
      if (round % 3 < 2) for (let at = 0; at < 128; at += 1) copy[at] = random();
      if (round % 3 === 1) copy.set(header.subarray(0, 8));
      if (round % 3 === 2) {
        for (let changes = 1 + (random() % 8); changes > 0; changes -= 1) copy[random() % 128] = random();
      }
      const fileSize = random() % 3 === 0 ? random() % 10_000 : FILE_SIZE;
      const verdict = judge(copy, fileSize, plan);
      counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
      if (verdict.kind !== "ready") continue;
      // Accepted is only what has the identity of the plan, byte for byte, and lies in the file.
      expect(Buffer.from(copy.subarray(0, 64))).toEqual(Buffer.from(header.subarray(0, 64)));
      expect(verdict.extent.descriptorOffset).toBeLessThanOrEqual(fileSize);
    }
    console.log(`${HEADERS} headers: ${JSON.stringify(counts)}`);
    expect(counts["foreign"]).toBeGreaterThan(HEADERS * 0.3);
    expect(counts["mismatch"]).toBeGreaterThan(HEADERS * 0.1);
  }, 600_000);

  it("1,000 random files through the whole protocol: a typed error or a region made anew", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, ours) => {
        const bytes = ours ? new Uint8Array(Buffer.concat([header.subarray(0, 64), noise])) : noise;
        const outcome = openLeftOver("fuzz", bytes);
        expect(outcome).toMatch(/^(made anew|ERR_SHM_FOREIGN|ERR_SHM_FORMAT)$/);
        if (ours) expect(outcome).toBe("made anew");
      }),
      { seed: runSeed("header"), numRuns: 1000, verbose: 1 },
    );
  });

  it("the generation wraps to 1, because 0 means never [fault 58]", () => {
    const bytes = ready.slice();
    new DataView(bytes.buffer).setUint32(68, 0xffff_ffff, true);
    writeFileSync(`${directory}/wrap`, bytes, { mode: 0o600 });
    const region = Counter.createOrOpen("wrap");
    expect([region.outcome, region.generation]).toEqual(["reinitialised", 1]);
    region.close();
  });

  it("a file of another boot is as stale as any other [fault 20]", () => {
    const bytes = ready.slice();
    new DataView(bytes.buffer).setBigUint64(104, 1n, true);
    expect(openLeftOver("boot", bytes)).toBe("made anew");
  });

  it("names never lead out of the directory [fault 42]", () => {
    const refused = ["", ".", "..", "/", "a/b", "../x", "a\0b", "-x", ".hidden", "a\nb", "ä", "a".repeat(201), "con:"];
    for (const name of refused)
      expect(
        codeOf(() => Counter.createOrOpen(name)),
        JSON.stringify(name),
      ).toBe("ERR_SHM_NAME");
    fc.assert(
      fc.property(fc.string({ maxLength: 30, unit: "binary" }), (name) => {
        const code = codeOf(() => Counter.createOrOpen(name).close());
        expect(code).toBe(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name) ? "none" : "ERR_SHM_NAME");
      }),
      { seed: runSeed("header"), numRuns: 5000, verbose: 1 },
    );
    Counter.createOrOpen("a".repeat(200)).close();
  });

  it("sizes that cannot be are refused before any system call [fault 43]", () => {
    const tail = planOfCounter({ tailStride: 8, fingerprint: "00000000000000aa" });
    for (const length of [-1, 0.5, Number.NaN, 2 ** 53, 2 ** 52, Number.POSITIVE_INFINITY]) {
      expect(
        codeOf(() => extentOf(tail, length, "x")),
        String(length),
      ).toBe("ERR_SHM_RANGE");
    }
    expect(extentOf(tail, 2 ** 40, "x").size % 4096).toBe(0);
    const before = openSync("/dev/null", "r");
    closeSync(before);
    expect(codeOf(() => Counter.createOrOpen("sized", { tailLength: 3 }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Counter.createOrOpen("sized", { timeoutMs: -1 }))).toBe("ERR_SHM_RANGE");
  });
});
