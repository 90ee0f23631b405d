/**
 * Every store into the files of a directory, seen by the process that makes it, and its death at any of them. What JavaScript
 * stores with is replaced: Atomics, fill, set, copyWithin, the setters of DataView, fs.writeSync, and fallocate(2), which zeroes
 * by punching holes. A store by index cannot be replaced, so the files are compared before each point with what the stores up to there have made of them.
 */
import fs from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";

const { readdirSync, readlinkSync, readFileSync, fstatSync, statSync, writeSync } = fs;
const LARGE = 4096;
/** Where a store of many bytes is cut for a death in the middle: elements of `length`. */
const half = (length) => Math.floor(length / 2);

/**
 * From now on each store is a point, before it is made; one of many bytes is a second one when it is half made.
 * Dies by SIGKILL at point `dieAt`, from 1. `report` tells how many points there were, and which changes had none.
 */
export function watchStores(directory, dieAt = 0) {
  let points = 0;
  let isLooking = false;
  const uncounted = [];
  const seen = new Map(filesBelow(directory));

  const looking = (look) => {
    isLooking = true;
    try {
      return look();
    } finally {
      isLooking = false;
    }
  };
  const compare = () =>
    looking(() => {
      for (const [ino, bytes] of openFiles(directory)) {
        const known = seen.get(ino) ?? new Uint8Array(0);
        const at = bytes.findIndex((byte, index) => byte !== (known[index] ?? 0));
        if (at !== -1) uncounted.push(`before point ${points + 1}: byte ${at} is ${bytes[at]}, was ${known[at] ?? 0}`);
      }
    });
  const remember = () =>
    looking(() => {
      for (const [ino, bytes] of openFiles(directory)) seen.set(ino, bytes);
    });
  const point = () => {
    points += 1;
    if (points === dieAt) process.kill(process.pid, "SIGKILL");
  };
  /** `part` makes the first half of it. */
  const store = (whole, part) => {
    compare();
    point();
    if (part !== undefined) {
      part();
      point();
    }
    const result = whole();
    remember();
    return result;
  };

  /** Replaces a method; `partOf` gives the first half of a store, or undefined when it is a single one. */
  const replace = (holder, name, isOurs, partOf = () => undefined) => {
    const original = holder[name];
    holder[name] = function (...args) {
      const whole = () => Reflect.apply(original, this, args);
      if (isLooking || !isOurs(this, args)) return whole();
      const first = partOf(this, args);
      return store(whole, first && (() => Reflect.apply(original, this, first)));
    };
  };
  const isLarge = (array) => array.buffer.byteLength >= LARGE;
  for (const name of ["store", "add", "sub", "and", "or", "xor", "exchange", "compareExchange"]) {
    replace(Atomics, name, (_this, [array]) => isLarge(array));
  }
  const typed = Object.getPrototypeOf(Uint8Array.prototype);
  replace(typed, "fill", isLarge, (array, [value, start = 0, end = array.length]) =>
    end - start > 1 ? [value, start, start + half(end - start)] : undefined,
  );
  replace(typed, "set", isLarge, (_array, [source, at]) =>
    source.length > 1 ? [source.slice(0, half(source.length)), at] : undefined,
  );
  // The first half of a move onto itself would be read by the second.
  replace(typed, "copyWithin", isLarge, (_array, [to, from, end]) =>
    to >= end ? [to, from, from + half(end - from)] : undefined,
  );
  for (const name of Object.getOwnPropertyNames(DataView.prototype).filter((one) => one.startsWith("set"))) {
    replace(DataView.prototype, name, isLarge);
  }
  const isFileOf = (fd) => looking(() => openFiles(directory).some(([ino]) => ino === fstatSync(fd).ino));
  fs.writeSync = (fd, bytes, offset, length, at) => {
    const whole = () => writeSync(fd, bytes, offset, length, at);
    if (!isFileOf(fd)) return whole();
    return store(whole, () => writeSync(fd, bytes, offset, half(length), at));
  };
  syncBuiltinESMExports();
  replaceFallocate((call, fd, mode, from, size) => {
    const whole = () => call(fd, mode, from, size);
    if (!isFileOf(fd)) return whole();
    return store(whole, () => call(fd, mode, from, half(size)));
  });

  return {
    report() {
      compare();
      return { points, uncounted };
    },
  };
}

/** Of the C library as the runtime will load it, which it does when it opens its first region. */
function replaceFallocate(replacement) {
  const koffi = createRequire(import.meta.url)("koffi");
  const { load } = koffi;
  koffi.load = (...args) => {
    const library = load(...args);
    const func = (name, ...rest) => {
      const call = library.func(name, ...rest);
      return name === "fallocate" ? (...its) => replacement(call, ...its) : call;
    };
    return { func };
  };
}

function filesBelow(directory) {
  const paths = readdirSync(directory).map((name) => `${directory}/${name}`);
  return paths.filter((path) => statSync(path).isFile()).map((path) => [statSync(path).ino, readFileSync(path)]);
}

/** The files that we have open, also those without a name. */
function openFiles(directory) {
  const found = new Map();
  for (const fd of readdirSync("/proc/self/fd")) {
    const path = `/proc/self/fd/${fd}`;
    const target = linkOf(path);
    if (!target?.startsWith(`${directory}/`)) continue;
    const { ino } = fstatSync(Number(fd));
    if (statSync(path).isFile()) found.set(ino, readFileSync(path));
  }
  return [...found];
}

/** Undefined: the list itself, which is closed by now. */
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
