/** The values of a seqlock as `for await` takes them. */

/** A value, and the sequence that it has. */
export interface Versioned<V> {
  readonly sequence: number;
  readonly value: V;
}

/** Each value that comes after `seen`, but for those that were replaced before anybody asked. */
export async function* changesAfter<V>(
  seen: number,
  wait: (seen: number) => Promise<number>,
  read: () => Versioned<V>,
): AsyncGenerator<V, void, undefined> {
  for (let last = seen; ;) {
    await wait(last);
    const { sequence, value } = read();
    last = sequence;
    yield value;
  }
}
