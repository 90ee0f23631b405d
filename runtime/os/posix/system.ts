/** The numbers and names of the system that this is. Chosen once, when it is loaded. */
import { LINUX } from "../linux/numbers.js";
import type { PosixSystem } from "./differences.js";

export const system: PosixSystem = LINUX;
