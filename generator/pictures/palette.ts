/**
 * The colours of pictures. Fields that follow each other have different ones; whoever sees fewer colours than others tells them
 * apart as well, and reads the text on them (test/unit/pictures-palette.test.ts has the measures).
 */

/** What is drawn in one scheme, as `#rrggbb`. */
export interface Scheme {
  readonly page: string;
  readonly ink: string;
  /** Text that is less important. */
  readonly dim: string;
  /** Lines between bytes, borders of holes. */
  readonly rule: string;
  /** What deserves a look: shared lines, holes, breaking changes. */
  readonly warn: string;
  readonly good: string;
  readonly link: string;
  /** Under what is pointed at. */
  readonly mark: string;
  /** Text on fields. */
  readonly fieldInk: string;
  /** Of fields, in turns. */
  readonly fields: readonly string[];
}

export const LIGHT: Scheme = {
  page: "#ffffff",
  ink: "#14171c",
  dim: "#57606a",
  rule: "#8c959f",
  warn: "#b3261e",
  good: "#1a6e34",
  link: "#0550ae",
  mark: "#fff3c4",
  fieldInk: "#14171c",
  fields: ["#7c7cde", "#d86481", "#d9e6b3", "#ad91ca", "#adebeb", "#d8bb64"],
};

export const DARK: Scheme = {
  page: "#14171c",
  ink: "#f0f3f6",
  dim: "#9ea7b3",
  rule: "#6e7681",
  warn: "#ff9a8f",
  good: "#6fdd8b",
  link: "#7cb7ff",
  mark: "#3a3413",
  fieldInk: "#ffffff",
  fields: ["#3131c4", "#637a1f", "#a55090", "#6a1b1b", "#561b6a", "#b83d5c"],
};

/** How many colours fields take in turns. */
export const COLOURS = LIGHT.fields.length;
