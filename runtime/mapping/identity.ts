/** Which region it is, beyond its name: (device, inode, generation), and what of that a token carries. */
import { foreignDescriptorOf } from "../os/index.js";
import { pathLeadsTo } from "../file/entry.js";
import {
  dotnetWithoutToken,
  foreignWithoutToken,
  madeAnewSinceToken,
  replacedSinceToken,
  shortenedSinceToken,
} from "./refusals.js";
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
  const generations = { expected: generation, found };
  if (file.dev !== dev || file.ino !== ino) {
    const files = { device: dev, deviceFound: file.dev, inode: ino, inodeFound: file.ino };
    throw replacedSinceToken(generations, path, files);
  }
  if (found !== generation) throw madeAnewSinceToken(generations, path);
  if (file.size < size) throw shortenedSinceToken(size, file.size, path);
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
  if (plan === undefined || mapping.lease === undefined) throw foreignWithoutToken(path);
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
    throw dotnetWithoutToken(place.path);
  }
  return { kind: "descriptor", ...foreignDescriptorOf(fd, mapping.request.path) };
}
