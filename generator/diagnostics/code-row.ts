/** One row of the table of codes. */

/** What a message may be made of. Each row names its own facts by the parameter of its `message`. */
export type Facts = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** The wording of one code. Everything a user reads about it stands here and nowhere else. */
export interface CodeRow<F extends Facts = Facts> {
  readonly severity: "error" | "warning";
  /** What is wrong, in one sentence, with the names and numbers. */
  readonly message: (facts: F) => string;
  /** What to write instead. */
  readonly hint: string | ((facts: F) => string);
  /** For `shmgen explain`: why the rule exists. */
  readonly why: string;
  /** Schema text that draws the code. Vocabulary words need no import here. */
  readonly wrong: string;
  /** The same intention, written as it should be. */
  readonly right: string;
}

/** Facts of a row without any. */
export type NoFacts = Readonly<Record<never, never>>;

/** A row whose code makes the run fail. */
export function error<F extends Facts = NoFacts>(row: Omit<CodeRow<F>, "severity">): CodeRow<F> {
  return { severity: "error", ...row };
}

/** A row whose code is told but lets the run succeed. */
export function warning<F extends Facts = NoFacts>(row: Omit<CodeRow<F>, "severity">): CodeRow<F> {
  return { severity: "warning", ...row };
}
