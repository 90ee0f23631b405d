/** What Windows has: refused, with what to use. */
import type { AddressRange, FileAccess } from "../contract.js";
import { withoutNamedMappings } from "./refusals.js";

/** @throws ShmError ERR_SHM_UNSUPPORTED */
export function namedSize(_name: string, _access: FileAccess, path: string): never {
  throw withoutNamedMappings(path);
}

/** @throws ShmError ERR_SHM_UNSUPPORTED */
export function namedFate(_name: string, _range: AddressRange, _offset: number, path: string): never {
  throw withoutNamedMappings(path);
}
