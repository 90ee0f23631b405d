/** The file of published layouts, beside the config or the nearest package.json. Who asks for its name does not load what reads it. */
export const LOCK_NAME = "shmgen.lock.json";
