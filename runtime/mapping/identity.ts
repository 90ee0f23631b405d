/** Which region it is, beyond its name: (device, inode, generation), and what of that a token carries. */
import { refusal } from "../errors.js";
import { foreignDescriptorOf } from "../os/index.js";
import { pathLeadsTo } from "../file/entry.js";
import type { RegionMapping } from "./region-mapping.js";
import type { Plan } from "../format/plan.js";
import { type TokenLocation, encodeToken } from "../format/token.js";
import type { HeaderVerdict } from "../format/verdict.js";

/** One life of one file. */
export interface Identity {
  readonly dev: number;
  readonly ino: number;
  /** 0 where the header has none. */
  readonly generation: number;
  /** Bytes that it had, and never loses. */
  readonly size: number;
}

type FileIdentity = Pick<Identity, "dev" | "ino">;

/** Whether an open region is the one that is meant. */
export function isIdentical({ dev, ino, generation }: Identity, file: FileIdentity, found: number): boolean {
  return file.dev === dev && file.ino === ino && (generation === 0 || generation === found);
}

/** @throws ShmError ERR_SHM_STALE when the file, or what is in it, is another one than the token was made for */
export function checkIdentity(
  identity: Identity,
  file: FileIdentity & { readonly size: number },
  verdict: HeaderVerdict,
  path: string,
): void {
  const { dev, ino, generation, size } = identity;
  const found = "generation" in verdict ? verdict.generation : 0;
  const facts = { field: "generation", expected: generation, found, path };
  const remedy = "get a new token from a process that has the region open";
  if (file.dev !== dev || file.ino !== ino) {
    const numbers = { device: dev, deviceFound: file.dev, inode: ino, inodeFound: file.ino };
    throw refusal("ERR_SHM_STALE", "the region was replaced after the token was made", facts, remedy, numbers);
  }
  if (found !== generation) {
    throw refusal("ERR_SHM_STALE", "the region was made anew after the token was made", facts, remedy);
  }
  if (file.size < size) {
    const shorter = { field: "size", expected: `at least ${size}`, found: file.size, path };
    throw refusal("ERR_SHM_STALE", "the region's file is shorter than when the token was made", shorter, remedy);
  }
}

/** See Region.token(). */
export function tokenOf({
  mapping,
  plan,
  generation,
}: {
  readonly mapping: RegionMapping;
  readonly plan: Plan | undefined;
  readonly generation: number;
}): string {
  const { path } = mapping.request;
  if (plan === undefined || mapping.lease === undefined) {
    throw refusal("ERR_SHM_UNSUPPORTED", "memory of another program has no token", { path }, "hand its path over");
  }
  const { header, typeId, version, fingerprint, name: struct } = plan;
  const { dev, ino } = mapping.file;
  const location = locationOf(mapping, mapping.lease);
  const code = { header, typeId, version, fingerprint, struct };
  return encodeToken({ ...code, dev, ino, generation, location, size: mapping.mapped });
}

/** By its path while that names it, else by our descriptor. */
function locationOf(mapping: RegionMapping, { place, fd }: NonNullable<RegionMapping["lease"]>): TokenLocation {
  if (place !== undefined && pathLeadsTo(place.path, mapping.file)) {
    const { lockDirectory: directory, folder = "", name, trunk } = place;
    if (trunk === undefined) return { kind: "file", directory, folder, name };
    const remedy = "hand over what dotnetLocation was called with";
    throw refusal("ERR_SHM_UNSUPPORTED", "a place of .NET has no token", { path: place.path }, remedy);
  }
  return { kind: "descriptor", ...foreignDescriptorOf(fd, mapping.request.path) };
}
