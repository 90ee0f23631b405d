/** The calls of the system that this is, for what it shares with others. Chosen once, when it is loaded. */
import { DARWIN_CALLS } from "../darwin/own-calls.js";
import { LINUX_CALLS } from "../linux/own-calls.js";
import type { OwnCalls } from "./differences.js";

export const ownCalls: OwnCalls = process.platform === "darwin" ? DARWIN_CALLS : LINUX_CALLS;
