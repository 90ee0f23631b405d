/** The sections of a program or library, as `readelf -S` lists them. */
import { nameOf } from "@shmgen/runtime";
import { ElfHeader, ElfSection, SectionType } from "./generated/elf.js";

/** One section: what `readelf -SW` has in its columns. */
export interface Section {
  readonly name: string;
  readonly type: string;
  readonly address: bigint;
  readonly offset: bigint;
  readonly size: bigint;
  readonly align: bigint;
}

/** @throws ShmError ERR_SHM_FORMAT for a file that is no ELF of 64 bits; ERR_SHM_RANGE where it says that something lies beyond its end */
export function sections(path: string): Section[] {
  using region = ElfHeader.attach(path);
  const { memory, data: header } = region;
  const at = (index: number): number => Number(header.sectionOffset) + 64 * index;
  const names = Number(ElfSection.at(memory, at(header.namesIndex)).offset);
  return Array.from({ length: header.sectionCount }, (_, index) => {
    const { name, type, address, offset, size, align } = ElfSection.at(memory, at(index));
    const shown = nameOf(SectionType, type) ?? `0x${type.toString(16)}`;
    // No struct can say where a name lies: another section has it, from one NUL to the next.
    return { name: memory.text(names + name), type: shown, address, offset, size, align };
  });
}

/** Lines for people. */
export function* lines(path: string): Generator<string> {
  for (const { name, type, address, offset, size } of sections(path)) {
    yield `${name.padEnd(24)} ${type.padEnd(10)} ${address.toString(16).padStart(16, "0")} at ${offset}, ${size} bytes`;
  }
}
