/** What other systems have and Windows has not: refused, with what to use. */
import { withoutSegments, withoutSockets } from "./refusals.js";

export const SOCKET_PATH_MAX = 0;

export function findSegment(_key: number, path: string): never {
  throw withoutSegments(path);
}
export function segmentStatus(_id: number, path: string): never {
  throw withoutSegments(path);
}

export function closeForeign(): void {
  // Nothing of that kind was ever received.
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
