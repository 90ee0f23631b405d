/** {@link file://../monotonic.ts} for browsers: milliseconds since the page or worker began. */
export function monotonicMs(): number {
  return performance.now();
}

/** The same for all threads of a page: what leases and times of life in shared memory are told by. */
export function kernelMs(): number {
  return performance.timeOrigin + performance.now();
}
