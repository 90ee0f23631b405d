/**
 * The difference of two texts as a unified diff that `patch` and `git apply` read. Myers' greedy algorithm over lines: it
 * finds a shortest one; texts that have little in common are shown as one replaced block instead, to stay fast.
 */

type Step = { readonly kind: " " | "-" | "+"; readonly line: string };

const CONTEXT = 3;
/** The most differing lines for which a shortest script is looked for: time and memory grow with its square. */
const MAX_EDITS = 1000;

export interface DiffTitles {
  readonly before: string;
  readonly after: string;
}

/** The unified diff from `before` to `after`, ending in a newline; empty when they are equal. */
export function unifiedDiff(before: string, after: string, titles: DiffTitles): string {
  if (before === after) return "";
  const hunks = hunksOf(editSteps(linesOf(before), linesOf(after)));
  return `--- ${titles.before}\n+++ ${titles.after}\n${hunks.join("")}`;
}

/** Lines with their ends, so that a missing newline at the end of a file is a difference. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function editSteps(a: readonly string[], b: readonly string[]): Step[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (line: string): Step => ({ kind: " ", line });
  return [
    ...a.slice(0, start).map(same),
    ...shortestScript(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/**
 * Myers 1986: `furthest[k]` is the largest x reached on diagonal k = x - y with d edits. Diagonals are shifted by `offset`,
 * so that they index an array.
 */
function shortestScript(a: readonly string[], b: readonly string[]): Step[] {
  const limit = Math.min(a.length + b.length, MAX_EDITS);
  const offset = limit + 1;
  const furthest = new Int32Array(2 * limit + 3);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= limit; d += 1) {
    // Only diagonals -d..d can have changed, so only they are kept.
    trace.push(furthest.slice(offset - d - 1, offset + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(furthest, offset + k - 1) < at(furthest, offset + k + 1));
      let x = down ? at(furthest, offset + k + 1) : at(furthest, offset + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace);
    }
  }
  return [...a.map((line): Step => ({ kind: "-", line })), ...b.map((line): Step => ({ kind: "+", line }))];
}

function backtrack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): Step[] {
  const steps: Step[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const furthest = trace[d] ?? new Int32Array(0);
    // trace[d] begins at diagonal -d-1.
    const reached = (k: number): number => at(furthest, k + d + 1);
    const k = x - y;
    const down = k === -d || (k !== d && reached(k - 1) < reached(k + 1));
    const fromX = d === 0 ? 0 : down ? reached(k + 1) : reached(k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    // The edit moved along one axis only, so the equal lines behind it end where that axis meets its start.
    while (x > fromX && y > fromY) {
      steps.push({ kind: " ", line: a[x - 1] ?? "" });
      x -= 1;
      y -= 1;
    }
    if (d > 0) steps.push(down ? { kind: "+", line: b[y - 1] ?? "" } : { kind: "-", line: a[x - 1] ?? "" });
    x = fromX;
    y = fromY;
  }
  return steps.reverse();
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}

function hunksOf(steps: readonly Step[]): string[] {
  const changed = steps.flatMap(({ kind }, index) => (kind === " " ? [] : [index]));
  const ranges: { from: number; to: number }[] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    if (last !== undefined && index - CONTEXT <= last.to) last.to = Math.min(steps.length, index + CONTEXT + 1);
    else ranges.push({ from: Math.max(0, index - CONTEXT), to: Math.min(steps.length, index + CONTEXT + 1) });
  }
  let oldLine = 1;
  let newLine = 1;
  let position = 0;
  return ranges.map(({ from, to }) => {
    for (; position < from; position += 1) {
      oldLine += 1;
      newLine += 1;
    }
    const hunk = steps.slice(from, to);
    const oldCount = hunk.filter(({ kind }) => kind !== "+").length;
    const newCount = hunk.filter(({ kind }) => kind !== "-").length;
    const header = `@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@\n`;
    oldLine += oldCount;
    newLine += newCount;
    position = to;
    return header + hunk.map(stepText).join("");
  });
}

/** A range of no lines names the line before it. */
function range(line: number, count: number): string {
  return count === 1 ? `${line}` : `${count === 0 ? line - 1 : line},${count}`;
}

function stepText({ kind, line }: Step): string {
  return line.endsWith("\n") ? kind + line : `${kind}${line}\n\\ No newline at end of file\n`;
}
