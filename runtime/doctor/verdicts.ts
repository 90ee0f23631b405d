/** What is said about one verdict of a check. `{name}` stands for a fact that the check gives. */
export interface Verdict {
  readonly status: "warning" | "problem";
  readonly expected: string;
  readonly remedy: string;
}

/** Everything that the doctor of a system says, except for what it finds, in the order of its checks. */
export type Words = Readonly<
  Record<string, { readonly title: string; readonly verdicts: Readonly<Record<string, Verdict>> }>
>;

export const warning = (expected: string, remedy: string): Verdict => ({ status: "warning", expected, remedy });
export const problem = (expected: string, remedy: string): Verdict => ({ status: "problem", expected, remedy });
