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
    // Refused for what its user has frozen, which then reads zeros.
    Reflect.setPrototypeOf(accessor, closing.replacement);
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
