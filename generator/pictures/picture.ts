/** What a picture of a struct shows, as data: parts, and the lines of 64 bytes that they lie in. svg.ts and page.ts show it. */

/** A run of bytes that belongs together. Offsets and sizes are bytes from the start of the struct. */
export interface Part {
  readonly kind: "field" | "hole" | "padding" | "tail";
  /** From 1 on, of fields and the tail; 0 of bytes that are nobody's. */
  readonly number: number;
  readonly name: string;
  /** As the schema has it; empty for holes. */
  readonly type: string;
  readonly offset: number;
  /** Of a tail, what is drawn of it. */
  readonly size: number;
  /** Which of the palette's colours. */
  readonly colour: number;
  /** Elements of an array or tail; undefined for everything else. */
  readonly elements: { readonly stride: number; readonly count: number } | undefined;
  /** Id of the struct that it holds. */
  readonly struct: string | undefined;
  /** Remarks for the table: comment, since, former name. */
  readonly about: readonly string[];
  /** Of two versions side by side: how it differs from the other one. */
  readonly change?: "new" | "gone" | "changed";
}

/** A struct as it is to be drawn. */
export interface StructPicture {
  readonly name: string;
  readonly file: string;
  /** `"region type 1, version 2"`, `"packed"`. */
  readonly facts: readonly string[];
  readonly docs: string;
  /** Bytes of the struct without its tail; a small one is drawn wider. */
  readonly size: number;
  readonly parts: readonly Part[];
  readonly rows: readonly Row[];
  /** Size, holes, fingerprint. */
  readonly summary: readonly string[];
  /** What deserves a look: shared lines, a shorter order. */
  readonly notes: readonly string[];
}

/** A piece of a part that lies in one line; `from` and `to` are bytes of the line, from 0 to 64. */
export interface Cell {
  /** Index in the list of parts. */
  readonly part: number;
  readonly from: number;
  readonly to: number;
  /** The part begins here. */
  readonly isFirst: boolean;
  /** The part ends here. */
  readonly isLast: boolean;
  /** Elements of an array that begin here, at which byte of the line. */
  readonly elements: readonly { readonly at: number; readonly index: number }[];
}

/** One row of a picture. */
export type Row =
  | {
      readonly kind: "line";
      /** Of the struct; below 0 where the first line begins before it. */
      readonly offset: number;
      readonly cells: readonly Cell[];
      /** Names of the fields that are written with atomics in it, where they are several. */
      readonly shared: readonly string[];
    }
  /** Lines that are not drawn. `part`: the one that goes on in them; undefined where several do. */
  | { readonly kind: "fold"; readonly lines: number; readonly bytes: number; readonly part: number | undefined };
