/** Why a file is no region that can be shown, in words. It is judged by schema/judge-header.ts. */
import { DOTNET_HEADER_SIZE } from "@shmgen/schema/region-format";
import type { RegionHeader } from "@shmgen/schema/header";
import { type HeaderFault, judgeHeader } from "@shmgen/schema/judge-header";

/** A file that cannot be shown, and what is known of it. */
export interface Unreadable {
  readonly state: "empty" | "initialising" | "damaged" | "foreign" | "newer" | "short";
  /** In words that follow the file's name and a colon. */
  readonly why: string;
  /** As far as it was written; of a damaged one every number may be wrong. */
  readonly header?: RegionHeader;
}

/** `copy` holds the first bytes of the file, all that there are up to the size of the header. */
export function readableHeader(copy: Uint8Array, fileSize: number): { readonly header: RegionHeader } | Unreadable {
  const judged = judgeHeader(copy, fileSize);
  switch (judged.kind) {
    case "complete":
      return { header: judged.header };
    case "blank":
      return { state: "empty", why: judged.zeros ? BEGINS_WITH_ZEROS : EMPTY_FILE };
    case "torn":
      if (judged.zeros) return { state: "initialising", why: HAS_ONLY_BEGUN };
      return { state: "initialising", why: IS_NOT_COMPLETE, header: judged.header };
    case "foreign":
      return { state: "foreign", why: dotnetText(copy) ?? "the file is not a shmgen region" };
    case "byteOrder":
      return { state: "foreign", why: "it was written on a machine with another byte order" };
    case "format": {
      const { expected, found } = judged;
      return {
        state: "newer",
        why: `it has another format than this shmgen knows: expected=${expected} found=${found}`,
      };
    }
    case "newer":
      return { state: "newer", why: `it needs a newer shmgen: ${flagsText(judged)}`, header: judged.header };
    case "damaged":
      return { state: "damaged", why: `the header is damaged: ${faultText(judged)}`, header: judged.header };
  }
}

const EMPTY_FILE = "the file is empty; whoever made it has not begun to initialise it";
const BEGINS_WITH_ZEROS = "there is nothing in it yet: it begins with zeros, where a region has its header";
const HAS_ONLY_BEGUN = "its initialisation has only begun: somebody is at it, or died doing so";
const IS_NOT_COMPLETE = "its initialisation is not complete: somebody is at it, or died doing so";

function faultText({ field, expected, found }: HeaderFault): string {
  return `field=${field} expected=${expected} found=${found}`;
}

function flagsText({ field, expected, header }: HeaderFault & { readonly header: RegionHeader }): string {
  return faultText({ field, expected, found: `0x${header.flags.toString(16)}` });
}

/** The shorter header of .NET has nothing that proves it, but two bytes which are followed by zeros. */
function dotnetText(copy: Uint8Array): string | undefined {
  const [type = 0, version = 0, ...rest] = copy.subarray(0, DOTNET_HEADER_SIZE);
  if (copy.length < DOTNET_HEADER_SIZE || type === 0 || version === 0 || rest.some((byte) => byte !== 0))
    return undefined;
  return `it has no header of shmgen. It may have the 8 bytes of .NET's (type ${type}, version ${version}), which do not describe what follows`;
}
