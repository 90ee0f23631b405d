/** Names of the members of enums and flags. An enum is a constant of generated code: its members' values by name. */
import { notOfKind } from "../arguments/refusals.js";

/** Members of an enum or of flags, by name. */
export type Enumerators = Readonly<Record<string, number | bigint>>;

/** The names of an enum's members: `"Park" | "Drive"`. */
export type NameOf<E extends Enumerators> = Extract<keyof E, string>;

const namesByEnum = new WeakMap<Enumerators, ReadonlyMap<number | bigint, string>>();

/** The first name of each value. */
export function firstNames(enumerators: Enumerators): ReadonlyMap<number | bigint, string> {
  let names = namesByEnum.get(enumerators);
  if (names === undefined) {
    // Backwards, so that the first of two names for one value stays.
    names = new Map(
      Object.entries(enumerators)
        .reverse()
        .map(([name, value]) => [value, name]),
    );
    namesByEnum.set(enumerators, names);
  }
  return names;
}

/** Members whose bits are all set, and the bits that none of them has. */
export function flagsIn(
  enumerators: Enumerators,
  value: number | bigint,
): { readonly names: string[]; readonly rest: number | bigint } {
  return typeof value === "bigint" ? bigFlagsIn(enumerators, value) : smallFlagsIn(enumerators, value);
}

function smallFlagsIn(enumerators: Enumerators, value: number): { readonly names: string[]; readonly rest: number } {
  const names: string[] = [];
  let rest = value;
  for (const [name, member] of Object.entries(enumerators)) {
    const bits = Number(member);
    if (bits === 0 || (value & bits) >>> 0 !== bits) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  return { names, rest };
}

function bigFlagsIn(enumerators: Enumerators, value: bigint): { readonly names: string[]; readonly rest: bigint } {
  const names: string[] = [];
  let rest = value;
  for (const [name, member] of Object.entries(enumerators)) {
    const bits = BigInt(member);
    if (bits === 0n || (value & bits) !== bits) continue;
    names.push(name);
    rest &= ~bits;
  }
  return { names, rest };
}

function checkEnumerators(of: unknown): void {
  if (typeof of === "object" && of !== null) return;
  throw notOfKind("of", "an enum of generated code", of, "pass the enum, such as Gear");
}

/**
 * The name of an enum's value: `nameOf(Gear, car.gear)` is `"Drive"`; of two names for one value the first. Undefined for a value that no member
 * has, which memory may hold that others write.
 * @throws ShmRangeError for what is no enum
 */
export function nameOf<E extends Enumerators>(of: E, value: number | bigint): NameOf<E> | undefined {
  checkEnumerators(of);
  return firstNames(of).get(value) as NameOf<E> | undefined;
}

/**
 * The names of the flags that are set, in the order of the schema: `namesOf(Alarm, car.alarms)` is `["Oil", "Heat"]`. Bits that no member has are not
 * among them.
 * @throws ShmRangeError for what is no enum
 */
export function namesOf<E extends Enumerators>(of: E, flags: number | bigint): NameOf<E>[] {
  checkEnumerators(of);
  return flagsIn(of, flags).names as NameOf<E>[];
}

/**
 * The value of a member by its name, from wherever that comes: `valueNamed(Gear, "Drive")` is `Gear.Drive`. Undefined for what is no member's name.
 * @throws ShmRangeError for what is no enum
 */
export function valueNamed<E extends Enumerators, N extends NameOf<E>>(of: E, name: N): E[N];
export function valueNamed<E extends Enumerators>(of: E, name: string): E[keyof E] | undefined;
export function valueNamed(of: Enumerators, name: string): number | bigint | undefined {
  checkEnumerators(of);
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
