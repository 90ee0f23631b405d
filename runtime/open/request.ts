/** What somebody asks of a region, checked before any system call. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { Access } from "../os/contract.js";
import { checkOptions } from "../arguments/check-options.js";
import type { Taker } from "../arguments/option-names.js";
import { type Deadline, deadlineIn } from "../wait/clock.js";
import type { Identity } from "../mapping/identity.js";
import type { RegionLocation } from "../place/location-dotnet.js";
import { checkMigrations } from "./migration.js";
import type { CreateOptions } from "./options.js";
import { type Place, placeOf } from "../place/place.js";
import { type Plan, planOf } from "../format/plan.js";
import { unknownAccess } from "../region/refusals.js";

/** One call of the protocol. */
export interface Request<T extends Flyweight, R extends Flyweight> {
  readonly definition: RegionDefinition<T, R>;
  readonly plan: Plan;
  readonly place: Place;
  readonly mode: "create" | "createOrOpen" | "open";
  readonly access: Access;
  readonly options: CreateOptions<T>;
  readonly deadline: Deadline;
  /** Which region it has to be, where more is known than its name. */
  readonly identity?: Identity;
}

/** What `access` can be: reading only has a function of its own, and whoever may have to initialise has to write. */
const ACCESS_OF_MODE = {
  create: ["read-write"],
  createOrOpen: ["read-write"],
  open: ["read-write", "private"],
} as const;
/** What `access` can be where nothing is made. */
export const ACCESS = ["read-write", "read-only", "private"] as const;

export function requestOf<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  mode: Request<T, R>["mode"],
  options: CreateOptions<T> & { readonly access?: Access },
  rights: readonly Access[] = ACCESS_OF_MODE[mode],
  taker: Taker = mode,
): Request<T, R> {
  checkOptions(options, taker);
  const version = definition.naming === "versioned" ? definition.version : undefined;
  return requestAt(definition, placeOf(name, options, version), mode, options, rights);
}

export function requestAt<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  place: Place,
  mode: Request<T, R>["mode"],
  options: CreateOptions<T> & { readonly access?: Access },
  rights: readonly Access[],
): Request<T, R> {
  const { access = "read-write" } = options;
  if (!rights.includes(access)) throw unknownAccess(rights, access, place.path);
  if (mode !== "open" && options.migrate !== undefined) checkMigrations(definition, options.migrate, place);
  const deadline = deadlineIn(options.timeoutMs);
  return { definition, plan: planOf(definition), place, mode, access, options, deadline };
}
