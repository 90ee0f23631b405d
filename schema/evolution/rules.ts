/**
 * Every kind of change that the engine knows, with its class and what it means for programs of either side. The one home of
 * this wording: errors, `shmgen check`, `diff` and docs/EVOLUTION.md print it.
 * @packageDocumentation
 */

/**
 * identical: the same bytes mean the same. compatible: programs of both versions work on regions of both. upgrade: newer
 * programs work on older regions; older ones must refuse newer regions. breaking: neither works on the other's.
 */
export type ChangeClass = "identical" | "compatible" | "upgrade" | "breaking";

/** The classes, mildest first. */
export const CLASSES: readonly ChangeClass[] = ["identical", "compatible", "upgrade", "breaking"];

/** The stronger of two classes. */
export function stronger(one: ChangeClass, other: ChangeClass): ChangeClass {
  return CLASSES.indexOf(one) < CLASSES.indexOf(other) ? other : one;
}

/** One kind of change. */
export interface Rule {
  readonly class: ChangeClass;
  /** What changed. */
  readonly what: string;
  /** What programs of the older and of the newer version would see: the end of a sentence about the field. */
  readonly sees: string;
  /** What to do. */
  readonly advice: string;
}

const VERSION = "give the schema a new version";
const KEEP = "keep it as it was, or add a field with another name";
const NOTHING = "nothing to do";

