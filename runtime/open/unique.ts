/** Names that nobody else has. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { isShmError } from "../errors.js";
import { checkOptions, wrongKind } from "../arguments/check-options.js";
import { randomHex } from "../os/index.js";
import { createRegion } from "./open.js";
import type { CreateUniqueOptions } from "./options.js";
import type { Region } from "../region/region.js";

const RANDOM_BYTES = 8;
/** Far more than chance ever needs. */
const ATTEMPTS_MAX = 16;
/** The name is taken: by a region that is open, or by what was left behind. */
const TAKEN: ReadonlySet<string> = new Set(["ERR_SHM_EXISTS", "ERR_SHM_STALE", "ERR_SHM_FOREIGN", "ERR_SHM_FORMAT"]);

/**
 * Makes a region under a name of its own: `<prefix>-<pid>-<16 random hex digits>`, which `region.name` and `region.token()`
 * tell. What has that name already is left alone, and another name is tried.
 * @throws ShmError ERR_SHM_NAME for a prefix that is no name, or too long (it is never cut), else as createRegion
 */
export function createUniqueRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  prefix: string,
  options: CreateUniqueOptions<T> = {},
): Region<T> {
  checkOptions(options, "createUnique");
  if (typeof prefix !== "string") throw wrongKind("prefix", "what names begin with", prefix, "pass a text");
  for (let attempts = 1; ; attempts += 1) {
    const name = `${prefix}-${process.pid}-${randomHex(RANDOM_BYTES)}`;
    try {
      return createRegion(definition, name, { ...options, onStale: "throw" });
    } catch (error) {
      if (!isShmError(error) || !TAKEN.has(error.code) || attempts === ATTEMPTS_MAX) throw error;
    }
  }
}
