/**
 * Passing a region to a process that is not a child: its descriptor over a Unix socket. The receiver listens, the sender
 * connects. One SOCK_SEQPACKET message each way, little-endian:
 * ```
 *   0 4 "SHMD"   4 1 format, 1   5 1 status   6 2 length of the payload   8 the payload
 * ```
 * status 1: a region; the payload is its token, and exactly one descriptor comes with it. The answers, and whatever else comes,
 * carry none: 2: it has arrived; 3: it is refused, and the payload says why. What breaks a rule ends its connection, and
 * nothing else: the receiver goes on listening.
 */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { type ShmError, type ShmErrorCode, ShmRangeError, isShmError } from "../errors.js";
import type { Message } from "../os/contract.js";
import {
  acceptFrom,
  closeForeign,
  closeQuietly,
  connectTo,
  describeProcess,
  openSocket,
  ownUser,
  peerOf,
  receiveMessage,
  reopen,
  sendMessage,
} from "../os/index.js";
import { accessOf, attachOpen, checkDescriptor, fileAccess } from "./attach-fd.js";
import { checkOpenRegion } from "../arguments/check-options.js";
import { type Deadline, type Patience, deadlineIn, remaining, rest } from "../wait/clock.js";
import { monotonicMs } from "../monotonic.js";
import { checkMeant } from "./from-token.js";
import type { HandOverOptions, ReceiveOptions } from "../open/options.js";
import { planOf, reserveOf } from "../format/plan.js";
import type { Region } from "../region/region.js";
import {
  messageWithoutRegion,
  noneArrivedInTime,
  notAMessage,
  notOneDescriptor,
  notTakenInTime,
  peerOfAnotherUser,
  refusedByReceiver,
} from "./refusals.js";
import { checkMeeting, listenAt } from "./rendezvous.js";
import { decodeToken } from "../format/token.js";

const MAGIC = "SHMD";
const FORMAT = 1;
const [REGION, ARRIVED, REFUSED] = [1, 2, 3] as const;
const HEADER_SIZE = 8;
const PAYLOAD_MAX = 8192;
const MESSAGE_MAX = HEADER_SIZE + PAYLOAD_MAX;
const REASON_MAX = 1000;
/** Whoever connects and says nothing is not waited for any longer. */
const SILENCE_MS = 1000;
const CONNECTIONS_MAX = 16;

interface Parcel {
  readonly status: number;
  readonly payload: string;
}

function encode({ status, payload }: Parcel): Uint8Array {
  const text = Buffer.from(payload);
  const bytes = Buffer.alloc(HEADER_SIZE + text.length);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt8(FORMAT, 4);
  bytes.writeUInt8(status, 5);
  bytes.writeUInt16LE(text.length, 6);
  text.copy(bytes, HEADER_SIZE);
  return bytes;
}

/** @throws ShmError ERR_SHM_FORMAT */
function decode({ bytes, truncated }: Message): Parcel {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (truncated) throw notAMessage("message", `at most ${MESSAGE_MAX} bytes and one descriptor`, "a longer one");
  if (buffer.length < HEADER_SIZE) throw notAMessage("length", `at least ${HEADER_SIZE}`, buffer.length);
  const magic = buffer.toString("latin1", 0, 4);
  if (magic !== MAGIC) throw notAMessage("magic", MAGIC, JSON.stringify(magic));
  const format = buffer.readUInt8(4);
  if (format !== FORMAT) throw notAMessage("format", FORMAT, format);
  const length = buffer.readUInt16LE(6);
  if (length !== buffer.length - HEADER_SIZE) throw notAMessage("length", buffer.length - HEADER_SIZE, length);
  return { status: buffer.readUInt8(5), payload: buffer.toString("utf8", HEADER_SIZE) };
}

/** What is needed of an open region to hand it over. */
export type Sendable = Pick<Region, "descriptor" | "access" | "path" | "token">;

/**
 * Sends an open region to the process that calls `Struct.receiveRegion()` with the same socket path; waits for it until the
 * deadline, and resolves when it has the region open. The region stays open here. Never blocks the event loop.
 * @throws ShmError ERR_SHM_NOT_READY when nobody took it in time; ERR_SHM_PERMISSION when another user listens there; the
 * receiver's own code when it refuses; ERR_SHM_NAME for the path; ERR_SHM_CLOSED; the signal's reason when aborted
 * @see unix(7) SCM_RIGHTS
 */
