import { expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { regionDirectory } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";
import { KINDS } from "../support/run/system.js";

regionDirectory();
const CYCLES = byDepth(2000, 10_000, 1_000_000);
const REGIONS = byDepth(2000, 10_000);
/** V8 has address space for about 13,000 shared Wasm memories at a time. */
const USES = byDepth(14_000, 20_000);

/** What a script prints as JSON, with some functions more to use. */
function measure<T>(script: string): T {
  const source = `
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
    const settle = async () => { for (let n = 0; n < 4; n += 1) { gc(); await turn(); } };
    ${script}`;
  return JSON.parse(runScript(source, { flags: ["--expose-gc"], timeoutMs: 0 })) as T;
}

interface Leaks {
  readonly descriptors: number;
  readonly maps: number;
  readonly kilobytes: number;
  readonly per1000: number;
  readonly seconds: number;
}

/**
 * Kilobytes for 1,000 lives. V8 keeps a list of all shared Wasm memories that it ever made, 8 bytes for each and room to
 * grow: `new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })` in a loop costs the same without any region.
 */
const LIMITS = { view: 1, wasm: 16 } as const;

it.each(KINDS)(
  `${CYCLES.toLocaleString("en")} lives of a region leak no descriptor, no mapping and no memory: %s [figure 12]`,
  (mapping) => {
    const leaks = measure<Leaks>(`
    const cycles = async (count) => {
      for (let n = 0; n < count; n += 1) {
        const region = Counter.createOrOpen("life" + (n % 3), { mapping: "${mapping}" });
        region.data.count = n;
        Counter.open("life" + (n % 3)).close();
        region.close();
        if (n % 500 === 499) await turn();
      }
      await settle();
    };
    const rss = () => process.memoryUsage.rss() / 1024;
    // Until the code is compiled and the heaps have their size: that of malloc grows by 0.6 MB in the first half million lives.
    await cycles(${CYCLES / 2});
    const before = { descriptors: descriptors(), maps: maps(), rss: rss() };
    const start = performance.now();
    const samples = [];
    for (let part = 0; part < 20; part += 1) {
      await cycles(${CYCLES} / 20);
      samples.push(rss());
    }
    // The slope of the line through all samples: single ones go up and down by hundreds of kilobytes.
    const mean = samples.reduce((sum, y) => sum + y, 0) / samples.length;
    const middle = (samples.length - 1) / 2;
    const slope = samples.reduce((sum, y, x) => sum + (x - middle) * (y - mean), 0)
      / samples.reduce((sum, _, x) => sum + (x - middle) ** 2, 0);
    console.log(JSON.stringify({
      descriptors: descriptors() - before.descriptors,
      maps: maps() - before.maps,
      kilobytes: Math.round(rss() - before.rss),
      per1000: slope / (${CYCLES} / 20) * 1000,
      seconds: (performance.now() - start) / 1000,
    }));
  `);
    console.log(`${CYCLES} lives, ${mapping}: ${JSON.stringify(leaks)}`);
    expect(leaks.descriptors).toBe(0);
    // V8 maps pages of its own heap.
    expect(Math.abs(leaks.maps)).toBeLessThan(100);
    // A page of 4 kB for each life would be 4,000; in a short run the heap itself comes and goes by hundreds.
    expect(leaks.per1000).toBeLessThan(byDepth(3000, 1500, LIMITS[mapping]));
  },
  3_600_000,
);

const WAYS = {
  "reads and writes": "",
  "looks at a part of it": "region.view({ length: 64 });",
  "shares it": "region.share();",
  "opens what it shared": "Counter.fromShared(region.share()).close();",
} as const;

it.each(byDepth(Object.entries(WAYS).slice(0, 1), Object.entries(WAYS)))(
  `a job that opens and closes ${USES.toLocaleString("en")} times without a pause keeps none of the memories: %s [figure 12]`,
  (_name, use) => {
    // Each that is closed has to be free at once.
    const seen = measure<{ done: number; error: string }>(`
    const alive = Counter.createOrOpen("paused", { mapping: "view" });
    let done = 0, error = "";
    try {
      for (; done < ${USES}; done += 1) {
        const region = Counter.open("paused", { mapping: "wasm" });
        ${use}
        region.data.count += 1;
        region.close();
      }
    } catch (thrown) {
      error = thrown.code + " " + thrown.message;
    }
    if (alive.data.count !== done) error ||= "counted " + alive.data.count;
    console.log(JSON.stringify({ done, error }));
  `);
    expect(seen).toEqual({ done: USES, error: "" });
  },
  240_000,
);

it(`${REGIONS.toLocaleString("en")} regions are open in one process at once, each with its own content, and all go`, () => {
  const seen = measure<{
    open: number;
    error: string;
    wrong: number;
    descriptors: number;
    files: number;
    seconds: number;
  }>(`
    // With the first region, and with no other, newer versions of Node open /dev/null once.
    Counter.createOrOpen("first").close();
    const before = descriptors();
    const start = performance.now();
    const regions = [];
    let error = "";
    try {
      for (let n = 0; n < ${REGIONS}; n += 1) {
        regions.push(Counter.createOrOpen("many" + n));
        regions[n].data.count = n;
      }
    } catch (thrown) {
      error = thrown.code + " " + thrown.message;
    }
    const wrong = regions.filter((region, n) => region.data.count !== n).length;
    for (const region of regions) region.close();
    console.log(JSON.stringify({
      open: regions.length, error, wrong,
      descriptors: descriptors() - before,
      files: fs.readdirSync(process.env.SHMGEN_DIR).length,
      seconds: (performance.now() - start) / 1000,
    }));
  `);
  console.log(`regions open at once: ${JSON.stringify(seen)}`);
  expect(seen).toMatchObject({ wrong: 0, descriptors: 0, files: 0 });
  // Where descriptors or mappings are fewer, the error says which limit it was.
  if (seen.open < REGIONS) expect(seen.error).toMatch(/^ERR_SHM_\w+ .*(EMFILE|ENOMEM).*; /);
});
