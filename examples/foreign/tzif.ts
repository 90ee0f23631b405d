/** When the clocks of a time zone change, as `zdump -v` lists it. */
import { TzHeader, type TzHeaderReader, TzType } from "./generated/tzif.js";

/** From a moment on. */
export interface Transition {
  /** Seconds since 1970. */
  readonly from: bigint;
  /** Seconds east of UT. */
  readonly offset: number;
  readonly isDaylight: boolean;
  readonly name: string;
}

/** Bytes of a block behind its header, whose times have `timeSize` bytes each. */
function blockSize(header: TzHeaderReader, timeSize: number): number {
  const { transitions, types, characters, leapSeconds, standardIndicators, utIndicators } = header;
  return (
    transitions * (timeSize + 1) +
    types * 6 +
    characters +
    leapSeconds * (timeSize + 4) +
    standardIndicators +
    utIndicators
  );
}

/** The transitions of a zone, by the block with 64 bits. */
export function transitions(path: string): Transition[] {
  using region = TzHeader.attach(path);
  const { memory } = region;
  const start = 44 + blockSize(region.data, 4);
  const header = TzHeader.at(memory, start);
  const times = start + 44;
  const kinds = times + 8 * header.transitions;
  const types = kinds + header.transitions;
  const names = types + 6 * header.types;
  return Array.from({ length: header.transitions }, (_, index) => {
    const type = TzType.at(memory, types + 6 * memory.read("u8", kinds + index));
    return {
      from: memory.read("be i64", times + 8 * index),
      offset: type.offset,
      isDaylight: type.isDaylight !== 0,
      name: memory.text(names + type.name),
    };
  });
}

/** Lines for people. */
export function* lines(path: string): Generator<string> {
  for (const { from, offset, isDaylight, name } of transitions(path)) {
    const time = new Date(Number(from) * 1000).toISOString();
    yield `${time} ${name} ${isDaylight ? "daylight" : "standard"} ${offset} s east`;
  }
}
