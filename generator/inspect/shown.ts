/**
 * What can be shown: a struct, and where it lies in a file.
 *
 *   a region of ours:   bytes -> header, descriptor -> Inspected      inspect-steadily.ts
 *   any other memory:   bytes, a struct of a schema -> ForeignShown   foreign.ts
 *   either              -> walk.ts -> text.ts, json.ts, annotate.ts, pictures/live.ts
 */
import type { RegionFacts } from "@shmgen/schema/evolution";
import type { RegionHeader } from "@shmgen/schema/header";
import type { LayoutModel, StructLayout } from "../layout/layout.js";
import type { Unreadable } from "./header.js";
import type { ByteSource } from "./source.js";

/** A struct in a file, as a walk over it needs to know it. */
export interface Shown {
  /** Of the struct. Any text. */
  readonly name: string;
  readonly model: LayoutModel;
  readonly struct: StructLayout;
  /** Where the struct begins, bytes from the start of the file. */
  readonly start: number;
  /** Elements of its tail; 0 without one. */
  readonly tailLength: number;
}

/** A region of ours, which says by itself what it is. */
export interface Inspected extends Shown {
  readonly header: RegionHeader;
  readonly region: RegionFacts;
}

/** Memory of another program, by a schema. */
export interface ForeignShown extends Shown {
  readonly header?: undefined;
  /** `"wal-index.shm.ts#WalIndex"` */
  readonly schema: string;
  /** Fields that hold something else than the schema expects, a sentence each. */
  readonly unexpected: readonly string[];
}

/** What decodes it. `isStill` tells whether what `source` gave so far belongs together. */
export type Work<S, T> = (shown: S, source: ByteSource, isStill: () => boolean) => T;
export type Outcome<S, T> = { readonly region: S; readonly value: T } | Unreadable;

/**
 * Looks at a file and does `work` with what it is, by bytes that belong together: again, `fresh` giving them as they are now, where they do not.
 * `exact` asks for all bytes of it, and not only for those of its fields.
 * @throws InspectError "changed" when that goes on
 */
export type Steadily<S> = <T>(
  fresh: () => ByteSource,
  work: Work<S, T>,
  options?: { readonly exact?: boolean },
) => Outcome<S, T>;
