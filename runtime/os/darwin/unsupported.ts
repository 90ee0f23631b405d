/** What Linux has and macOS has not, or not so that it can be trusted: refused, with what to use. */
import type { AddressRange, FileAccess, ForeignDescriptor } from "../contract.js";
import { BY_NAME, withoutNamedMappings, withoutSeals, withoutSegments, withoutTokens } from "./refusals.js";
import { withoutSockets } from "../no-sockets.js";

/** Memory that could be sealed. */
export function createMemory(): undefined {
  return undefined;
}
export function sealMemory(_fd: number, _growable: boolean, path: string): never {
  throw withoutSeals(path);
}
export function checkSealed(_fd: number, path: string): never {
  throw withoutSeals(path);
}
export function isSealedAtSize(): boolean {
  return false;
}

export function findSegment(_key: number, path: string): never {
  throw withoutSegments(path);
}
export function segmentStatus(_id: number, path: string): never {
  throw withoutSegments(path);
}
export function attachSegment(_address: number, { path }: { readonly path: string }): never {
  throw withoutSegments(path);
}

export function namedSize(_name: string, _access: FileAccess, path: string): never {
  throw withoutNamedMappings(path);
}
export function namedFate(_name: string, _range: AddressRange, _offset: number, path: string): never {
  throw withoutNamedMappings(path);
}

export function foreignDescriptorOf(_fd: number, path: string): never {
  throw withoutTokens(path);
}
/** As people see it. */
export function foreignPath({ pid, descriptor }: ForeignDescriptor): string {
  return `descriptor ${descriptor} of process ${pid}`;
}
export function openForeignDescriptor(from: ForeignDescriptor): never {
  throw withoutTokens(foreignPath(from));
}

export const {
  SOCKET_PATH_MAX,
  openSocket,
  connectTo,
  acceptFrom,
  sendMessage,
  receiveMessage,
  peerOf,
  prepareListener,
  publishListener,
  removeDeadListener,
  listenerStatus,
  endPreparation,
  removeListener,
} = withoutSockets(BY_NAME);
