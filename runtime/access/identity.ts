/** Text that tells objects of this thread apart, for who compares what says its contents by text. */
const numbers = new WeakMap<object, number>();
let last = 0;

/** A number that no other object of this thread has. */
export function identityOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = last += 1));
  return number;
}

/** A place in memory: two are the same where the text is. `offset` is bytes from the start of the view. */
export function placeText(
  { buffer, byteOffset }: { readonly buffer: object; readonly byteOffset: number },
  offset: number,
): string {
  return `${byteOffset + offset} of memory #${identityOf(buffer)}`;
}
