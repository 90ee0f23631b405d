/** What other systems have and Windows has not: refused, with what to use. */
import { withoutSockets } from "../no-sockets.js";
import { withoutSegments } from "./refusals.js";

export function findSegment(_key: number, path: string): never {
  throw withoutSegments(path);
}
export function segmentStatus(_id: number, path: string): never {
  throw withoutSegments(path);
}

export function closeForeign(): void {
  // Nothing of that kind was ever received.
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
} = withoutSockets("send region.token() by any way, and open it with fromToken()");
