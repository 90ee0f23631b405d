/**
 * Milliseconds since the process began, by the kernel's monotonic clock: one and the same for all its threads. Not process.hrtime or
 * performance.now, in whose places test frameworks put clocks that stand still, so that no wait would ever end.
 */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}
