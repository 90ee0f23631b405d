/** Owners and access lists, as the text that Windows makes of them: `O:S-1-5-21-...D:PAI(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;WD)`. */
import { lastError } from "./calls.js";
import { OWN_PROCESS, kernel32, security } from "./kernel32.js";

const SE_FILE_OBJECT = 1;
const OWNER = 1;
const ACCESS_LIST = 4;
const REVISION = 1;
const TOKEN_QUERY = 8;
const TOKEN_USER = 1;

let own: string | undefined;

/** The user that the process acts for, `S-1-5-21-...`. Asked once per thread. @throws ShmError */
export function ownSid(): string {
  return (own ??= askOwnSid());
}

function askOwnSid(): string {
  const s = security();
  const token = new BigUint64Array(1);
  if (s.openToken(OWN_PROCESS, TOKEN_QUERY, token) === 0) throw lastError("OpenProcessToken", "this process");
  const handle = Number(token[0]);
  try {
    const info = new BigUint64Array(32);
    const bytes = new Uint8Array(info.buffer);
    if (s.tokenInformation(handle, TOKEN_USER, bytes, bytes.length, new Uint32Array(1)) === 0) {
      throw lastError("GetTokenInformation", "this process");
    }
    // `struct TOKEN_USER` begins with the address of the SID, which lies behind it.
    return textOf((text) => s.sidText(Number(info[0]), text), "ConvertSidToStringSidW");
  } finally {
    kernel32().closeHandle(handle);
  }
}

/** Text that a function allocates. */
function textOf(write: (text: BigUint64Array) => number, syscall: string): string {
  const text = new BigUint64Array(1);
  if (write(text) === 0) throw lastError(syscall, "this process");
  const address = Number(text[0]);
  try {
    return security().textAt(address);
  } finally {
    security().localFree(address);
  }
}

/** Who owns a directory, and who may put files there or replace them, by security identifiers or their abbreviations. @throws ShmError */
export function accessOf(path: string): { readonly owner: string; readonly writers: readonly string[] } {
  const s = security();
  const descriptor = new BigUint64Array(1);
  const error = s.namedSecurity(path, SE_FILE_OBJECT, OWNER | ACCESS_LIST, null, null, null, null, descriptor);
  if (error !== 0) throw lastError("GetNamedSecurityInfoW", path, {}, error);
  const address = Number(descriptor[0]);
  try {
    const write = (text: BigUint64Array): number =>
      s.descriptorText(address, REVISION, OWNER | ACCESS_LIST, text, new Uint32Array(1));
    return readAccess(textOf(write, "ConvertSecurityDescriptorToStringSecurityDescriptorW"));
  } finally {
    s.localFree(address);
  }
}

/**
 * FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY, FILE_DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE.
 * @see https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants
 */
const WRITES = 0x0002 | 0x0004 | 0x0040 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;
/** Rights by two letters that contain one of those. @see https://learn.microsoft.com/windows/win32/secauthz/ace-strings */
const WRITING_WORDS = /^(?:[A-Z]{2})*?(?:GA|GW|FA|FW|SD|WD|WO|CC|DC|DT)/;
const ENTRY = /\((?<kind>[^;()]*);(?<flags>[^;()]*);(?<rights>[^;()]*);[^;()]*;[^;()]*;(?<sid>[^;()]*)[;)]/g;

/** Of the text of a security descriptor. Without an access list everybody may do everything. */
export function readAccess(text: string): { readonly owner: string; readonly writers: readonly string[] } {
  const owner = /^O:(?<sid>S-[\d-]+|[A-Z]{2})/.exec(text)?.groups?.["sid"] ?? "unknown";
  const at = text.indexOf("D:");
  const list = at < 0 ? "" : text.slice(at + 2);
  if (at < 0 || list.startsWith("NO_ACCESS_CONTROL")) return { owner, writers: ["WD"] };
  const writers = new Set<string>();
  for (const { groups = {} } of list.matchAll(ENTRY)) {
    const { kind = "", flags = "", rights = "", sid = "" } = groups;
    // Entries that only what is made there inherits say nothing of the directory.
    if (!kind.startsWith("A") && !kind.startsWith("XA")) continue;
    if (kind.startsWith("AU") || kind.startsWith("AL")) continue;
    if (/^(?:[A-Z]{2})*?IO/.test(flags)) continue;
    const mask = /^0x[\dA-Fa-f]+$/.test(rights) ? Number(rights) : undefined;
    if (mask === undefined ? WRITING_WORDS.test(rights) : (mask & WRITES) !== 0) writers.add(sid);
  }
  return { owner, writers: [...writers] };
}

/**
 * `struct SECURITY_ATTRIBUTES` for what this user's processes share by a name, elevated or not, and administrators and the system besides. Made
 * once per thread, and kept: the struct has its descriptor's address. @throws ShmError
 */
export function ownAttributes(rights: string): BigUint64Array {
  const s = security();
  const list = ["SY", "BA", ownSid()].map((sid) => `(A;;${rights};;;${sid})`).join("");
  const descriptor = new BigUint64Array(1);
  if (s.descriptorFromText(`D:P${list}`, REVISION, descriptor, new Uint32Array(1)) === 0) {
    throw lastError("ConvertStringSecurityDescriptorToSecurityDescriptorW", "this process");
  }
  return new BigUint64Array([24n, descriptor[0] ?? 0n, 0n]);
}
