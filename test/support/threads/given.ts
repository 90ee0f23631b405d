/** What a worker of this process is given to have the same region. */
import type { SharedRegion } from "@shmgen/runtime";
import { CAN_SHARE } from "../run/system.js";

/** Of share(), or a name, by which workers open regions where there is no such memory. */
export type Given = SharedRegion | string;

export function givenTo(region: { readonly name: string; share(): SharedRegion }): Given {
  return CAN_SHARE ? region.share() : region.name;
}
