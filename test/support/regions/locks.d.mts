export function locksOn(file: { readonly dev: number; readonly ino: number }): ("READ" | "WRITE")[];
