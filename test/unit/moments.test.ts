/** `timestamp<unit>`: moments in JavaScript, and the integers that stand for them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromMoment, type TimeUnit, toMoment } from "@shmgen/runtime/codegen-v1";
import { codeOf } from "../support/processes/processes.js";
import { runSeed } from "../support/run/random.js";
import type { Anything } from "../support/schemas/contents.js";
import { generateModule } from "../support/containers/generated-module.js";

const UNITS: readonly TimeUnit[] = ["s", "ms", "us", "ns"];
const PER_SECOND = { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n };
const MOST = 8.64e15;
const seed = runSeed("moments");

describe("a timestamp", () => {
  it.each(UNITS)("in %s shows every second that a Date and the integer can be, exactly", (unit) => {
    const most = unit === "ns" ? 9_223_372_036 : unit === "us" ? 8.64e12 : 8.64e12;
    fc.assert(
      fc.property(fc.integer({ min: -most, max: most }), (second) => {
        const bits = BigInt(second) * PER_SECOND[unit];
        expect(toMoment(unit, bits, "T.at")).toBe(second * 1000);
        expect(fromMoment(unit, "i64", second * 1000, "T.at")).toBe(bits);
        expect(fromMoment(unit, "i64", new Date(second * 1000), "T.at")).toBe(bits);
      }),
      { seed },
    );
  });

  it("shows whole milliseconds exactly, and fractions as near as a number can", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (bits) => {
        const moment = toMoment("ns", bits, "T.at");
        expect(Math.abs(moment - Number(bits) / 1e6)).toBeLessThanOrEqual(Math.abs(moment) * 2 ** -51);
        if (bits % 1_000_000n === 0n) expect(moment).toBe(Number(bits / 1_000_000n));
        // What is written again is no later, and no more than what a number leaves out earlier.
        const again = fromMoment("ns", "i64", moment, "T.at");
        expect(Math.abs(Number(again - bits))).toBeLessThanOrEqual(Math.max(2, Math.abs(Number(bits)) * 2 ** -51));
      }),
      { seed },
    );
  });

  it("is stored as the second or millisecond in which it lies, or as the nearest smaller unit", () => {
    expect([1999, 2000, -1, 0.5, -0].map((ms) => fromMoment("s", "i64", ms, "T.at"))).toEqual([1n, 2n, -1n, 0n, 0n]);
    expect(fromMoment("us", "i64", 1.0004, "T.at")).toBe(1000n);
    expect(fromMoment("ns", "u64", 1.0005, "T.at")).toBe(1_000_500n);
  });

  it("throws for what no Date can be, on reads too, and for what the integer cannot be", () => {
    expect(() => toMoment("ms", 2n ** 60n, "T.at")).toThrow(
      "T.at holds 1152921504606846976, which no Date can be: declare it as u64 or i64 to read it as a bigint",
    );
    expect(() => fromMoment("ns", "i64", MOST, "T.at")).toThrow(
      'milliseconds since 1970 that a Date can be (timestamp<"ns", i64>)',
    );
    const wrong = [Number.NaN, Infinity, MOST + 2, -MOST - 2, new Date(Number.NaN), "2026-11-30", 5n, undefined, {}];
    for (const value of wrong) {
      expect(codeOf(() => fromMoment("ms", "i64", value as number, "T.at"))).toBe("ERR_SHM_RANGE");
    }
    expect(codeOf(() => fromMoment("ms", "u64", -1, "T.at"))).toBe("ERR_SHM_RANGE");
    expect([MOST, -MOST].map((ms) => toMoment("ms", fromMoment("ms", "i64", ms, "T.at"), "T.at"))).toEqual([
      MOST,
      -MOST,
    ]);
  });
});

describe("a field of generated code", () => {
  const SCHEMA = `
import type { Region, array, atomic, be, since, timestamp, u64 } from "@shmgen/schema";
export interface Log extends Region<{ type: 1; version: 2; readableFrom: 1 }> {
  at: timestamp<"ms">;
  seen: atomic<timestamp<"ns", u64>>;
  sent: be<timestamp<"s">>;
  laps: array<timestamp<"us">, 2>;
  marks: array<atomic<timestamp<"ms">>, 2>;
  later: since<timestamp<"ms">, 2, 5>;
}`;

  it("is a number, takes a Date, and is whole where it is atomic", async () => {
    const { Log } = (await import(generateModule("log", SCHEMA))) as Anything;
    using region = Log.createLocal();
    const { data } = region;
    const now = Date.UTC(2026, 10, 30, 7, 0, 0, 123);
    data.at = new Date(now);
    data.seen = now + 0.25;
    data.sent = now;
    data.laps.set(1, -1);
    data.marks.set(0, now);
    expect([data.at, data.seen, data.sent, [...data.laps], data.marks.at(0)]).toEqual([
      now,
      now + 0.25,
      now - 123,
      [0, -1],
      now,
    ]);
    expect(region.memory.dataView.getBigInt64(128, true)).toBe(BigInt(now));
    expect(data.$seen.compareExchange(now + 0.25, now)).toBe(now + 0.25);
    expect([data.$seen.exchange(now + 1), data.seen, data.$seen.wait(now)]).toEqual([now, now + 1, "not-equal"]);
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      at: "2026-11-30T07:00:00.123Z",
      seen: "2026-11-30T07:00:00.124Z",
      sent: "2026-11-30T07:00:00.000Z",
      laps: ["1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z"],
      marks: ["2026-11-30T07:00:00.123Z", "1970-01-01T00:00:00.000Z"],
      later: "1970-01-01T00:00:00.000Z",
    });
    expect(codeOf(() => (data.at = "today"))).toBe("ERR_SHM_RANGE");
  });
});
