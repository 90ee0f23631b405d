/**
 * Unix sockets that carry descriptors (SCM_RIGHTS), which Node's own cannot. Every call returns at once; every descriptor
 * is close-on-exec. @see unix(7), cmsg(3), recvmsg(2)
 */
import type { Message, Peer } from "../contract.js";
import { libc } from "../posix/libc.js";
import { socketCalls } from "./libc.js";
import { EAGAIN, errnoName, syscallError, uninterrupted } from "../posix/syscall.js";

const AF_UNIX = 1;
/** Keeps messages whole, and tells when the other end is gone. */
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SCM_RIGHTS = 1;
const MSG_CTRUNC = 0x8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
/** `struct sockaddr_un` without its family. */
const PATH_SIZE = 108;
/** Longest path of a socket, bytes, with room for the NUL at its end. */
export const SOCKET_PATH_MAX = PATH_SIZE - 1;

/** `struct msghdr`, then `struct iovec`, `struct cmsghdr`s and the bytes, in one buffer. 64 bits, glibc and musl. */
const MSGHDR = { iov: 16, iovCount: 24, control: 32, controlSize: 40, flags: 48, size: 56 } as const;
const IOVEC_SIZE = 16;
const CMSG_HEADER = 16;
/** So many descriptors can arrive at once; what the kernel cannot place, it closes, and says MSG_CTRUNC. */
const DESCRIPTORS_MAX = 16;
const CONTROL_SIZE = CMSG_HEADER + 4 * DESCRIPTORS_MAX;
const BACKLOG = 16;

function addressOfPath(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  const address = new Uint8Array(new ArrayBuffer(2 + PATH_SIZE));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(bytes.subarray(0, SOCKET_PATH_MAX), 2);
  return address;
}

/** A new socket, of which nothing is known yet. */
export function openSocket(path: string): number {
  const calls = socketCalls();
  const fd = calls.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw syscallError("socket", errnoName(calls.errno()), path);
  return fd;
}

/** Gives a socket its path. @throws ShmError */
export function bindTo(fd: number, path: string, shown: string): void {
  const address = addressOfPath(path);
  const calls = socketCalls();
  if (calls.bind(fd, address, address.length) === 0) return;
  throw syscallError("bind", errnoName(calls.errno()), shown);
}

/** From here on others can connect. */
export function listenOn(fd: number, path: string): void {
  const calls = socketCalls();
  if (calls.listen(fd, BACKLOG) !== 0) throw syscallError("listen", errnoName(calls.errno()), path);
}

