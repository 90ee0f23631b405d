/**
 * What a definition asks of memory: sizes and offsets, with checked arithmetic. The room knows bytes and nothing of files.
 *
 *   RegionDefinition (generated code) -> check-definition -> Plan
 *   Plan + length of the tail                             -> Extent: where everything lies
 *   Plan + first bytes of a file -> header -> verdict, other-version-plan -> ready | torn | blank | foreign | mismatch
 *   Region -> token -> text, and back
 */
import { Buffer } from "node:buffer";
import { type Extent, extentOfHeader, roundUp } from "../../schema/header.js";
import {
  DESCRIPTOR_ALIGN,
  DOTNET_HEADER_SIZE,
  HEADER_SIZE,
  FILE_SIZE_UNIT,
  REGION_SIZE_MAX,
} from "../../schema/region-format.js";
import type { OtherVersion } from "../access/other-version.js";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { RegionContainers } from "../access/placed.js";
import { checkDefinition } from "./check-definition.js";
import { identityLine } from "./header.js";
import { dotnetWithTail, notATailLength, regionTooLarge } from "./refusals.js";

export { type Extent, extentOfHeader, roundUp };

/** What of a region is known to have owners. */
export interface KnownContainers extends RegionContainers {
  /** Whether the region has others, of which the code knows nothing. */
  readonly hasOthers?: boolean;
}

/** What the open protocol needs to know of a region's code. */
export interface Plan {
  readonly name: string;
  readonly header: "standard" | "dotnet";
  readonly headerSize: number;
  readonly typeId: number;
  readonly version: number;
  readonly readableFrom: number;
  readonly fingerprint: string;
  /** Bytes, without the tail. */
  readonly payloadSize: number;
  /** 0 without a tail. */
  readonly tailStride: number;
  readonly descriptor: Uint8Array;
  /** Line 0 of the standard header. */
  readonly identity: Uint8Array;
  /** The plan of the code, where this one is of a region of another version. */
  readonly code?: Plan;
  /** What the code's accessors lack in that region. */
  readonly otherVersion?: OtherVersion | undefined;
  /** Those of the code's containers that the region has. */
  readonly containers?: KnownContainers | undefined;
}

const plans = new WeakMap<object, Plan>();

/** Made once per definition. */
export function planOf(definition: RegionDefinition<Flyweight, Flyweight>): Plan {
  let plan = plans.get(definition);
  if (plan === undefined) {
    const { name, size, fingerprint, tailStride } = definition.accessor.layout;
    if (definition.header === "dotnet" && tailStride !== undefined) throw dotnetWithTail(name);
    const { typeId, version, readableFrom } = definition;
    const descriptor = new Uint8Array(Buffer.from(definition.descriptor, "base64"));
    if (definition.header === "standard") checkDefinition(definition, descriptor);
    const identity = { typeId, version, readableFrom, fingerprint, payloadSize: size, tailStride: tailStride ?? 0 };
    plan = {
      ...identity,
      name,
      header: definition.header,
      headerSize: definition.header === "dotnet" ? DOTNET_HEADER_SIZE : HEADER_SIZE,
      identity: identityLine(identity),
      descriptor,
      containers: definition.containers,
    };
    plans.set(definition, plan);
  }
  return plan;
}

/** @throws ShmRangeError for a tail length that is no count, or that makes the region too large. */
export function extentOf(plan: Plan, tailLength: number | undefined, path: string, field = "tailLength"): Extent {
  const length = tailLength ?? 0;
  const { headerSize, payloadSize, tailStride, descriptor } = plan;
  if (!Number.isSafeInteger(length) || length < 0 || (tailStride === 0 && length > 0)) {
    throw notATailLength({ field, path }, tailLength, plan);
  }
  const dataEnd = headerSize + payloadSize + length * tailStride;
  const descriptorOffset = roundUp(dataEnd, DESCRIPTOR_ALIGN);
  const end = descriptorOffset + descriptor.length;
  // Every intermediate sum is exact as long as the last one is; beyond 2^53 it is larger than the limit all the same.
  if (!(end <= REGION_SIZE_MAX)) throw regionTooLarge({ field, path }, length, end, REGION_SIZE_MAX);
  return { tailLength: length, descriptorOffset, size: roundUp(end, FILE_SIZE_UNIT) };
}

/**
 * Bytes of address space for a tail of up to `maxTail` elements, 0 without one. A growing tail may leave the descriptor one
 * length of its own further behind than a new region would.
 */
export function reserveOf(plan: Plan, maxTail: number | undefined, path: string): number {
  if (maxTail === undefined) return 0;
  return roundUp(
    extentOf(plan, maxTail, path, "maxTail").size + plan.descriptor.length + DESCRIPTOR_ALIGN,
    FILE_SIZE_UNIT,
  );
}
