/**
 * The monotonic clock of the kernel, which is one for all threads. As it was when the runtime was imported: test frameworks put
 * a clock in its place that stands still, and no wait would ever end. From the global `process`, because an import of
 * node:process reads all its properties, which makes the streams of stdin, stdout and stderr.
 */
const now = process.hrtime.bigint;

export function monotonicNs(): bigint {
  return now();
}

export function monotonicMs(): number {
  return Number(now()) / 1e6;
}
