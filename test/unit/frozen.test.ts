/** Accessors whose prototype cannot be replaced, since their user made them so: use after close is told of all the same. */
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { assign, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { isShmError } from "@shmgen/runtime";
import { type EveryType, everyType } from "../support/schemas/every-type.js";
import { importSchema } from "../support/schemas/generated.js";
import { byDepth } from "../support/run/depth.js";

type Accessor = Record<string, unknown>;
type Class = new (view: MemoryView, offset: number) => Accessor;
let every: EveryType;
let module: Record<string, Class>;
beforeAll(async () => {
  every = await everyType();
  module = await importSchema({ "every.shm.ts": every.schema }, "every.shm.ts");
}, 300_000);

/** Getters, `$field` included. */
function gettersOf(object: object): string[] {
  const prototype = Object.getPrototypeOf(object) as object;
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { get }]) => (get ? [name] : []));
}

/** An accessor and all objects that it hands out, with the path to each. Raw typed arrays are memory, and no accessors. */
function* accessorsIn(object: Accessor, path: string): Generator<readonly [string, Accessor]> {
  yield [path, object];
  for (const name of gettersOf(object)) {
    const part = object[name];
    if (typeof part !== "object" || part === null || ArrayBuffer.isView(part)) continue;
    yield* accessorsIn(part as Accessor, `${path}.${name}`);
    const { at, field, length } = part as {
      at?: (index: number) => unknown;
      field?: (index: number) => unknown;
      length?: number;
    };
    if (length === 0) continue;
    const element = at?.call(part, 0);
    if (typeof element === "object" && element !== null && !ArrayBuffer.isView(element)) {
      yield* accessorsIn(element as Accessor, `${path}.${name}[0]`);
    }
    if (field !== undefined) yield [`${path}.${name}.field(0)`, field.call(part, 0) as Accessor];
  }
}

/** Every way to use an object: what its classes have, called or read. */
function usesOf(object: Accessor): [string, () => unknown][] {
  const uses: [string, () => unknown][] = [];
  for (
    let at = Object.getPrototypeOf(object) as object;
    at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const [name, { get, set, value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      // A handle of plain flags is made anew; its use is told of.
      const handle = name.startsWith("$");
      if (get !== undefined && !handle) uses.push([name, () => get.call(object) as unknown]);
      if (set !== undefined) uses.push([`${name} =`, () => set.call(object, object[name])]);
      if (typeof value !== "function" || name === "constructor" || name === "expectedBits") continue;
      const call = value as (...args: unknown[]) => unknown;
      uses.push([`${name}()`, () => call.call(object, 0, 0)]);
    }
  }
  if (Symbol.iterator in object) uses.push(["[...]", () => [...(object as unknown as Iterable<unknown>)]]);
  return uses;
}

async function codeOf(use: () => unknown): Promise<string> {
  try {
    return `no error: ${String(await use())}`;
  } catch (error) {
    return isShmError(error) ? error.code : String(error);
  }
}

/** What makes an object that cannot get another prototype. */
const FIXES: Readonly<Record<string, <T extends object>(object: T) => T>> = {
  freeze: Object.freeze,
  seal: Object.seal,
  preventExtensions: Object.preventExtensions,
};

describe.each(Object.entries(FIXES))("after Object.%s", (word, fix) => {
  it("every use of a closed accessor throws ERR_SHM_CLOSED, whatever it is an accessor of", async () => {
    let count = 0;
    const tails = every.structs.filter((name) => name.startsWith("Tail"));
    const few = ["Plain", "Wheel", "Shared", ...tails.slice(0, 2)];
    // In short the struct that has every type once, the others by what they are.
    const structs = byDepth(word === "freeze" ? few : few.slice(1), [
      ...few,
      "PackedPlain",
      "EveryRegion",
      ...tails.slice(2, 5),
    ]);
    for (const name of structs) {
      for (const writer of [true, false]) {
        const Type = module[writer ? name : `${name}Reader`];
        if (Type === undefined) throw new Error(`${name} is missing`);
        const init = { buffer: new SharedArrayBuffer(1 << 20), byteLength: 1 << 20, tailLength: 2, label: "/x" };
        const view = new MemoryView({ ...init, readOnly: !writer });
        const found = [...accessorsIn(new Type(view, 0), name)];
        for (const [, accessor] of found) fix(accessor);
        view.retire();
        for (const [path, accessor] of found) {
          for (const [what, use] of usesOf(accessor)) {
            // What readers cannot do at all they refuse first; an operand that is none of an enum, its check.
            const code = await codeOf(use);
            const others = writer ? ["ERR_SHM_RANGE"] : ["ERR_SHM_READ_ONLY", "ERR_SHM_RANGE"];
            if (!others.includes(code) || !/ =$|\(\)$/.test(what))
              expect(code, `${path} ${what}`).toBe("ERR_SHM_CLOSED");
            count += 1;
          }
          expect(inspect(accessor).length).toBeGreaterThan(0);
        }
        const [, whole] = found[0] ?? [];
        expect(await codeOf(() => snapshot(whole as never))).toBe("ERR_SHM_CLOSED");
        expect(await codeOf(() => assign({} as never, whole as never))).not.toContain("no error");
      }
    }
    expect(count).toBeGreaterThan(byDepth(50, 5000));
  }, 300_000);

  it("other accessors of the same class go on working", async () => {
    const { Plain } = module as { Plain: Class };
    const make = (): MemoryView =>
      new MemoryView({ buffer: new SharedArrayBuffer(1 << 20), byteLength: 1 << 20, readOnly: false, label: "/x" });
    const [first, second] = [make(), make()];
    const closed = fix(new Plain(first, 0));
    const open = fix(new Plain(second, 0));
    open["first"] = 7;
    first.retire();
    expect(await codeOf(() => closed["first"])).toBe("ERR_SHM_CLOSED");
    expect(await codeOf(() => (closed["first"] = 1))).toBe("ERR_SHM_CLOSED");
    expect(open["first"]).toBe(7);
    expect(snapshot(open as never)).toMatchObject({ first: 7 });
  });
});
