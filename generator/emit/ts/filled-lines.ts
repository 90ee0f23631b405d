/** Items in as few lines as have at most `width` characters, with `separator` between the items of a line. */
export function filledLines(items: readonly string[], separator: string, width = 112): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + separator.length + item.length > width) lines.push(item);
    else lines[lines.length - 1] = `${last}${separator}${item}`;
  }
  return lines;
}
