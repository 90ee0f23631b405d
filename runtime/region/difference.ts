/** The first difference between two descriptors, for a message. Their JSON is data from outside: every step is checked. */

/** `field` is `"Struct.field"`-like; `text` says what differs, ours first. */
export interface Difference {
  readonly field: string;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Undefined when there is none, or a text is not a descriptor's. */
export function firstDifference(ours: string | undefined, theirs: string | undefined): Difference | undefined {
  const [expected, found] = [layoutOf(ours), layoutOf(theirs)];
  if (expected === undefined || found === undefined) return undefined;
  for (const [kind, members] of [
    ["structs", "fields"],
    ["enums", "members"],
    ["bits", "fields"],
  ] as const) {
    const [left, right] = [listOf(expected[kind]), listOf(found[kind])];
    for (const [index, own] of left.entries()) {
      const difference = differenceOf(own, right[index], members);
      if (difference !== undefined) return difference;
    }
  }
  return undefined;
}

function layoutOf(text: string | undefined): Json | undefined {
  try {
    const json: unknown = JSON.parse(text ?? "null");
    return isObject(json) && isObject(json["layout"]) ? json["layout"] : undefined;
  } catch {
    return undefined;
  }
}

/** Two declarations: member by member first, because a member tells more than a size. */
function differenceOf(ours: Json, theirs: Json | undefined, members: string): Difference | undefined {
  const name = String(ours["name"]);
  if (theirs === undefined) return { field: name, text: `${name} is missing in the region` };
  const [left, right] = [listOf(ours[members]), listOf(theirs[members])];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [own, other] = [left[index], right[index]];
    if (JSON.stringify(own) === JSON.stringify(other)) continue;
    const field = `${name}.${String((own ?? other)?.["name"])}`;
    if (other === undefined) return { field, text: `${field} is missing in the region` };
    if (own === undefined) return { field, text: `${field} is only in the region` };
    const keys = Object.keys(own).filter((key) => JSON.stringify(own[key]) !== JSON.stringify(other[key]));
    return {
      field,
      text: `${field} has ${keys.map((key) => `${key} ${show(own[key])} here, ${show(other[key])} there`).join(", ")}`,
    };
  }
  for (const key of Object.keys(ours)) {
    if (key === members || JSON.stringify(ours[key]) === JSON.stringify(theirs[key])) continue;
    return { field: name, text: `${name} has ${key} ${show(ours[key])} here, ${show(theirs[key])} there` };
  }
  return undefined;
}

/** A type as in the schema where that is short, `array<f32>`; references to other declarations by kind. */
function show(value: unknown): string {
  if (!isObject(value)) return String(value).slice(0, 80);
  const { kind, of, scalar, length, size } = value;
  if (scalar !== undefined) return String(scalar).slice(0, 20);
  const parts = [of === undefined ? undefined : show(of), length, size].filter((part) => part !== undefined);
  return `${String(kind)}${parts.length === 0 ? "" : `<${parts.join(", ")}>`}`.slice(0, 80);
}
