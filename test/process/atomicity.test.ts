import { describe, expect, it } from "vitest";
import { regionDirectory, startProcess } from "../support/processes/processes.js";
import { KINDS } from "../support/run/system.js";

regionDirectory();
const ADDS = 2_000_000;

/** A permanent canary, on every Node version and processor: the engines promise it for SharedArrayBuffers alone. */
describe.each(KINDS)("atomicity over a mapping of kind %s [fault 62]", (mapping) => {
  it(`two processes x ${ADDS} adds on 32 and on 64 bits lose nothing [fault 64]`, async () => {
    const children = await Promise.all([startProcess(), startProcess()]);
    const kinds = await Promise.all(
      children.map((child) =>
        child.run(({ Counter, kept }, mapping) => {
          kept["it"] = Counter.createOrOpen(`sum-${mapping}`, { mapping });
          return kept["it"].kind;
        }, mapping),
      ),
    );
    expect(kinds).toEqual([mapping, mapping]);
    const both = children.map((child) =>
      child.run(({ kept }, adds) => {
        const data = kept["it"]?.data;
        for (let n = 0; n < adds; n += 1) {
          data?.addCount(1);
          data?.addBig(1n);
        }
      }, ADDS),
    );
    await Promise.all(both);
    const sums = await children[0]?.run(({ kept }) => [kept["it"]?.data.count, kept["it"]?.data.big]);
    expect(sums).toEqual([2 * ADDS, BigInt(2 * ADDS)]);
    await Promise.all(children.map((child) => child.kill()));
  });

  it("an aligned u64 and an aligned f64, stored plainly, are never read torn", async () => {
    const [writer, reader] = await Promise.all([startProcess(), startProcess()]);
    const name = `torn-${mapping}`;
    await writer.run(
      ({ Counter, kept }, name, mapping) => {
        kept["it"] = Counter.createOrOpen(name, { mapping });
      },
      name,
      mapping,
    );
    const reading = reader.run(
      ({ Counter }, name, mapping) => {
        const region = Counter.open(name, { mapping });
        const { u64, f64 } = region.memory;
        let [torn, changes, last] = [0, 0, -1];
        while (region.data.count === 0);
        // Longer where the two have one processor in turns.
        for (let n = 0; n < 3_000_000 || (changes <= 10 && n < 3_000_000_000); n += 1) {
          // Both halves of a word carry the same number.
          const word = u64[17] ?? 0n;
          if (word >> 32n !== (word & 0xffff_ffffn)) torn += 1;
          const value = f64[18] ?? 0;
          if (value !== 0 && value !== 1.1 && value !== -2.7e300) torn += 1;
          if (Number(word & 0xffn) !== last) changes += 1;
          last = Number(word & 0xffn);
        }
        region.data.word = 1;
        region.close();
        return { torn, changes };
      },
      name,
      mapping,
    );
    const writing = writer.run(({ kept }) => {
      const region = kept["it"];
      if (region === undefined) return 0;
      const { u64, f64 } = region.memory;
      region.data.count = 1;
      let n = 0;
      for (; region.data.word === 0; n += 1) {
        const half = BigInt(n & 0xffff_ffff) & 0xffff_ffffn;
        u64[17] = (half << 32n) | half;
        f64[18] = n & 1 ? 1.1 : -2.7e300;
      }
      return n;
    });
    const { torn, changes } = await reading;
    console.log(`${mapping}: ${await writing} writes, ${changes} changes seen, ${torn} torn`);
    expect(torn).toBe(0);
    expect(changes).toBeGreaterThan(10);
    await Promise.all([writer.kill(), reader.kill()]);
  });
});
