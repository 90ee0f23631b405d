/** docs/config.md: every key of the configuration, from the schema that it is checked by. */

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly absent?: string;
  readonly example?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
}

export type ConfigKeys = Readonly<Record<string, JsonSchema>>;

/** The keys of the schema. */
export function configKeys(schema: unknown): ConfigKeys {
  return (schema as JsonSchema).properties ?? {};
}

/** What stands between the marks of the document. */
export function configReference(keys: ConfigKeys): string {
  const rows = Object.entries(keys).map(
    ([name, key]) => `| [\`${name}\`](#${name.toLowerCase()}) | ${typeText(key)} | ${key.absent ?? ""} |`,
  );
  const sections = Object.entries(keys).flatMap(([name, key]) =>
    [`## ${name}`, "", key.description ?? "", "", `Type: ${typeText(key)}. Without it: ${key.absent}.`, ""].concat(
      members(key),
      ["```json", `{ "${name}": ${key.example} }`, "```", ""],
    ),
  );
  return ["| key | type | without it |", "| - | - | - |", ...rows, "", ...sections].join("\n");
}

function members({ items }: JsonSchema): string[] {
  const rows = Object.entries(items?.properties ?? {}).map(([name, key]) => {
    const needed = items?.required?.includes(name) === true ? "" : ", may be left out";
    const form = key.pattern === undefined ? "" : `, of the form \`${key.pattern}\``;
    return `| \`${name}\` | ${typeText(key)}${form}${needed} | ${key.description} |`;
  });
  return rows.length === 0 ? [] : ["| member | type | |", "| - | - | - |", ...rows, ""];
}

function typeText(key: JsonSchema): string {
  if (key.anyOf !== undefined) return key.anyOf.map(typeText).join(", or ");
  if (key.enum !== undefined) return key.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" or ");
  if (key.type === "array") return `a list of ${typeText(key.items ?? {})}`;
  if (key.type === "object") return "objects";
  if (key.type === "integer")
    return key.minimum === undefined ? "whole numbers" : `whole numbers from ${key.minimum} on`;
  if (key.type === "string") return "text";
  throw new Error(`no words for ${JSON.stringify(key)}`);
}