const rules = {
  // The region.
  "region-type": {
    class: "breaking",
    what: "the type id of the region",
    sees: "programs of either side take the other's regions for those of somebody else",
    advice: "keep the type id; it tells kinds of regions apart, not versions",
  },
  "region-header": {
    class: "breaking",
    what: "the kind of header",
    sees: "the payload begins at another offset, so either side would read header bytes as data",
    advice: "keep the header, or use another region name",
  },
  "region-renamed": {
    class: "compatible",
    what: "the name of the region's struct",
    sees: "both sides see the same bytes; the type id tells what they are",
    advice: NOTHING,
  },
  "region-size": {
    class: "compatible",
    what: "the size of the payload, without fields that moved",
    sees: "both sides find their fields where they expect them",
    advice: NOTHING,
  },
  "version-unchanged": {
    class: "breaking",
    what: "the layout, but not the version",
    sees: "nobody can tell regions of the one layout from those of the other, so both sides refuse them",
    advice: VERSION,
  },
  "version-lowered": {
    class: "breaking",
    what: "the version, downwards",
    sees: "programs built from the schema take themselves for the older side",
    advice: "raise the version above every published one",
  },
  "readable-from-excludes": {
    class: "upgrade",
    what: "the version, and readableFrom leaves the older one out",
    sees: "programs of the older version refuse newer regions; newer ones open older regions",
    advice: "lower readableFrom if older programs may look at newer regions",
  },
  "readable-from-raised": {
    class: "compatible",
    what: "readableFrom, upwards",
    sees: "fewer older versions open regions of the newer one",
    advice: NOTHING,
  },
  "readable-from-lowered": {
    class: "compatible",
    what: "readableFrom, downwards",
    sees: "more older versions open regions of the newer one",
    advice: NOTHING,
  },
  // Fields that come and go.
  "field-appended": {
    class: "compatible",
    what: "a field behind all others of the region",
    sees: "older programs do not see it; newer ones read its default of older regions, and cannot write it there",
    advice: NOTHING,
  },
  "field-in-reserved": {
    class: "compatible",
    what: "a field in bytes that were kept for one (pad<N>, reserved<T>)",
    sees: "older programs do not see it; newer ones read its default of older regions, and cannot write it there",
    advice: NOTHING,
  },
  "field-in-hole": {
    class: "upgrade",
    what: "a field in bytes between others that nobody had reserved",
    sees: "older C programs may write anything there when they copy a struct; newer ones read its default of older regions",
    advice: "append it instead, or keep bytes with pad<N> in time",
  },
  "field-in-the-middle": {
    class: "breaking",
    what: "a field in front of others, which moved",
    sees: "either side reads the other's bytes at the wrong offsets",
    advice: "append it, or put it into bytes that were kept for one; else " + VERSION,
  },
  "field-over-field": {
    class: "upgrade",
    what: "a field at bytes that another one has in the older version",
    sees: "older programs would take its bytes for theirs in newer regions; newer ones read its default of older regions",
    advice: "write @was if it is the same field under a new name",
  },
  "field-without-since": {
    class: "breaking",
    what: "a field without since<T, V, default>",
    sees: "newer programs have no value to read for it in older regions",
    advice: "declare it as since<T, V, default> with the version that brings it",
  },
  "field-since-untrue": {
    class: "breaking",
    what: "a field that is said to exist since a version that lacks it",
    sees: "newer programs expect it in regions of a version that never had it",
    advice: "raise the version in since<T, V, default> to the one that brings it",
  },
  "field-removed": {
    class: "upgrade",
    what: "a field that is gone, without moving others",
    sees: "older programs would miss it in newer regions; newer ones ignore it in older regions",
    advice: "keep its bytes as reserved<T>, so that no later field takes them",
  },
  "field-reserved": {
    class: "upgrade",
    what: "a field that is gone, its bytes kept",
    sees: "older programs would read zeros in newer regions; newer ones ignore it in older regions",
    advice: NOTHING,
  },
  "reserved-changed": {
    class: "compatible",
    what: "bytes that are kept for later fields",
    sees: "neither side reads or writes them",
    advice: NOTHING,
  },
  "field-renamed": {
    class: "compatible",
    what: "the name of a field (@was)",
    sees: "both sides use the same bytes under either name",
    advice: NOTHING,
  },
  "field-reordered": {
    class: "breaking",
    what: "the order of fields",
    sees: "either side reads another field's bytes",
    advice: "declare them in the old order",
  },
  "field-moved": {
    class: "breaking",
    what: "the offset of a field",
    sees: "either side reads the wrong bytes",
    advice: "keep what stands in front of it in size and alignment",
  },
  "struct-split": {
    class: "breaking",
    what: "two structs that became one, of which the newer one lacks different fields",
    sees: "newer programs cannot tell which fields an older region has",
    advice: "keep two structs",
  },
  // Types of fields.
  "type-widened": {
    class: "breaking",
    what: "the size of a number, upwards",
    sees: "older programs read a part of what newer ones write, and newer ones read what lies behind the older field",
    advice: KEEP,
  },
  "type-narrowed": {
    class: "breaking",
    what: "the size of a number, downwards",
    sees: "newer programs read a part of what older ones write",
    advice: KEEP,
  },
  "type-signedness": {
    class: "breaking",
    what: "whether a number has a sign",
    sees: "the same bits are a negative number on one side and a large one on the other",
    advice: KEEP,
  },
  "type-changed": {
    class: "breaking",
    what: "the type of a field",
    sees: "the same bits mean something else on either side",
    advice: KEEP,
  },
  "number-form": {
    class: "compatible",
    what: "bigint, number (num<>) or moment (timestamp<>)",
    sees: "the same bytes; num<> and timestamp<> throw a RangeError for values that they cannot show, and never show a wrong one",
    advice: NOTHING,
  },
  "timestamp-unit": {
    class: "breaking",
    what: "the unit of a timestamp",
    sees: "the same bits are moments decades apart on either side",
    advice: KEEP,
  },
  "number-from-enum": {
    class: "compatible",
    what: "an enum or flags that became their number",
    sees: "the same number; older programs may meet one that their enum does not name",
    advice: NOTHING,
  },
  "number-to-enum": {
    class: "breaking",
    what: "a number that became an enum",
    sees: "newer programs meet numbers that the enum does not name",
    advice: KEEP,
  },
  "access-strengthened": {
    class: "upgrade",
    what: "a field that became more indivisible (plain, relaxed<>, atomic<>)",
    sees: "the same bytes, but older programs would write newer regions without the atomic operations that these promise",
    advice: NOTHING,
  },
  "access-weakened": {
    class: "breaking",
    what: "a field that became less indivisible (atomic<>, relaxed<>, plain)",
    sees: "newer programs would break the atomic operations of older ones: updates of a counter are lost",
    advice: "keep atomic<>",
  },
  "byte-order": {
    class: "breaking",
    what: "the order of bytes",
    sees: "either side reads the bytes of the other's number backwards",
    advice: KEEP,
  },
  "byte-order-spelled": {
    class: "compatible",
    what: "the native order of bytes, spelled out or no longer",
    sees: "both sides read the same number",
    advice: NOTHING,
  },
  "text-capacity": {
    class: "breaking",
    what: "the bytes of a text",
    sees: "the longer text does not fit the shorter field, and is cut when it is read there",
    advice: KEEP,
  },
  "text-encoding": {
    class: "breaking",
    what: "the encoding of a text",
    sees: "either side reads other characters than were written",
    advice: KEEP,
  },
  "bytes-size": {
    class: "breaking",
    what: "the number of raw bytes",
    sees: "one side reads or writes bytes that the other does not know of",
    advice: KEEP,
  },
  "array-length": {
    class: "breaking",
    what: "the length of an array",
    sees: "one side has elements that the other does not know of",
    advice: "add a second array, or use a tail<T>",
  },
  "tail-added": {
    class: "breaking",
    what: "a tail",
    sees: "older regions have their description where newer programs expect elements",
    advice: VERSION,
  },
  "tail-removed": {
    class: "breaking",
    what: "a tail that is gone",
    sees: "newer programs do not expect elements where older regions have them",
    advice: VERSION,
  },
  "tail-moved": {
    class: "breaking",
    what: "where the tail begins",
    sees: "either side reads the other's elements at the wrong offsets",
    advice: "put new fields into bytes that were kept for them (pad<N>)",
  },
  "tail-stride": {
    class: "breaking",
    what: "the bytes from one element of the tail to the next",
    sees: "every element but the first is read at the wrong offset",
    advice: "keep bytes for later fields in the element (pad<N>)",
  },
  "tail-count": {
    class: "breaking",
    what: "the field that counts a tail of foreign memory",
    sees: "newer programs take another number for the count, or elements that do not count",
    advice: KEEP,
  },
  // Structs.
  "struct-size": {
    class: "breaking",
    what: "the size of a nested struct",
    sees: "what follows it, or its next element, is read at the wrong offset",
    advice: "keep bytes for later fields in it (pad<N>)",
  },
  "struct-align": {
    class: "compatible",
    what: "the alignment of a struct, without fields that moved",
    sees: "both sides find their fields where they expect them",
    advice: NOTHING,
  },
  "struct-packing": {
    class: "compatible",
    what: "whether and how a struct is packed, without fields that moved",
    sees: "both sides find their fields where they expect them",
    advice: NOTHING,
  },
  "container-changed": {
    class: "breaking",
    what: "what kind of container it is",
    sees: "either side takes the words of the other's container for those of its own, and destroys them",
    advice: KEEP,
  },
  "participants-added": {
    class: "breaking",
    what: "the table of participants, with the region's first container that has owners",
    sees: "it stands before all fields, so that either side reads the other's bytes at the wrong offsets",
    advice: "keep such containers in a region of their own, or " + VERSION,
  },
  "participants-removed": {
    class: "breaking",
    what: "the table of participants, with the region's last container that has owners",
    sees: "it stood before all fields, so that either side reads the other's bytes at the wrong offsets",
    advice: "keep one container that has owners, or " + VERSION,
  },
  "struct-renamed": {
    class: "compatible",
    what: "the name of a nested struct, enum or bit fields",
    sees: "both sides see the same bytes",
    advice: NOTHING,
  },
  // Unions.
  "union-changed": {
    class: "breaking",
    what: "whether fields lie over one another or in a row",
    sees: "either side reads the other's bytes at the wrong offsets, or takes those of one field for another's",
    advice: KEEP,
  },
  "union-member-added": {
    class: "compatible",
    what: "a member of a union, within its size",
    sees: "older programs do not know it, as they do not know a new member of an enum",
    advice: NOTHING,
  },
  "union-member-removed": {
    class: "breaking",
    what: "a member of a union that is gone",
    sees: "newer programs cannot tell what older ones write as it",
    advice: "keep the member",
  },
  "union-tag-changed": {
    class: "breaking",
    what: "the field that says which member of a union holds",
    sees: "either side takes the bytes for another member than the other wrote",
    advice: "keep the field, or rename it with @was",
  },
  "union-tag-named": {
    class: "compatible",
    what: "whether a field says which member of a union holds",
    sees: "both sides see the same bytes",
    advice: NOTHING,
  },
  "union-case-added": {
    class: "compatible",
    what: "a value with which a member of a union holds",
    sees: "older programs do not know the value, as they do not know a new member of an enum",
    advice: NOTHING,
  },
  "union-case-removed": {
    class: "breaking",
    what: "a value with which a member of a union held",
    sees: "newer programs do not know which member older ones wrote",
    advice: "keep the value",
  },
  "union-case-moved": {
    class: "breaking",
    what: "a value with which another member of a union holds",
    sees: "either side takes the bytes for another member than the other wrote",
    advice: "use a new value",
  },
  // Enums, flags, bit fields.
  "enum-member-added": {
    class: "compatible",
    what: "a member of an enum",
    sees: "older programs read it as a number that their enum does not name",
    advice: NOTHING,
  },
  "enum-member-removed": {
    class: "breaking",
    what: "a member of an enum that is gone",
    sees: "newer programs read what older ones write as a number that their enum does not name",
    advice: "keep the member",
  },
  "enum-member-renamed": {
    class: "compatible",
    what: "the name of an enum's member",
    sees: "both sides use the same number under either name",
    advice: NOTHING,
  },
  "enum-member-renumbered": {
    class: "breaking",
    what: "the number of an enum's member",
    sees: "one side's name is another name, or none, on the other",
    advice: "give the member its old number",
  },
  "enum-repr": {
    class: "breaking",
    what: "the integer that holds an enum, flags or bit fields",
    sees: "either side reads more or fewer bytes than the other writes, or takes their sign for a part of the number",
    advice: KEEP,
  },
  "flag-added": {
    class: "compatible",
    what: "a bit of flags",
    sees: "older programs see a bit without a name, and leave it as it is",
    advice: NOTHING,
  },
  "flag-removed": {
    class: "upgrade",
    what: "a bit of flags that is gone",
    sees: "older programs would wait for a bit that newer ones never set; newer ones ignore it",
    advice: "keep the member",
  },
  "bits-added": {
    class: "compatible",
    what: "a bit field in bits that were free",
    sees: "older programs leave these bits as they are; in older regions they begin as zeros",
    advice: NOTHING,
  },
  "bits-removed": {
    class: "upgrade",
    what: "a bit field that is gone, without moving others",
    sees: "older programs would miss it in newer regions; newer ones ignore it",
    advice: "keep it",
  },
  "bits-moved": {
    class: "breaking",
    what: "the place or width of a bit field",
    sees: "either side reads bits of another field",
    advice: "add bit fields behind the others only",
  },
  // Foreign memory, and what is no byte.
  "expect-narrowed": {
    class: "breaking",
    what: "accepted values of foreign memory, to fewer",
    sees: "newer programs refuse memory that older ones attach",
    advice: "accept the former values as well",
  },
  "expect-widened": {
    class: "compatible",
    what: "accepted values of foreign memory, to more",
    sees: "newer programs attach more",
    advice: NOTHING,
  },
  "docs-changed": {
    class: "identical",
    what: "a comment",
    sees: "both sides see the same bytes",
    advice: NOTHING,
  },
} satisfies Readonly<Record<string, Rule>>;

/** The stable name of a kind of change. */
export type RuleCode = keyof typeof rules;

/** All rules by their code, the region's first. */
export const RULES: Readonly<Record<RuleCode, Rule>> = rules;
