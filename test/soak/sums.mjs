/** What runs have done, by container: counts are summed up, of the longest times the longest counts. */
const COLUMNS = ["operations", "kills", "stops", "lost", "twice", "torn", "slow", "longestMs"];

export class Sums {
  #rows = new Map();

  add(what, counts) {
    const row = this.of(what);
    for (const [key, count] of Object.entries(counts)) {
      row[key] = key.startsWith("longest") ? Math.max(row[key] ?? 0, count) : (row[key] ?? 0) + count;
    }
    this.#rows.set(what, row);
  }

  of(what) {
    return this.#rows.get(what) ?? {};
  }

  /** A line for each container. Where a count is not kept, the first that is lost, twice or torn fails its test. */
  table() {
    const lines = [["container", ...COLUMNS]];
    for (const [what, row] of [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const others = Object.entries(row).filter(([key]) => !COLUMNS.includes(key));
      lines.push([
        what,
        ...COLUMNS.map((key) => String(row[key] ?? "-")),
        others.map(([key, count]) => `${key} ${count}`).join(", "),
      ]);
    }
    const widths = ["container", ...COLUMNS].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
    const padded = (word, at) => (at === 0 ? word.padEnd(widths[0]) : word.padStart(widths[at] ?? 0));
    return lines.map((line) => line.map(padded).join("  ").trimEnd()).join("\n");
  }
}
