/**
 * Death at every atomic operation of an update: others read the old value or the new one, whole, and go on updating. Over a mapping of
 * kind "view", where each word of a cell is stored by JavaScript, and of kind "wasm", where the kernel stores them.
 */
import { expect, it } from "vitest";
import type * as DieAt from "../support/containers/die-at.mjs";
import { type GaugesModule, generateGauges, WORDS } from "../support/containers/gauges.js";
import { type ChildContext, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { byDepth, drawnOf } from "../support/run/depth.js";
import { KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const GAUGES = generateGauges();
const { Gauges, Words } = (await import(GAUGES)) as GaugesModule;
const DIE_AT = new URL("../support/containers/die-at.mjs", import.meta.url).href;

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly mapping: "wasm" | "view";
  readonly gauges: string;
  readonly dieAt: string;
  readonly point: number;
  /** Whether loads are points as well. */
  readonly loads: boolean;
}

/** In the process that dies. */
async function update({ load }: ChildContext, order: Order): Promise<number> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Gauges: OwnGauges } = (await load(order.gauges)) as GaugesModule;
  const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
  const region = OwnGauges.open(order.name, { mapping: order.mapping });
  const points = dieAt(order.point, { loads: order.loads });
  region.data.record.update(({ words }) => void words.fill(words[0]! + 1));
  return points();
}

it.each(
  KINDS.flatMap(
    (kind) =>
      [
        [kind, false],
        [kind, true],
      ] as const,
  ),
)("a death at every store over a %s mapping leaves a whole value, sleepers: %s [fault 10]", async (mapping, sleeps) => {
  using region = Gauges.createOrOpen(`deaths-${mapping}-${String(sleeps)}`, { mapping });
  const { record } = region.data;
  const copy = Words.local();
  // Of a view's many stores of words, which are all alike, some in `npm test`.
  const step = mapping === "view" ? byDepth(13, 3, 1) : byDepth(3, 1);
  let published = 0;
  for (let point = drawnOf(step); ; point += step) {
    const child = await startProcess();
    const change = sleeps ? record.changed(record.sequence, { timeoutMs: 60_000 }) : undefined;
    if (sleeps) await until(() => record.sequence === published, "somebody waits");
    const order = {
      directory,
      name: region.name,
      mapping,
      gauges: GAUGES,
      dieAt: DIE_AT,
      point,
      loads: byDepth(false, true),
    };
    const points = await child.run(update, order).catch(() => undefined);
    await child.kill();
    const [first] = record.read(copy).words;
    // The store of the sequence is what counts.
    expect(record.sequence).toBe(first);
    expect([published, published + 1]).toContain(first);
    expect(new Set(copy.words)).toEqual(new Set([first]));
    published = record.update(({ words }) => void words.fill(words[0]! + 1), { timeoutMs: 20_000 });
    expect(record.read().words).toEqual(Array.from({ length: WORDS }, () => first! + 1));
    if (change !== undefined) expect(await change).toBeLessThanOrEqual(published);
    if (points === undefined) continue;
    console.log(`${mapping}, sleepers ${String(sleeps)}: ${points} points`);
    expect(points).toBeGreaterThan(mapping === "view" ? WORDS + 2 : 2);
    return;
  }
});
