/** For systems on which no descriptors go over sockets: all of that is refused, with what to use there. */
import { refusal } from "../errors.js";
import type { HandOver } from "./contract.js";

type Sockets = Omit<HandOver, "foreignDescriptorOf" | "foreignPath" | "openForeignDescriptor" | "closeForeign">;

export function withoutSockets(remedy: string): Sockets {
  const refuse = (path: string): never => {
    throw refusal("ERR_SHM_UNSUPPORTED", "descriptors go over Unix sockets on Linux alone", { path }, remedy);
  };
  const refuseAny = (): never => refuse("socket");
  return {
    SOCKET_PATH_MAX: 0,
    openSocket: refuse,
    connectTo: (_fd, path) => refuse(path),
    acceptFrom: (_fd, path) => refuse(path),
    sendMessage: (_fd, _message, path) => refuse(path),
    receiveMessage: (_fd, _limit, path) => refuse(path),
    peerOf: (_fd, path) => refuse(path),
    prepareListener: refuse,
    publishListener: refuseAny,
    removeDeadListener: refuseAny,
    listenerStatus: refuseAny,
    // None was ever prepared.
    endPreparation: () => undefined,
    removeListener: () => undefined,
  };
}
