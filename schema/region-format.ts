/**
 * The bytes of a region, as constants. Every byte position of the header has its one home here.
 *
 * Standard header, little-endian hosts, 128 bytes, payload at 128:
 * ```
 *  line 0: identity, constant while ready                line 1: life
 *    0  8  magic "SHMGEN" 0x00, format = 1                64 4 state (atomic) 0 blank 1 initialising 2 ready
 *    8  2  byte order mark 0xFEFF                         68 4 generation (atomic), +1 at every (re)initialisation
 *   10  2  header size = 128                              72 8 tail length in elements (atomic; 0 without a tail)
 *   12  4  flags                                          80 8 descriptor offset (atomic)
 *   16  4  type id       20 4 schema version              88 4 descriptor size     92 4 creator pid
 *   24  8  layout fingerprint                             96 8 creator start time, ticks since boot
 *   32  8  payload size without the tail                 104 8 boot id, its first 8 bytes
 *   40  4  tail stride   44 4 readableFrom               112 8 initialised at, ns since the epoch (information only);
 *                                                            its bit 63: the region is to stay
 *   48 12  reserved      60 4 CRC-32C of bytes 0-59      120 8 where the descriptor moves (0: nowhere)
 * ```
 * `state = ready` is the last store of an initialisation. The magic is one aligned 8-byte store.
 * The descriptor (offset and size in the header) lies after payload and tail, aligned to {@link DESCRIPTOR_ALIGN}.
 * @packageDocumentation
 */

/** `"SHMGEN"`, NUL, format number: the first 8 bytes of a region. */
export const MAGIC: readonly number[] = [0x53, 0x48, 0x4d, 0x47, 0x45, 0x4e, 0x00, 0x01];
/** The magic as one little-endian 64-bit integer. */
export const MAGIC_U64 = 0x01_00_4e_45_47_4d_48_53n;
/** Version of this format, the last byte of the magic. */
export const FORMAT = 1;
/** Read with the wrong byte order it shows as 0xFFFE. */
export const BYTE_ORDER_MARK = 0xfeff;
/** Size of the standard header in bytes; the payload begins here. */
export const HEADER_SIZE = 128;
/** Bytes of the header that {@link HEADER_OFFSET.crc} covers. */
export const CRC_COVERS = 60;

/** Byte offset of each header field. */
export const HEADER_OFFSET = {
  magic: 0,
  byteOrderMark: 8,
  headerSize: 10,
  flags: 12,
  typeId: 16,
  version: 20,
  fingerprint: 24,
  payloadSize: 32,
  tailStride: 40,
  readableFrom: 44,
  reserved0: 48,
  crc: 60,
  state: 64,
  generation: 68,
  tailLength: 72,
  descriptorOffset: 80,
  descriptorSize: 88,
  creatorPid: 92,
  creatorStartTime: 96,
  bootId: 104,
  initialisedAt: 112,
  descriptorMovesTo: 120,
} as const;

/** Values of the header's state word. */
export const STATE = {
  /** Nobody has begun to initialise the region. */
  blank: 0,
  /** Somebody is initialising it, or died doing so. */
  initialising: 1,
  /** Complete. Stored last. */
  ready: 2,
} as const;

/**
 * The bit of {@link HEADER_OFFSET.initialisedAt} that says: this region is to stay when nobody has it open. No time before the year 2262 has
 * it, and readers who do not know it show a wrong time at the worst. Set by one atomic `or`, also in a region that is ready.
 */
export const KEPT_BIT = 1n << 63n;

/** The descriptor is aligned to this many bytes. */
export const DESCRIPTOR_ALIGN = 8;
/**
 * A descriptor begins with 16 bytes: u32 CRC-32C of everything after itself, u32 size of the inflated JSON,
 * u32 size of the deflated data, u32 zero; then follows raw deflate data (RFC 1951) of the canonical JSON in UTF-8.
 */
export const DESCRIPTOR_HEADER_SIZE = 16;
/** A descriptor whose JSON would be longer than this is refused by writers and readers. */
export const DESCRIPTOR_JSON_MAX = 1 << 20;

/** Size of the header of .NET's shared memory manager: u8 type, u8 version, 6 zero bytes; the payload begins here. */
export const DOTNET_HEADER_SIZE = 8;
/** Byte offset of each field of the dotnet header. */
export const DOTNET_HEADER_OFFSET = { type: 0, version: 1 } as const;

/**
 * Files of regions are a multiple of this long, bytes. A part of the format, whatever pages a system has: where those are larger, the rest of
 * the last one belongs to nobody. Where mappings may begin and end is the system's to say.
 */
export const FILE_SIZE_UNIT = 4096;
/** No system has smaller pages, so that memory which begins at a page is aligned to this, bytes. */
export const LEAST_PAGE_SIZE = 4096;

/** The largest region in bytes, header and descriptor included: 2^53-1 rounded down to the unit. */
export const REGION_SIZE_MAX = 9007199254736896;
