/** `<file>#<name>`. Stands apart from the zod schemas of ir.ts, which take longer to load than a small schema to compile. */
export function declarationId(file: string, name: string): string {
  return `${file}#${name}`;
}
