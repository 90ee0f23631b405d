/**
 * The bytes of a token: what a region is and where it is, as text for arguments, environments, file names and messages.
 * Pure, and nothing in a token is trusted: it is input like any other. docs/PROTOCOL.md has the table for other languages.
 *
 * base64url without padding (RFC 4648, 5) of, little-endian:
 * ```
 *    0  6 magic, which reads "shmgen1-" in every token      52 2 length of the struct's name   54 2 of the directory
 *    6  1 where: 1 file, 2 descriptor                       56 2 of the folder in it           58 2 of the file's name
 *    7  1 flags: 1 the header is .NET's                     60 4 process       (2), else 0
 *    8  4 type id      12 4 schema version                  64 8 its start, ticks since boot   (2), else 0
 *   16  8 fingerprint  24 8 size of the file, bytes         72 4 number of its descriptor      (2), else 0
 *   32  8 device       40 8 inode                           76   the four texts, UTF-8, in this order
 *   48  4 generation                                             4 CRC-32C of all bytes before it
 * ```
 */
import { REGION_SIZE_MAX } from "../../schema/region-format.js";
import { crc32c } from "../../schema/crc32c.js";
import { hex64 } from "./header.js";
import { damagedToken, newerToken, notAToken } from "./refusals.js";

/** Which region a token means. Sizes are bytes. */
export interface TokenFacts {
  readonly header: "standard" | "dotnet";
  readonly typeId: number;
  readonly version: number;
  /** 16 lower-case hex digits. */
  readonly fingerprint: string;
  /** Of the file when the token was made; it never shrinks. */
  readonly size: number;
  readonly dev: number;
  readonly ino: number;
  readonly generation: number;
  /** Name of the struct, for people. */
  readonly struct: string;
  readonly location: TokenLocation;
}

/** A file by its path, or memory without a name by a process that has it open. */
export type TokenLocation =
  | {
      readonly kind: "file";
      /** Absolute. Its lock is the lifecycle lock. */
      readonly directory: string;
      /** Inside it, or empty. */
      readonly folder: string;
      readonly name: string;
    }
  | {
      readonly kind: "descriptor";
      readonly pid: number;
      /** Field 22 of /proc/PID/stat. */
      readonly startTime: bigint;
      readonly descriptor: number;
    };

const MAGIC = Uint8Array.of(0xb2, 0x19, 0xa0, 0x7a, 0x7d, 0x7e);
/** What every token begins with. */
const PREFIX = "shmgen1-";
const FIXED_SIZE = 76;
const CRC_SIZE = 4;
const FILE = 1;
const DESCRIPTOR = 2;
const DOTNET = 1;
/** Characters. A path has at most 4095 bytes, a name at most 255, and nobody has to read more than fits. */
const TEXT_MAX = 8192;
const AT = {
  where: 6,
  flags: 7,
  typeId: 8,
  version: 12,
  fingerprint: 16,
  size: 24,
  device: 32,
  inode: 40,
  generation: 48,
  lengths: 52,
  pid: 60,
  startTime: 64,
  descriptor: 72,
} as const;

