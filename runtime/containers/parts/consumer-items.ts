/** The elements of a consumer, in place, as `for await` takes them. */
import { Items } from "./items.js";
import { iteratedAnew } from "./refusals.js";
import type { Side } from "./side.js";

/** The consumer, as far as an iteration needs it. */
interface Iterated<T> {
  peek(): T | undefined;
  release(): void;
}

/** What an iteration has to know of it besides. */
interface ItemsPort<T> {
  isLatest(items: ConsumerItems<T>): boolean;
  head(): number;
}

export class ConsumerItems<T> extends Items<T> {
  constructor(consumer: Iterated<T>, side: Side, signal: AbortSignal | undefined, port: ItemsPort<T>) {
    // The head with which the last element was shown, if the loop has one.
    let shown: number | undefined;
    const source = {
      take(): T | undefined {
        const value = consumer.peek();
        if (value !== undefined) shown = port.head();
        return value;
      },
      // What the loop has had is released, unless its body has done that.
      settle: (): void => {
        if (!port.isLatest(this)) throw iteratedAnew(side.facts);
        if (shown !== undefined && shown === port.head()) consumer.release();
        shown = undefined;
      },
      wait: (of: AbortSignal | undefined) => side.waitAsync(Infinity, of),
    };
    super(source, signal);
  }
}
