/** All of waiting once more, where a thread has to sleep for others because the system has no ring. */
import { BY_THREAD } from "../support/processes/scripts.js";

Object.assign(process.env, BY_THREAD);
await import("./waits.test.js");
await import("./workers-waits.test.js");
