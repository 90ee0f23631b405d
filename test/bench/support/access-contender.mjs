// One contender in a process of its own: shared call sites would become megamorphic and falsify each other's results.
// node access-contender.mjs <contender> <generated module> <records> -> ns per record, or per operation of the atomic groups.
// <records>: "constant", "argument", "mixed" (an argument, in a program with handles of other kinds), or how many are visited in turn.
import { createRequire } from "node:module";
import { hrtime } from "node:process";
import { STRIDE } from "./access-schema.mjs";

const [contender, generated, shape] = process.argv.slice(2);
const buffer = new SharedArrayBuffer(4096);
/** How many records are visited in turn, a power of two. */
const RECORDS = Number(shape) || 1;
const MASK = RECORDS - 1;
const indices = Array.from({ length: RECORDS }, (_, index) => index);

async function accessors() {
  const { MemoryView } = await import("@shmgen/runtime/codegen-v1");
  const { Sample, Samples, Counters } = await import(generated);
  const view = new MemoryView({ buffer, byteLength: buffer.byteLength, readOnly: false, label: "bench" });
  const records = indices.map((index) => new Sample(view, index * STRIDE));
  return { records, list: new Samples(view, 0).list, counters: new Counters(view, 0) };
}

/**
 * A loop over the records. A single record is a constant of the program, as the data of a region that is open for good, or
 * an argument, of which the compiler knows the class alone; several come from a list.
 */
const loop = (list, body, unpack = "", element = (from, index) => `${from}[${index}]`) => {
  const within = (head, inside) =>
    `${head} { ${unpack} let sum = 0; for (let i = 0; i < n; i++) { ${inside} ${body} } return sum; }`;
  if (shape === "constant") return `const r = ${list}[0]; return ${within("(n) =>", "")};`;
  if (shape === "argument") return `const run = ${within("(r, n) =>", "")}; return (n) => run(${list}[0], n);`;
  const next = element(list, `i & ${MASK}`);
  return `return ${within("(n) =>", `const r = ${next};`)};`;
};

/** Three reads and three writes through properties, for every library whose records are objects. */
const properties = (records, element) => {
  const body = "sum += r.id + r.x + r.temperature; r.count = i; r.y = i; r.kind = i & 0xff;";
  return new Function("records", loop("records", body, "", element))(records);
};

/** The same by hand: typed arrays, and where the record begins in each. */
const BY_HAND = "sum += u32[b4] + f64[b8 + 2] + f32[b4 + 2]; i32[b4 + 8] = i; f64[b8 + 3] = i; u16[b2 + 2] = i & 0xff;";
const typedArrays = () => ({
  u16: new Uint16Array(buffer),
  u32: new Uint32Array(buffer),
  i32: new Int32Array(buffer),
  f32: new Float32Array(buffer),
  f64: new Float64Array(buffer),
});
/** Where each record begins, and what else it brings along. One literal, because V8 makes slower objects by copying. */
const placesWith = (more = {}) =>
  indices.map((index) => ({
    b2: (index * STRIDE) / 2,
    b4: (index * STRIDE) / 4,
    b8: (index * STRIDE) / 8,
    ...more,
  }));

/** What V8 has learned of one kind of integer must not cost the loops over another. */
function useOtherHandles({ $narrow, $tiny, $brief, $signed }) {
  const add = (handle, values) => {
    for (let i = 0; i < 20_000; i++) handle.add(values[i & 3]);
  };
  add($tiny, [1, 2, 3, 4]);
  add($brief, [-1, 2, -3, 4]);
  add($signed, [-1, 2, -3_000_000, 4]);
  add($narrow, [1, 4_000_000_000, 3, 5]);
  $narrow.store(0);
}

/** The cheapest test of a u64 that was found; V8 calls a built-in function to compare bigints. */
const inRange = (value) => {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) throw new RangeError(String(value));
  return value;
};