/** The next one who has connected; undefined when there is none. */
export function acceptFrom(fd: number, path: string): number | undefined {
  const calls = socketCalls();
  let accepted = -1;
  const errno = uninterrupted(() => {
    accepted = calls.accept4(fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return accepted >= 0 ? 0 : calls.errno();
  });
  if (errno === 0) return accepted;
  // Gone again before we looked.
  if (errno === EAGAIN || errnoName(errno) === "ECONNABORTED") return undefined;
  throw syscallError("accept4", errnoName(errno), path);
}

/**
 * "absent": nobody listens there yet. "full": too many wait to be accepted. @throws ShmError
 */
export function connectTo(fd: number, path: string): "connected" | "absent" | "full" {
  const calls = socketCalls();
  const address = addressOfPath(path);
  const errno = uninterrupted(() => {
    const result = calls.connect(fd, address, address.length);
    return result === 0 ? 0 : calls.errno();
  });
  if (errno === 0) return "connected";
  const name = errnoName(errno);
  if (name === "ENOENT" || name === "ECONNREFUSED") return "absent";
  if (errno === EAGAIN) return "full";
  throw syscallError("connect", name, path);
}

/** Sends one message, with a descriptor or without. False when there is no room now; "ended" when nobody reads it any more. */
export function sendMessage(
  fd: number,
  { bytes, descriptor }: { readonly bytes: Uint8Array; readonly descriptor?: number | undefined },
  path: string,
): boolean | "ended" {
  const control = new Uint8Array(descriptor === undefined ? 0 : CMSG_HEADER + 8);
  if (descriptor !== undefined) {
    const view = new DataView(control.buffer);
    view.setBigUint64(0, BigInt(CMSG_HEADER + 4), true);
    view.setInt32(8, SOL_SOCKET, true);
    view.setInt32(12, SCM_RIGHTS, true);
    view.setInt32(CMSG_HEADER, descriptor, true);
  }
  const { buffer } = packed(bytes.length, control);
  buffer.set(bytes, buffer.length - bytes.length);
  const calls = socketCalls();
  const errno = uninterrupted(() => {
    const result = calls.sendmsg(fd, buffer, MSG_DONTWAIT | MSG_NOSIGNAL);
    return result >= 0 ? 0 : calls.errno();
  });
  if (errno === 0) return true;
  if (errno === EAGAIN) return false;
  const name = errnoName(errno);
  if (name === "EPIPE" || name === "ECONNRESET") return "ended";
  throw syscallError("sendmsg", name, path);
}

/** The next message; undefined when none is there, "ended" when none will come. */
export function receiveMessage(fd: number, limit: number, path: string): Message | "ended" | undefined {
  const { buffer, view, controlAt } = packed(limit, new Uint8Array(CONTROL_SIZE));
  const calls = socketCalls();
  let length = 0;
  const errno = uninterrupted(() => {
    length = Number(calls.recvmsg(fd, buffer, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
    return length >= 0 ? 0 : calls.errno();
  });
  if (errno === EAGAIN) return undefined;
  if (errnoName(errno) === "ECONNRESET") return "ended";
  if (errno !== 0) throw syscallError("recvmsg", errnoName(errno), path);
  const descriptors = descriptorsIn(view, controlAt, Number(view.getBigUint64(MSGHDR.controlSize, true)));
  const flags = view.getInt32(MSGHDR.flags, true);
  if (length === 0 && descriptors.length === 0) return "ended";
  const start = buffer.length - limit;
  const truncated = (flags & (MSG_CTRUNC | MSG_TRUNC)) !== 0;
  return { bytes: buffer.slice(start, start + length), descriptors, truncated };
}

function descriptorsIn(view: DataView, from: number, size: number): number[] {
  const found: number[] = [];
  const end = from + Math.min(size, CONTROL_SIZE);
  for (let at = from; at + CMSG_HEADER <= end;) {
    const length = Number(view.getBigUint64(at, true));
    if (length < CMSG_HEADER) break;
    const isRights = view.getInt32(at + 8, true) === SOL_SOCKET && view.getInt32(at + 12, true) === SCM_RIGHTS;
    const last = isRights ? Math.min(at + length, end) : at;
    for (let each = at + CMSG_HEADER; each + 4 <= last; each += 4) found.push(view.getInt32(each, true));
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

/** The addresses in it are those of its own bytes: whoever passes it to the kernel keeps it alive for the call. */
function packed(
  size: number,
  control: Uint8Array,
): { readonly buffer: Uint8Array; readonly view: DataView; readonly controlAt: number } {
  const controlAt = MSGHDR.size + IOVEC_SIZE;
  const bytesAt = controlAt + control.length;
  // Over an ArrayBuffer, because V8 may move the bytes of small typed arrays that have none.
  const buffer = new Uint8Array(new ArrayBuffer(bytesAt + size));
  const view = new DataView(buffer.buffer);
  const address = libc().addressOf(buffer);
  const pointer = (offset: number, value: number): void => view.setBigUint64(offset, BigInt(value), true);
  pointer(MSGHDR.iov, address + MSGHDR.size);
  pointer(MSGHDR.iovCount, 1);
  pointer(MSGHDR.size, address + bytesAt);
  pointer(MSGHDR.size + 8, size);
  if (control.length > 0) {
    pointer(MSGHDR.control, address + controlAt);
    pointer(MSGHDR.controlSize, control.length);
    buffer.set(control, controlAt);
  }
  return { buffer, view, controlAt };
}

/** Kernel truth about the other end. */
export function peerOf(fd: number, path: string): Peer {
  const credentials = new Int32Array(new ArrayBuffer(12));
  const size = Uint32Array.of(12);
  const bytes = new Uint8Array(credentials.buffer);
  const calls = socketCalls();
  const result = calls.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, new Uint8Array(size.buffer));
  if (result !== 0) throw syscallError("getsockopt SO_PEERCRED", errnoName(calls.errno()), path);
  const [pid = 0, uid = -1, gid = -1] = credentials;
  return { pid, uid: uid >>> 0, gid: gid >>> 0 };
}