export async function sendRegion(region: Sendable, socketPath: string, options: HandOverOptions = {}): Promise<void> {
  checkMeeting(socketPath, options, "sendRegion");
  checkOpenRegion(region);
  const patience: Patience = { deadline: deadlineIn(options.timeoutMs), signal: options.signal };
  const parcel = encode({ status: REGION, payload: region.token() });
  let last = "nobody listens there";
  for (let round = 0; ; round += 1) {
    patience.signal?.throwIfAborted();
    const fd = openSocket(socketPath);
    try {
      const reached = connectTo(fd, socketPath);
      if (reached === "connected") {
        checkPeer(fd, options, socketPath);
        if (await deliver(region, { fd, parcel, path: socketPath }, patience)) return;
        last = "the receiver went away, or did not answer";
        round = 0;
      }
    } finally {
      closeForeign(fd);
    }
    if (!(await rest(round, patience))) throw notTakenInTime(last, socketPath, patience.deadline.timeoutMs);
  }
}

/** False when the receiver has gone, so that the next one may take it. */
async function deliver(
  { descriptor, access }: Sendable,
  { fd, parcel, path }: { readonly fd: number; readonly parcel: Uint8Array; readonly path: string },
  patience: Patience,
): Promise<boolean> {
  // Opened anew, so that the receiver shares no lock with us.
  const own = reopen(descriptor, fileAccess(access), path);
  try {
    for (let round = 0; ; round += 1) {
      const sent = sendMessage(fd, { bytes: parcel, descriptor: own }, path);
      if (sent === "ended") return false;
      if (sent) break;
      if (!(await rest(round, patience))) return false;
    }
  } finally {
    // The message has its own reference.
    closeQuietly(own);
  }
  for (let round = 0; ; round += 1) {
    const answer = receiveMessage(fd, MESSAGE_MAX, path);
    if (answer === "ended") return false;
    if (answer !== undefined) return accepted(answer, path);
    if (!(await rest(round, patience))) return false;
  }
}

/** Codes that a receiver may pass on. It is another process: whatever it says is only shown. */
const REASONS: ReadonlySet<string> = new Set<ShmErrorCode>([
  "ERR_SHM_FORMAT",
  "ERR_SHM_VERSION",
  "ERR_SHM_LAYOUT",
  "ERR_SHM_FOREIGN",
  "ERR_SHM_STALE",
  "ERR_SHM_READ_ONLY",
  "ERR_SHM_PERMISSION",
  "ERR_SHM_NO_SPACE",
]);

function accepted(answer: Message, path: string): true {
  // An answer carries no descriptor. What came all the same is not left open.
  for (const descriptor of answer.descriptors) closeForeign(descriptor);
  const { status, payload } = decode(answer);
  if (status === ARRIVED) return true;
  const [code = "", reason = ""] = payload.split(/ (.*)/s);
  const known = REASONS.has(code) ? (code as ShmErrorCode) : "ERR_SHM_UNSUPPORTED";
  throw refusedByReceiver(known, reason.slice(0, REASON_MAX), path);
}

/** @throws ShmError ERR_SHM_PERMISSION for another user who is not root, unless he is expected */
function checkPeer(fd: number, { allowOtherUsers = false }: HandOverOptions, path: string): void {
  const { pid, uid } = peerOf(fd, path);
  const own = ownUser();
  if (allowOtherUsers || uid === own || uid === 0) return;
  throw peerOfAnotherUser(own, { uid, pid }, describeProcess(pid), path);
}

interface Connection {
  readonly fd: number;
  readonly since: number;
}

/**
 * Listens at a socket path (made 0600, removed afterwards) until a process sends the region with `sendRegion()`, and opens
 * it with the checks of attachFd. Whatever else connects is refused, and the wait goes on. Never blocks the event loop.
 * @throws ShmError ERR_SHM_NOT_READY when none came in time, with the last refusal as its cause; ERR_SHM_EXISTS when
 * somebody listens there; ERR_SHM_NAME for the path; _PERMISSION, _NOT_FOUND for its directory; the signal's reason when aborted
 */
export async function receiveRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  socketPath: string,
  options: ReceiveOptions & { readonly access: "read-only" },
): Promise<Region<R>>;
export async function receiveRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  socketPath: string,
  options?: ReceiveOptions & { readonly access?: "read-write" | "private" },
): Promise<Region<T>>;
export async function receiveRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  socketPath: string,
  options: ReceiveOptions = {},
): Promise<Region<T | R>> {
  checkMeeting(socketPath, options, "receiveRegion");
  accessOf(options, socketPath);
  reserveOf(planOf(definition), options.maxTail, socketPath);
  const patience: Patience = { deadline: deadlineIn(options.timeoutMs), signal: options.signal };
  patience.signal?.throwIfAborted();
  const listener = await listenAt(socketPath, options.allowOtherUsers === true, patience);
  const reception = new Reception(definition, socketPath, options, patience.deadline);
  try {
    for (let round = 0; ; round += 1) {
      if (reception.accept(listener.fd)) round = 0;
      const region = reception.listen();
      if (region !== undefined) return region;
      if (!(await rest(round, patience))) throw reception.nothingCame();
    }
  } finally {
    reception.close();
    listener.close();
  }
}

