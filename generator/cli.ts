/** Where a run begins. */
import "./program.js";
