/**
 * What wakes a thread of another process. It has a name of 128 random bits, which stands in the slots of its sleeps.
 *
 *   event   of a thread that sleeps: set, and reset by the sleep that it ends
 *   pipe    of a thread that goes on with its loop of events: whoever connects is heard there, without a thread that sleeps
 *
 * Events are in `Global\`: a user's processes may be of several sessions (services, remote desktops). Their access list has him, so that processes with
 * and without the rights of an administrator wake each other. Whoever else finds the name can do no more than wake without a reason.
 */
import { atThreadEnd } from "../../host.js";
import { randomHex } from "../random.js";
import { ERROR, lastError } from "./calls.js";
import { isHandle } from "./handles.js";
import { kernel32 } from "./kernel32.js";
import { ownAttributes } from "./security.js";

const EVENT = 1;
export const PIPE = 2;
const EVENT_MODIFY_STATE = 2;
/** EVENT_MODIFY_STATE and SYNCHRONIZE. */
const RIGHTS = "0x100002";
const GENERIC_READ = 0x8000_0000;
const OPEN_EXISTING = 3;
/** SECURITY_SQOS_PRESENT, with SECURITY_ANONYMOUS: who made the pipe cannot act as who connects. */
const ANONYMOUSLY = 0x10_0000;
const WAIT_FAILED = 0xffff_ffff;

/** By which somebody is woken. */
export interface Signal {
  readonly kind: number;
  /** 128 bits. */
  readonly id: Uint32Array;
}

/** A name that nobody else has. */
export function newSignal(kind: number): Signal {
  return { kind, id: new Uint32Array(new Uint8Array(Buffer.from(randomHex(16), "hex")).buffer) };
}

/** Of a pipe or event, by the bytes of its id. */
export function nameOf({ kind, id }: Signal): string {
  const digits = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("hex");
  return `${kind === PIPE ? "\\\\.\\pipe\\" : "Global\\"}shmgen-wait-${digits}`;
}

interface OwnEvent extends Signal {
  readonly handle: number;
}

let own: OwnEvent | undefined;

/** The event of this thread. @throws ShmError */
export function ownEvent(): OwnEvent {
  return (own ??= makeEvent());
}

function makeEvent(): OwnEvent {
  const by = newSignal(EVENT);
  const handle = Number(kernel32().createEvent(ownAttributes(RIGHTS), 0, 0, nameOf(by)));
  if (!isHandle(handle)) throw lastError("CreateEventW", nameOf(by));
  // That of a thread that is ended in another way stays until the process ends.
  atThreadEnd(() => {
    kernel32().closeHandle(handle);
    own = undefined;
  });
  return { ...by, handle };
}

/** Sleeps until the event is set, which resets it, or `ms` are over. @throws ShmError */
export function sleepOn({ handle, ...by }: OwnEvent, ms: number): void {
  if (kernel32().waitForSingleObject(handle, ms) === WAIT_FAILED) throw lastError("WaitForSingleObject", nameOf(by));
}

/** False when nobody is there to be woken any more. What fails otherwise costs him no more than until he looks by himself. */
export function signal(by: Signal): boolean {
  return by.kind === PIPE ? isConnected(nameOf(by)) : isSet(nameOf(by));
}

function isSet(name: string): boolean {
  const k = kernel32();
  const event = Number(k.openEvent(EVENT_MODIFY_STATE, 0, name));
  if (!isHandle(event)) return k.lastError() !== ERROR.fileNotFound;
  k.setEvent(event);
  k.closeHandle(event);
  return true;
}

/** Where it is busy, so many have connected who are not heard yet, that who hears them looks later than now. */
function isConnected(name: string): boolean {
  const k = kernel32();
  const pipe = Number(k.createFile(name, GENERIC_READ, 0, null, OPEN_EXISTING, ANONYMOUSLY, 0));
  if (!isHandle(pipe)) return k.lastError() !== ERROR.fileNotFound;
  k.closeHandle(pipe);
  return true;
}
