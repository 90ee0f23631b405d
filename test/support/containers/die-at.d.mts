export function dieAt(point: number, options?: { readonly loads?: boolean }): () => number;
