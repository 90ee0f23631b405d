/** `shmgen top`: what happens in the containers of a region, per second. */
import { type Counted, countersOf } from "../inspect/counters.js";
import { inspectSteadily } from "../inspect/inspect-steadily.js";
import type { Inspected } from "../inspect/shown.js";
import { safeText } from "../inspect/values.js";
import { usageFailure } from "../diagnostics/failure.js";
import { printableJson } from "@shmgen/schema/printable";
import { type Invocation, valueOf } from "./command.js";
import { followRegion, now, type Screen } from "./follow.js";
import { type RegionRequest, regionRequestOf } from "./inspect-region.js";
import { tableOf } from "./regions.js";

/** What one look has found. */
interface Look {
  /** ms, by a clock that nobody sets. */
  readonly at: number;
  /** Which region it was: one of the same name may be another. */
  readonly life: string;
  readonly found: readonly Counted[];
  readonly isCut: boolean;
}

/** A container, and how often something happened in it per second; no rates where it was not there before. */
interface Row extends Counted {
  readonly rates: Readonly<Record<string, number>>;
}

/** Looks until the region goes away, it is told to stop, or it has shown as many intervals as were asked for. */
export async function run(invocation: Invocation): Promise<number> {
  const count = countOf(invocation);
  const request = await regionRequestOf(invocation);
  let shown = 0;
  return followRegion<Look, Inspected>(request, {
    steadily: inspectSteadily,
    look(region, source) {
      const { found, isCut } = countersOf(region, source);
      if (found.length === 0) {
        return {
          state: "ready",
          why: "it has no container that counts anything",
          hint: "shmgen inspect shows its fields",
        };
      }
      const { generation, initialisedAt } = region.header;
      return { at: performance.now(), life: `${generation} ${initialisedAt}`, found, isCut };
    },
    show(look, before, screen) {
      const isNew = before === undefined || before.life !== look.life;
      if (!isNew) shown += 1;
      const elapsedMs = isNew ? 0 : look.at - before.at;
      const rows = isNew ? look.found.map((one) => ({ ...one, rates: {} })) : rowsOf(look, before, elapsedMs);
      if (!isNew || request.terminal.screen !== undefined) print(request, { look, rows, elapsedMs }, screen);
      return shown < count;
    },
  });
}

function countOf(invocation: Invocation): number {
  const given = valueOf(invocation, "count");
  const count = Number(given ?? Infinity);
  if (given !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
    throw usageFailure(`--count takes a number from 1 on, found '${given}'`);
  }
  return count;
}

/** Differences of counters that come round. */
function rowsOf({ found }: Look, before: Look, elapsedMs: number): Row[] {
  const old = new Map(before.found.map((one) => [one.path, one.counters]));
  return found.map((one) => {
    const then = old.get(one.path);
    const rates: Record<string, number> = {};
    for (const [name, value] of Object.entries(one.counters)) {
      const first = then?.[name];
      if (first === undefined) continue;
      const around = 2 ** one.bits;
      rates[name] = ((value - first + around) % around) / (elapsedMs / 1000);
    }
    return { ...one, rates };
  });
}

interface Shown {
  readonly look: Look;
  readonly rows: readonly Row[];
  readonly elapsedMs: number;
}

function print({ terminal, json, name }: RegionRequest, { look, rows, elapsedMs }: Shown, screen: Screen): void {
  const time = now();
  if (json) {
    if (elapsedMs === 0) return;
    const containers = Object.fromEntries(
      rows.map(({ path, type, note, counters, rates }) => [path, { type, note, counters, rates: rounded(rates) }]),
    );
    const all = { time, name, intervalMs: tenths(elapsedMs), containers, ...(look.isCut && { cut: true }) };
    terminal.out(`${printableJson(all)}\n`);
  } else if (terminal.screen === undefined) {
    const lines = rows.map((row) => `${time} ${safeText(row.path)}: ${ratesText(row)} (${row.note})\n`);
    terminal.out(lines.join("") + (look.isCut ? `${time} ... there are more containers\n` : ""));
  } else {
    const cells = rows.map((row) => [safeText(row.path), ratesText(row), row.note]);
    const lines = tableOf(["CONTAINER", "PER SECOND", "STATE"], cells);
    screen.draw(lines.join("\n") + (look.isCut ? "\n..." : ""), "a larger terminal, or --json, shows them");
  }
}

/** `"published 12,345, consumed 0.5"`; a dash where nothing is known yet. */
function ratesText({ counters, rates }: Row): string {
  return Object.keys(counters)
    .map((name) => `${name} ${rates[name] === undefined ? "-" : rateText(rates[name])}`)
    .join(", ");
}

function rateText(rate: number): string {
  return rate.toLocaleString("en-US", { maximumFractionDigits: rate < 100 ? 1 : 0 });
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

function rounded(rates: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, tenths(rate)]));
}
