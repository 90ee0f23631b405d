import { inspect } from "./printing.js";
import { closed } from "./refusals.js";

/**
 * Makes every further use of accessors throw ERR_SHM_CLOSED. They have no properties of their own (their state is
 * `#private`), so each access goes to the prototype; a Proxy there sees them all, and open accessors pay nothing.
 * The Proxy's target inherits from the class's prototype, so `instanceof` goes on working.
 */
export function retireAccessors(accessors: readonly object[], label: string): void {
  for (const accessor of accessors) {
    const prototype = Object.getPrototypeOf(accessor) as object | null;
    if (prototype === null) continue;
    let closing = latest.get(prototype);
    if (closing?.label !== label) {
      closing = { label, replacement: closedPrototype(prototype, label) };
      latest.set(prototype, closing);
    }
    // What its user has frozen or sealed keeps its prototype; its private fields can be replaced all the same.
    if (!Reflect.setPrototypeOf(accessor, closing.replacement)) spoil(accessor, label);
  }
}

type Spoil = (own: object, closed: never) => void;
const spoils = new WeakMap<object, Spoil>();

/**
 * Says how instances of a class are closed whose prototype cannot be replaced: `spoil` puts `closed` into the private fields
 * that every use needs, offsets or objects, and forgets what was made on first use. Any use of `closed` throws. Open accessors
 * pay nothing: to V8 a field is a constant until somebody stores to it.
 */
export function spoilable<T extends object, C = number>(
  type: { readonly prototype: T },
  spoil: (own: T, closed: C) => void,
): void {
  spoils.set(type.prototype, spoil as unknown as Spoil);
}

function spoil(accessor: object, label: string): void {
  const { name } = accessor.constructor;
  const refuse = (): never => {
    throw closed(label, name);
  };
  const unusable = new Proxy({}, { get: refuse, set: refuse, has: refuse });
  for (
    let prototype = Object.getPrototypeOf(accessor) as object | null;
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    spoils.get(prototype)?.(accessor, unusable as never);
  }
}

/** One Proxy for each class, until memory of another name is closed: V8 makes a hidden class for each that is used. */
const latest = new WeakMap<object, { readonly label: string; readonly replacement: object }>();

function closedPrototype(prototype: object, label: string): object {
  // Whoever has put an accessor on a prototype without a class is told as well.
  const { constructor } = prototype as { readonly constructor?: { readonly name: string } };
  const name = constructor?.name ?? "accessor";
  const refuse = (key: string | symbol): never => {
    throw closed(label, `${name}.${String(key)}`);
  };
  return new Proxy(Object.create(prototype) as object, {
    get(_target, key) {
      // What console.log, text with `${..}`, await and Object.prototype.toString ask of any object must not throw.
      if (key === inspect || key === "toString") return () => `[closed ${name}]`;
      // As a number it is NaN, by its text.
      if (key === "valueOf") return Object.prototype.valueOf;
      if (key === Symbol.toStringTag) return `closed ${name}`;
      if (key === "constructor") return constructor;
      if ((key === "then" || key === "href") && !(key in prototype)) return undefined;
      if (typeof key === "symbol" && !(key in prototype)) return undefined;
      return refuse(key);
    },
    set: (_target, key) => refuse(key),
    // Printing asks for symbols, and fields have no such names.
    has: (_target, key) => (typeof key === "symbol" ? key in prototype : refuse(key)),
  });
}
