/** The region header as a C struct, derived from the offsets of schema/region-format.ts. */
import { HEADER_OFFSET, HEADER_SIZE } from "@shmgen/schema/region-format";

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `uint32_t type_id` and so on: a field reaches to the next one; what is no integer is bytes. */
export function headerFields(): { name: string; declaration: string; offset: number; size: number }[] {
  const entries = Object.entries(HEADER_OFFSET).sort(([, a], [, b]) => a - b);
  return entries.map(([key, offset], index) => {
    const size = (entries[index + 1]?.[1] ?? HEADER_SIZE) - offset;
    const name = snake(key);
    const word = [2, 4, 8].includes(size) && offset % size === 0 && !name.startsWith("reserved");
    return { name, declaration: word ? `uint${size * 8}_t ${name}` : `uint8_t ${name}[${size}]`, offset, size };
  });
}
