/** Random bits for names that nobody else has. */

/**
 * `size` random bytes as hexadecimal digits. `node:crypto` is loaded with the first call: it takes longer to load than any
 * other module of Node that the runtime needs, and most programs never ask for a name.
 */
export function randomHex(size: number): string {
  return process.getBuiltinModule("node:crypto").randomBytes(size).toString("hex");
}
