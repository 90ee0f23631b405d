/**
 * Milliseconds since the process began, by the kernel's monotonic clock: one and the same for all its threads. Not process.hrtime or
 * performance.now, in whose places test frameworks put clocks that stand still, so that no wait would ever end.
 */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}

/** When the process began by CLOCK_MONOTONIC. Taken as the module is loaded, which is before frameworks put clocks of their own. */
const BEGAN_MS = Number(process.hrtime.bigint()) / 1e6 - monotonicMs();

/** Milliseconds by CLOCK_MONOTONIC itself, whose beginning is the boot: the same for all processes. */
export function kernelMs(): number {
  return BEGAN_MS + monotonicMs();
}
