/**
 * Runs the doctor and prints its checks as JSON: `node examine.mjs '{"directory": ..., "root": ..., "euid": ..., "door": ...}'`.
 * `euid`: become this user first. `door`: the module to load instead of the package's door.
 */
import { createRequire } from "node:module";

const { euid, door = "@shmgen/runtime/doctor", ...options } = JSON.parse(process.argv[2] ?? "{}");
const { checkEnvironment } = await import(door);
if (euid !== undefined) {
  // Loaded while we still may read the checkout.
  createRequire(import.meta.url)("koffi");
  process.seteuid(euid);
}
process.stdout.write(JSON.stringify(await checkEnvironment(options)));
