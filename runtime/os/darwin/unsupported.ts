/** What Linux has and macOS has not, or not so that it can be trusted: refused, with what to use. */
import type { AddressRange, FileAccess, ForeignDescriptor } from "../contract.js";
import { withoutNamedMappings, withoutSeals, withoutSegments, withoutSockets, withoutTokens } from "./refusals.js";

export const SOCKET_PATH_MAX = 0;

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

export function openSocket(path: string): never {
  throw withoutSockets(path);
}
export function connectTo(_fd: number, path: string): never {
  throw withoutSockets(path);
}
export function acceptFrom(_fd: number, path: string): never {
  throw withoutSockets(path);
}
export function sendMessage(_fd: number, _message: unknown, path: string): never {
  throw withoutSockets(path);
}
export function receiveMessage(_fd: number, _limit: number, path: string): never {
  throw withoutSockets(path);
}
export function peerOf(_fd: number, path: string): never {
  throw withoutSockets(path);
}
export function prepareListener(path: string): never {
  throw withoutSockets(path);
}
export function publishListener(): never {
  throw withoutSockets("socket");
}
export function removeDeadListener(): never {
  throw withoutSockets("socket");
}
export function listenerStatus(): never {
  throw withoutSockets("socket");
}
export function endPreparation(): void {
  // None was prepared.
}
export function removeListener(): void {
  // As above.
}
