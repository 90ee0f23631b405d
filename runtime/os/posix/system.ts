/** The numbers and names of the system that this is. Chosen once, when it is loaded. */
import { DARWIN } from "../darwin/numbers.js";
import { LINUX } from "../linux/numbers.js";
import type { PosixSystem } from "./differences.js";

export const system: PosixSystem = process.platform === "darwin" ? DARWIN : LINUX;
