/** The shape of a configuration, and what is said where it has another. */
import { z } from "zod";
import { CommandFailure, EXIT } from "../diagnostics/failure.js";
import { didYouMean, orList } from "../diagnostics/suggest.js";
import { DEFAULT_TARGETS, TARGET_NAMES } from "../emit/registry.js";
import type { ShmgenConfig } from "./define-config.js";
import { placeholderProblem } from "./placeholders.js";

const Text = z.string().min(1);
/** What docs/config.md says of a key beside its type; `absent` is what holds without it, `example` a line of JSON. */
type KeyDocs = { readonly description: string; readonly absent: string; readonly example: string };
const docs = (text: KeyDocs): KeyDocs => text;

const CUSTOM_TARGET = {
  folder: Text.meta({
    description: "Folder with `module.hbs`, which is rendered for each schema file, and `partials/`.",
  }),
  extension: z
    .string()
    .regex(/^\.[A-Za-z0-9._-]+$/)
    .meta({ description: 'Ending of the output, e.g. `".md"`.' }),
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/)
    .optional()
    .meta({ description: "What `--target` calls it. Default: the name of the folder." }),
};

const KEYS = {
  files: z
    .union([Text, z.array(Text).min(1)])
    .optional()
    .meta(
      docs({
        description: "Schemas, folders or globs; a leading `!` excludes.",
        absent: "every `**/*.shm.ts` except in node_modules, dist and dot folders",
        example: '["schemas/**/*.shm.ts", "!schemas/drafts"]',
      }),
    ),
  out: Text.superRefine((text, context) => {
    const message = placeholderProblem(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
    .optional()
    .meta(
      docs({
        description: "Folder of the output. `{dir}` in it stands for the folder of the schema.",
        absent: "`{dir}/generated`",
        example: '"src/generated/{dir}"',
      }),
    ),
  targets: z
    .array(z.enum(TARGET_NAMES))
    .readonly()
    .optional()
    .meta(
      docs({
        description: "What to generate.",
        absent: `\`${JSON.stringify(DEFAULT_TARGETS).replace(",", ", ")}\``,
        example: '["ts", "c"]',
      }),
    ),
  module: z
    .enum(["esm", "commonjs", "auto"])
    .optional()
    .meta(
      docs({
        description:
          'Modules that generated TypeScript and JavaScript are made for. `"auto"`: what the nearest package.json of the output says, ES modules for `"type": "module"` or where there is no package.json, else CommonJS. Where the other one is asked for, files say so by their endings: `.mts`, `.mjs`, `.cts`, `.cjs`.',
        absent: '`"auto"`',
        example: '"commonjs"',
      }),
    ),
  importExtension: z
    .enum(["js", "ts", "none"])
    .optional()
    .meta(
      docs({
        description: "Ending of import paths between generated TypeScript files.",
        absent: '`"none"` in CommonJS, where ts-jest and others look for files by their names, else `"js"`',
        example: '"ts"',
      }),
    ),
  versions: z
    .array(z.int().min(1))
    .readonly()
    .optional()
    .meta(
      docs({
        description:
          "Published versions whose accessors are generated as well, from shmgen.lock.json: `car.v2.ts` beside `car.ts`.",
        absent: "none",
        example: "[1, 2]",
      }),
    ),
  customTargets: z
    .array(z.strictObject(CUSTOM_TARGET))
    .readonly()
    .optional()
    .meta(
      docs({
        description: "Targets of your own: folders of templates.",
        absent: "none",
        example: '[{ "folder": "templates/markdown", "extension": ".md" }]',
      }),
    ),
};
const Config: z.ZodType<ShmgenConfig> = z.strictObject(KEYS);

/** The shape as JSON schema, with the texts of each key: what docs/config.md is made of. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(z.strictObject(KEYS), { io: "input" });
}

/**
 * Checks what a config file holds.
 * @throws CommandFailure (exit code 2) that lists every problem: file, key, what was expected and what was found.
 */
export function parseConfig(value: unknown, file: string): ShmgenConfig {
  const result = Config.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => issueLines(issue, value));
  throw new CommandFailure(
    EXIT.usage,
    lines.map((line) => `${file}: ${line}`),
  );
}

function issueLines(issue: z.core.$ZodIssue, root: unknown): string[] {
  const where = keyPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const known = issue.path.length === 0 ? Object.keys(KEYS) : Object.keys(CUSTOM_TARGET);
      const suggestion = didYouMean(key, known) ?? `it may have ${orList(known)}`;
      return `${where === "" ? "" : `${where}: `}unknown key '${key}'; ${suggestion}`;
    });
  }
  if (issue.code === "custom") return [`${where}: ${issue.message}`];
  const found = show(valueAt(root, issue.path));
  return [`${where === "" ? "" : `${where}: `}expected ${expected(issue)}, found ${found}`];
}

/** In words of the user, not of zod. */
function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return orList(issue.values.map((value) => JSON.stringify(value)));
    case "invalid_type":
      return (
        { array: "a list", object: "an object", string: "text" }[issue.expected as string] ?? `a ${issue.expected}`
      );
    case "invalid_format":
      return `text that matches ${String("pattern" in issue ? issue.pattern : issue.format)}`;
    case "too_small":
      return issue.origin === "array" ? "a list with at least one entry" : "text that is not empty";
    case "invalid_union":
      return "text or a list of texts, none of them empty";
    default:
      return issue.message;
  }
}

function keyPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`))
    .join("");
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) value = (value as Record<PropertyKey, unknown>)[key];
  return value;
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