/** `[A-Za-z0-9_-]+`, beginning with `shmgen1-`. */
export function encodeToken(facts: TokenFacts): string {
  const { location, struct } = facts;
  const { directory, folder, name } = location.kind === "file" ? location : { directory: "", folder: "", name: "" };
  const texts = [struct, directory, folder, name].map((text) => Buffer.from(text));
  const end = texts.reduce((sum, text) => sum + text.length, FIXED_SIZE);
  const bytes = new Uint8Array(end + CRC_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint8(AT.where, location.kind === "file" ? FILE : DESCRIPTOR);
  view.setUint8(AT.flags, facts.header === "dotnet" ? DOTNET : 0);
  view.setUint32(AT.typeId, facts.typeId, true);
  view.setUint32(AT.version, facts.version, true);
  view.setBigUint64(AT.fingerprint, BigInt(`0x${facts.fingerprint}`), true);
  view.setBigUint64(AT.size, BigInt(facts.size), true);
  view.setBigUint64(AT.device, BigInt(facts.dev), true);
  view.setBigUint64(AT.inode, BigInt(facts.ino), true);
  view.setUint32(AT.generation, facts.generation, true);
  if (location.kind === "descriptor") {
    view.setUint32(AT.pid, location.pid, true);
    view.setBigUint64(AT.startTime, location.startTime, true);
    view.setUint32(AT.descriptor, location.descriptor, true);
  }
  let at = FIXED_SIZE;
  texts.forEach((text, index) => {
    view.setUint16(AT.lengths + 2 * index, text.length, true);
    bytes.set(text, at);
    at += text.length;
  });
  view.setUint32(end, crc32c(bytes.subarray(0, end)), true);
  return Buffer.from(bytes.buffer).toString("base64url");
}

/**
 * @throws ShmError ERR_SHM_FOREIGN for what is no token of shmgen, ERR_SHM_FORMAT for one that is damaged, with `field`, or of
 * a newer format
 */
export function decodeToken(token: unknown): TokenFacts {
  const bytes = bytesOf(token);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - CRC_SIZE;
  const found = view.getUint32(end, true);
  const computed = crc32c(bytes.subarray(0, end));
  if (found !== computed) throw damagedToken("checksum", `0x${computed.toString(16)}`, `0x${found.toString(16)}`);
  const flags = view.getUint8(AT.flags);
  // The checksum is right, so whoever made it knows more than we do.
  if ((flags & ~DOTNET) !== 0) throw newerToken("flags", `0 or ${DOTNET}`, flags);
  const u64 = (offset: number): number => Number(view.getBigUint64(offset, true));
  const size = u64(AT.size);
  if (size === 0 || size > REGION_SIZE_MAX) throw damagedToken("size", `1 to ${REGION_SIZE_MAX}`, size);
  const { struct, ...path } = textsOf(bytes.subarray(0, end), view);
  return {
    header: (flags & DOTNET) === 0 ? "standard" : "dotnet",
    typeId: view.getUint32(AT.typeId, true),
    version: view.getUint32(AT.version, true),
    fingerprint: hex64(view.getBigUint64(AT.fingerprint, true)),
    size,
    dev: u64(AT.device),
    ino: u64(AT.inode),
    generation: view.getUint32(AT.generation, true),
    struct,
    location: locationOf(view, path),
  };
}

/** Letter by letter, because Node's decoder takes padding, other alphabets and what does not fill a byte. */
function bytesOf(token: unknown): Uint8Array {
  if (typeof token !== "string" || !token.startsWith("shmgen")) throw notAToken(token, PREFIX);
  if (!token.startsWith(PREFIX)) {
    if (!/^shmgen\d-/.test(token)) throw notAToken(token, PREFIX);
    throw newerToken("format", PREFIX, token.slice(0, PREFIX.length));
  }
  if (token.length > TEXT_MAX) throw damagedToken("length", `at most ${TEXT_MAX} characters`, token.length);
  const wrong = /[^A-Za-z0-9_-]/.exec(token);
  if (wrong !== null) {
    throw damagedToken("characters", "A-Z a-z 0-9 _ -", JSON.stringify(wrong[0]), { at: wrong.index });
  }
  const bytes = Buffer.from(token, "base64url");
  const least = FIXED_SIZE + CRC_SIZE;
  if (bytes.length < least)
    throw damagedToken("length", `at least ${Math.ceil((least * 4) / 3)} characters`, token.length);
  if (bytes.toString("base64url") !== token) throw damagedToken("length", "whole bytes", `${token.length} characters`);
  return bytes;
}

type Texts = Readonly<Record<"struct" | "directory" | "folder" | "name", string>>;

function textsOf(bytes: Uint8Array, view: DataView): Texts {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = FIXED_SIZE;
  const texts = { struct: "", directory: "", folder: "", name: "" };
  (["struct", "directory", "folder", "name"] as const).forEach((field, index) => {
    const length = view.getUint16(AT.lengths + 2 * index, true);
    if (length > bytes.length - at) throw damagedToken(field, `at most ${bytes.length - at} bytes`, length);
    try {
      texts[field] = decoder.decode(bytes.subarray(at, at + length));
    } catch {
      throw damagedToken(field, "UTF-8", "other bytes");
    }
    at += length;
  });
  if (at !== bytes.length) throw damagedToken("length", at + CRC_SIZE, bytes.length + CRC_SIZE);
  return texts;
}

/** Of a system with one root, and of Windows. */
const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

function locationOf(view: DataView, { directory, folder, name }: Omit<Texts, "struct">): TokenLocation {
  const where = view.getUint8(AT.where);
  if (where === FILE) {
    if (!ABSOLUTE.test(directory) || directory.includes("\0")) {
      throw damagedToken("directory", "an absolute path", JSON.stringify(directory));
    }
    if (/[/\\\0]/.test(folder) || folder === "." || folder === "..") {
      throw damagedToken("folder", "one name, or none", JSON.stringify(folder));
    }
    return { kind: "file", directory, folder, name };
  }
  if (where !== DESCRIPTOR) throw newerToken("location", `${FILE} or ${DESCRIPTOR}`, where);
  const pid = view.getUint32(AT.pid, true);
  const descriptor = view.getUint32(AT.descriptor, true);
  if (pid === 0 || pid > NUMBER_MAX) throw damagedToken("pid", `1 to ${NUMBER_MAX}`, pid);
  if (descriptor > NUMBER_MAX) throw damagedToken("descriptor", `0 to ${NUMBER_MAX}`, descriptor);
  return { kind: "descriptor", pid, startTime: view.getBigUint64(AT.startTime, true), descriptor };
}

/** Processes and descriptors are C's int. */
const NUMBER_MAX = 0x7fff_ffff;
