/** What a caller says about carrying data over from another version of a region. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { checkFunction, wrongKind } from "../arguments/check-options.js";
import type { Place } from "../place/place.js";
import { planOf } from "../format/plan.js";
import {
  migrationFromItself,
  migrationFromOtherHeader,
  migrationFromOtherType,
  migrationOfVersionedName,
  migrationWithoutHeader,
  notAMigration,
  notMigrations,
} from "./refusals.js";

/** A generated class of a region. */
export interface RegionClass<T extends Flyweight, R extends Flyweight> {
  readonly definition: RegionDefinition<T, R>;
}

/** One way from another version to the one whose accessor is T. Made by {@link migration}. */
export interface Migration<in T> {
  readonly from: RegionDefinition<Flyweight, Flyweight>;
  /** @internal */
  readonly move: (old: never, next: T) => void;
}

/**
 * For the option `migrate`: carries the data of a region over that was made with another version of its schema, of which `from`
 * is the generated class. `move` is called once, synchronously, with both of them alone in this process's hands: `old` shows the
 * old region and cannot be written, `next` the new one, zeroed, with its tail as long as it will be. Neither is of any use
 * afterwards. What it throws leaves the old region as it was, and nothing of the new one. Memory for both is needed meanwhile.
 */
export function migration<O extends Flyweight, P extends Flyweight, T extends Flyweight>(
  from: RegionClass<O, P>,
  move: (old: P, next: T) => void,
): Migration<T> {
  const definition = (from as RegionClass<O, P> | null | undefined)?.definition;
  if (typeof definition !== "object")
    throw wrongKind("from", "the generated class of a region", from, "pass the class");
  checkFunction(move, "move");
  return { from: definition, move };
}

/** @throws ShmRangeError for what cannot lead to the region that is to be opened */
export function checkMigrations(
  definition: RegionDefinition<Flyweight, Flyweight>,
  migrations: unknown,
  { path, trunk }: Place,
): void {
  if (!Array.isArray(migrations)) throw notMigrations(migrations, path);
  if (definition.header !== "standard" || trunk !== undefined) throw migrationWithoutHeader(definition.header, path);
  if (definition.naming === "versioned") throw migrationOfVersionedName(definition.naming, path);
  const plan = planOf(definition);
  for (const one of migrations as readonly (Partial<Migration<never>> | undefined)[]) {
    if (typeof one?.from !== "object" || typeof one.move !== "function") throw notAMigration(one, path);
    const from = planOf(one.from);
    if (from.header !== "standard") throw migrationFromOtherHeader(from.header, path);
    if (from.typeId !== plan.typeId) throw migrationFromOtherType(plan.typeId, from.typeId, path);
    if (from.version === plan.version && from.fingerprint === plan.fingerprint) {
      throw migrationFromItself(from.version, path);
    }
  }
}
