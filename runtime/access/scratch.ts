/** Memory that nobody else has. */
import { privateMemory } from "../kernels/web-assembly.js";
import type { VersionPort } from "./layout.js";
import { MemoryView } from "./memory-view.js";

/** Zeroed, at least `byteLength` bytes long. To try writes on, and for values that are copied whole. */
export function scratchView(byteLength: number, tailLength = 0, otherVersion?: VersionPort): MemoryView {
  const buffer = new ArrayBuffer(Math.ceil(byteLength / 8) * 8);
  const { byteLength: size } = buffer;
  const isPrivate = true;
  return new MemoryView({
    buffer,
    byteLength: size,
    readOnly: false,
    tailLength,
    label: "scratch",
    otherVersion,
    isPrivate,
  });
}

/** As {@link localView}, of several sizes, in one memory. */
export function localViews(byteLengths: readonly number[]): MemoryView[] {
  const sizes = byteLengths.map((length) => Math.ceil(length / 8) * 8);
  const memory = privateMemory(sizes.reduce((sum, size) => sum + size, 0));
  if (memory === undefined) return sizes.map((size) => scratchView(size));
  let end = memory.byteOffset;
  return sizes.map((byteLength) => {
    const byteOffset = end;
    end += byteLength;
    return new MemoryView({ ...memory, byteOffset, byteLength, readOnly: false, label: "scratch", isPrivate: true });
  });
}

/** As {@link scratchView}, for values that are copied whole to and from containers: where kernels can do that, if there is such memory. */
export function localView(byteLength: number): MemoryView {
  const memory = privateMemory(byteLength);
  if (memory === undefined) return scratchView(byteLength);
  const size = Math.ceil(byteLength / 8) * 8;
  return new MemoryView({ ...memory, byteLength: size, readOnly: false, label: "scratch", isPrivate: true });
}
