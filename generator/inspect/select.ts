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

  /** The only elements of an array that may be chosen, ascending; undefined when a glob says no numbers. */
  elements(path: string, length: number): readonly number[] | undefined {
    const wanted = new Set<number>();
    for (const glob of this.#globs) {
      if (!mayLieIn(glob, path)) continue;
      const index = glob.literal.startsWith(`${path}[`) && /^\d+(?=\])/.exec(glob.literal.slice(path.length + 1));
      if (!index) return undefined;
      if (Number(index[0]) < length) wanted.add(Number(index[0]));
    }
    return [...wanted].sort((a, b) => a - b);
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
