/** {@link file://../host.ts} for browsers, and for every engine that has timers, `console` and nothing of Node. */

/** As that of node:timers/promises. `ref` has no meaning here: nothing keeps a page open. */
export function sleep(
  ms: number,
  _value?: undefined,
  { signal }: { readonly signal?: AbortSignal; readonly ref?: boolean } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      // As all that is aborted here, with the signal's own reason.
      // oxlint-disable-next-line prefer-promise-reject-errors
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
}

/** Of no matter where no memory is only read. */
export const atomicLoadsStore = false;

/** Through a channel: timers of browsers wait 4 ms where they are nested. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}

export function warn(message: string, code: string): void {
  console.warn(`[${code}] ${message}`);
}

/** `structuredClone` makes an empty object of an accessor here. */
export const markAsUncloneable: ((value: object) => void) | undefined = undefined;

/** Browsers number neither. */
export function thisThread(): { readonly pid: number; readonly thread: number } {
  return { pid: 0, thread: 0 };
}

/** No page and no worker is told of its end in time. */
export function atThreadEnd(_end: () => void): void {
  // What it had stays taken, as after `terminate()`.
}
