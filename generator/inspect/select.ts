/** `--fields`: which of the dotted paths of a region are wanted. In a glob, `*` is any text, `?` any character. */

interface Glob {
  readonly pattern: RegExp;
  /** What every path begins with that matches. */
  readonly literal: string;
  readonly isLiteral: boolean;
}

/** A choice of fields by globs over paths such as `wheels[2].rpm`. A chosen struct or array is chosen with all in it. */
export class Selection {
  readonly #globs: readonly Glob[];

  constructor(globs: readonly string[]) {
    this.#globs = globs.map(compile);
  }

  /** Whether this very path is chosen. */
  has(path: string): boolean {
    return this.#globs.some(({ pattern, literal, isLiteral }) => (isLiteral ? literal === path : pattern.test(path)));
  }

  /** Whether a path that goes on behind this one may be chosen. */
  mayLieIn(path: string): boolean {
    return this.#globs.some((glob) => mayLieIn(glob, path));
  }

  /** Elements of an array that globs name by their number, ascending, and whether others may be chosen as well. */
  elements(path: string, length: number): { readonly named: readonly number[]; readonly others: boolean } {
    const named = new Set<number>();
    let others = false;
    for (const glob of this.#globs) {
      if (!mayLieIn(glob, path)) continue;
      const index = glob.literal.startsWith(`${path}[`) && /^\d+(?=\])/.exec(glob.literal.slice(path.length + 1));
      if (!index) others = true;
      else if (Number(index[0]) < length) named.add(Number(index[0]));
    }
    return { named: [...named].sort((a, b) => a - b), others };
  }
}

function mayLieIn({ literal, isLiteral }: Glob, path: string): boolean {
  return literal.startsWith(path) || (!isLiteral && path.startsWith(literal));
}

/** Runs of stars are one star, so that matching cannot take exponential time. */
function compile(glob: string): Glob {
  const source = glob
    .replaceAll(/\*+/g, "*")
    .replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const literal = /^[^*?]*/.exec(glob)?.[0] ?? "";
  return { pattern: new RegExp(`^${source}$`, "su"), literal, isLiteral: literal === glob };
}