const CONTENDERS = {
  async raw() {
    const arrays = typedArrays();
    // An accessor that is an argument brings its arrays along; so does the equivalent by hand.
    const isArgument = shape === "argument";
    const unpack = isArgument ? "const { u16, u32, i32, f32, f64 } = r;" : "";
    const bases = placesWith(isArgument ? arrays : {});
    const body = BY_HAND.replace(/\bb[248]\b/g, "r.$&");
    return new Function("bases", ...Object.keys(arrays), loop("bases", body, unpack))(bases, ...Object.values(arrays));
  },
  // What an accessor does: each record says where it begins, and in which memory.
  async "raw carried"() {
    const arrays = typedArrays();
    const body = `const { u16, u32, i32, f32, f64, b2, b4, b8 } = r; ${BY_HAND}`;
    return new Function("records", loop("records", body))(placesWith(arrays));
  },
  async "raw computed"() {
    const arrays = typedArrays();
    const body = `const b2 = k * ${STRIDE / 2}, b4 = k * ${STRIDE / 4}, b8 = k * ${STRIDE / 8}; ${BY_HAND}`;
    const source = `return (n) => { let sum = 0; for (let i = 0; i < n; i++) { const k = i & ${MASK}; ${body} } return sum; }`;
    return new Function(...Object.keys(arrays), source)(...Object.values(arrays));
  },
  async shmgen() {
    const { records } = await accessors();
    return properties(records);
  },
  async "shmgen at"() {
    const { list } = await accessors();
    return properties(list, (from, index) => `${from}.at(${index})`);
  },
  async "buffer-backed-object"() {
    const { default: bbo } = await import("buffer-backed-object");
    const plain = new ArrayBuffer(4096);
    const padding = (bytes) => bbo.reserved(bytes);
    const shape = {
      id: bbo.Uint32({ endianness: "little", align: 1 }),
      kind: bbo.Uint16({ endianness: "little", align: 1 }),
      _a: padding(2),
      temperature: bbo.Float32({ endianness: "little", align: 1 }),
      _b: padding(4),
      x: bbo.Float64({ endianness: "little", align: 1 }),
      y: bbo.Float64({ endianness: "little", align: 1 }),
      count: bbo.Int32({ endianness: "little", align: 1 }),
    };
    const records = indices.map((index) => bbo.BufferBackedObject(plain, shape, { byteOffset: index * STRIDE }));
    return properties(records);
  },
  async structurae() {
    const { View } = await import("structurae");
    const number = (btype) => ({ type: "number", btype });
    const Sample = new View().create({
      $id: "Sample",
      type: "object",
      properties: {
        id: number("uint32"),
        kind: number("uint16"),
        temperature: number("float32"),
        x: number("float64"),
        y: number("float64"),
        count: number("int32"),
      },
    });
    const start = { id: 1, kind: 1, temperature: 1, x: 1, y: 1, count: 1 };
    const records = indices.map(() => Sample.from(start));
    return (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const r = records[i & MASK];
        sum += r.get("id") + r.get("x") + r.get("temperature");
        r.set("count", i);
        r.set("y", i);
        r.set("kind", i & 0xff);
      }
      return sum;
    };
  },
  async "typed-struct"() {
    const { Struct } = await import("typed-struct");
    const Sample = new Struct("Sample")
      .UInt32LE("id")
      .UInt16LE("kind")
      .seek(2)
      .Float32LE("temperature")
      .seek(4)
      .Float64LE("x")
      .Float64LE("y")
      .Int32LE("count")
      .seek(4)
      .compile();
    const records = indices.map(() => new Sample());
    return properties(records);
  },
  async koffi() {
    const koffi = createRequire(import.meta.url)("koffi");
    const Sample = koffi.struct({
      id: "uint32",
      kind: "uint16",
      temperature: "float",
      x: "double",
      y: "double",
      count: "int32",
    });
    const records = indices.map(() => Buffer.alloc(STRIDE));
    return (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const bytes = records[i & MASK];
        const r = koffi.decode(bytes, Sample);
        sum += r.id + r.x + r.temperature;
        r.count = i | 0;
        r.y = i;
        r.kind = i & 0xff;
        koffi.encode(bytes, Sample, r);
      }
      return sum;
    };
  },
  async "raw load32"() {
    const words = new Uint32Array(buffer);
    return (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Atomics.load(words, 0);
      return sum;
    };
  },
  async "accessor load32"() {
    const { counters } = await accessors();
    return (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += counters.narrow;
      return sum;
    };
  },
  async "raw store32"() {
    const words = new Uint32Array(buffer);
    return (n) => {
      for (let i = 0; i < n; i++) Atomics.store(words, 0, i);
      return words[0];
    };
  },
  async "accessor store32"() {
    const { counters } = await accessors();
    return (n) => {
      for (let i = 0; i < n; i++) counters.narrow = i;
      return counters.narrow;
    };
  },
  async "raw add32"() {
    const words = new Uint32Array(buffer);
    if (shape !== "constant") {
      const run = (n, array) => {
        for (let i = 0; i < n; i++) Atomics.add(array, 0, 1);
        return array[0];
      };
      return (n) => run(n, words);
    }
    return (n) => {
      for (let i = 0; i < n; i++) Atomics.add(words, 0, i & 7);
      return words[0];
    };
  },
  // The array comes with an object, as with a handle.
  async "carried add32"() {
    const run = (n, data) => {
      const cell = data.cell;
      for (let i = 0; i < n; i++) Atomics.add(cell.array, cell.index, 1);
      return data.cell.array[0];
    };
    const data = { cell: { array: new Uint32Array(buffer), index: 0 } };
    return (n) => run(n, data);
  },
  async "accessor add32"() {
    const { counters } = await accessors();
    if (shape === "mixed") useOtherHandles(counters);
    if (shape !== "constant") {
      const run = (n, data) => {
        const hits = data.$narrow;
        for (let i = 0; i < n; i++) hits.add(1);
        return data.narrow;
      };
      return (n) => run(n, counters);
    }
    const handle = counters.$narrow;
    return (n) => {
      for (let i = 0; i < n; i++) handle.add(i & 7);
      return counters.narrow;
    };
  },
  async "raw load64"() {
    const words = new BigUint64Array(buffer);
    return (n) => {
      let equal = 0;
      for (let i = 0; i < n; i++) if (Atomics.load(words, 1) === 5n) equal++;
      return equal;
    };
  },
  async "accessor load64"() {
    const { counters } = await accessors();
    return (n) => {
      let equal = 0;
      for (let i = 0; i < n; i++) if (counters.wide === 5n) equal++;
      return equal;
    };
  },
  async "raw store64"() {
    const words = new BigUint64Array(buffer);
    const values = [1n, 2n ** 40n, 3n, 2n ** 62n];
    return (n) => {
      for (let i = 0; i < n; i++) Atomics.store(words, 1, values[i & 3]);
      return Number(words[1]);
    };
  },
  async "checked store64"() {
    const words = new BigUint64Array(buffer);
    const values = [1n, 2n ** 40n, 3n, 2n ** 62n];
    return (n) => {
      for (let i = 0; i < n; i++) Atomics.store(words, 1, inRange(values[i & 3]));
      return Number(words[1]);
    };
  },
  async "accessor store64"() {
    const { counters } = await accessors();
    const values = [1n, 2n ** 40n, 3n, 2n ** 62n];
    return (n) => {
      for (let i = 0; i < n; i++) counters.wide = values[i & 3];
      return Number(counters.wide);
    };
  },
  async "raw add64"() {
    const words = new BigUint64Array(buffer);
    const values = [1n, 2n, 3n, 4n];
    return (n) => {
      for (let i = 0; i < n; i++) Atomics.add(words, 1, values[i & 3]);
      return Number(words[1]);
    };
  },
  async "checked add64"() {
    const words = new BigUint64Array(buffer);
    const values = [1n, 2n, 3n, 4n];
    return (n) => {
      for (let i = 0; i < n; i++) Atomics.add(words, 1, inRange(values[i & 3]));
      return Number(words[1]);
    };
  },
  async "accessor add64"() {
    const { counters } = await accessors();
    const handle = counters.$wide;
    const values = [1n, 2n, 3n, 4n];
    return (n) => {
      for (let i = 0; i < n; i++) handle.add(values[i & 3]);
      return Number(counters.wide);
    };
  },
};

const run = await CONTENDERS[contender]();
const timed = (n) => {
  const start = hrtime.bigint();
  const result = run(n);
  const elapsed = Number(hrtime.bigint() - start);
  if (typeof result !== "number") throw new Error("the loop was not run");
  return elapsed / n;
};
// Grow until a batch takes 2 ms; then run many, since a batch that something else interrupts says nothing.
let batch = 1000;
for (let warm = 0; warm < 5 || timed(batch) * batch < 2e6; warm++) {
  timed(batch);
  if (timed(batch) * batch < 2e6) batch *= 2;
}
// The optimising compiler has been at work by the time that the fastest of them runs.
console.log(Math.min(...Array.from({ length: 100 }, () => timed(batch))));
