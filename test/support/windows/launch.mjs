/** Runs a script of the repository in the repository's folder, which wine cannot be asked to begin in. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [, , script, ...rest] = process.argv;
process.chdir(resolve(import.meta.dirname, "../../.."));
process.argv.splice(1, Infinity, resolve(script), ...rest);
await import(pathToFileURL(resolve(script)).href);
