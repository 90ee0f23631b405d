/** Figures that tests print or compare. */

/** `p50=0.12 p99=1.5 p99.9=3.1 max=4.2` */
export function percentiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN).toPrecision(3);
  return `p50=${at(0.5)} p99=${at(0.99)} p99.9=${at(0.999)} max=${at(1)}`;
}

/** CPU time of this process, in ms: what it worked, however busy the machine was, or how long the process was stopped. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