class Reception<T extends Flyweight, R extends Flyweight> {
  readonly #definition: RegionDefinition<T, R>;
  readonly #path: string;
  readonly #options: ReceiveOptions;
  readonly #deadline: Deadline;
  #connections: readonly Connection[] = [];
  #refused = 0;
  #last: unknown;

  constructor(definition: RegionDefinition<T, R>, path: string, options: ReceiveOptions, deadline: Deadline) {
    this.#definition = definition;
    this.#path = path;
    this.#options = options;
    this.#deadline = deadline;
  }

  /** Takes in who has connected. True when there was somebody. */
  accept(listener: number): boolean {
    const before = this.#connections.length;
    while (this.#connections.length < CONNECTIONS_MAX) {
      const fd = acceptFrom(listener, this.#path);
      if (fd === undefined) break;
      try {
        checkPeer(fd, this.#options, this.#path);
        this.#connections = [...this.#connections, { fd, since: monotonicMs() }];
      } catch (error) {
        this.#refuse(fd, error);
      }
    }
    return this.#connections.length > before;
  }

  /** Looks at every connection once. The first region that is as it should be ends the reception. */
  listen(): Region<T | R> | undefined {
    // Every change of it makes a new list.
    for (const connection of this.#connections) {
      const { fd, since } = connection;
      let message: Message | "ended" | undefined;
      try {
        message = receiveMessage(fd, MESSAGE_MAX, this.#path);
        if (message === undefined && monotonicMs() - since < SILENCE_MS) continue;
        this.#connections = this.#connections.filter((other) => other !== connection);
        if (message === undefined || message === "ended") {
          closeForeign(fd);
          continue;
        }
        const region = this.#open(message);
        this.#answer(fd, { status: ARRIVED, payload: "" });
        closeForeign(fd);
        return region;
      } catch (error) {
        this.#connections = this.#connections.filter((other) => other !== connection);
        this.#refuse(fd, error);
      }
    }
    return undefined;
  }

  #open(message: Message): Region<T | R> {
    const [descriptor, ...surplus] = message.descriptors;
    let kept: number | undefined;
    try {
      const { status, payload } = decode(message);
      if (status !== REGION) throw messageWithoutRegion(REGION, status);
      if (descriptor === undefined || surplus.length > 0) throw notOneDescriptor(message.descriptors.length);
      const identity = decodeToken(payload);
      checkMeant(identity, planOf(this.#definition));
      const { access = "read-write" } = this.#options;
      checkDescriptor(descriptor, access, this.#path);
      const own = this.#ownFile(descriptor);
      if (own === descriptor) kept = own;
      const given = own === descriptor ? {} : { given: descriptor };
      const [definition, options] = [this.#definition, this.#options];
      const deadline = deadlineIn(remaining(this.#deadline));
      return attachOpen({ definition, options, access, deadline, own, identity, ...given });
    } finally {
      for (const each of message.descriptors) if (each !== kept) closeForeign(each);
    }
  }

  /** The sender has opened it anew, so where another user's file cannot be opened again, no one else has this open file. */
  #ownFile(descriptor: number): number {
    const { access = "read-write", allowOtherUsers = false } = this.#options;
    try {
      return reopen(descriptor, fileAccess(access), this.#path);
    } catch (error) {
      if (allowOtherUsers && isShmError(error) && "errno" in error && error.errno === "EACCES") return descriptor;
      throw error;
    }
  }

  #refuse(fd: number, error: unknown): void {
    const reason = isShmError(error) ? `${error.code} ${error.message}` : `ERR_SHM_UNSUPPORTED ${String(error)}`;
    this.#answer(fd, { status: REFUSED, payload: reason.slice(0, REASON_MAX) });
    closeForeign(fd);
    // A mistake of ours is no reason to wait for the next one.
    if (!isShmError(error) || error instanceof ShmRangeError) throw error;
    this.#refused += 1;
    this.#last = error;
  }

  /** One small message always has room in a new connection; whoever is gone gets none. */
  #answer(fd: number, parcel: Parcel): void {
    try {
      sendMessage(fd, { bytes: encode(parcel) }, this.#path);
    } catch (error) {
      if (!isShmError(error)) throw error;
    }
  }

  nothingCame(): ShmError {
    const last = isShmError(this.#last) ? this.#last.code : undefined;
    const refused = { refused: this.#refused, last };
    return noneArrivedInTime(this.#path, this.#deadline.timeoutMs, refused, this.#last);
  }

  close(): void {
    for (const { fd } of this.#connections) closeForeign(fd);
    this.#connections = [];
  }
}
