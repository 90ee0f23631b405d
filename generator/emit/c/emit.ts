/** The target c: one schema file in, one header out, or what keeps it from being one. */
import { declarationsOf } from "../common/declarations.js";
import type { Emitter } from "../common/options.js";
import { byCodeUnits, relativePath } from "../common/paths.js";
import { render } from "../common/templates.js";
import { docLines } from "./docs.js";
import { headerModel } from "./model.js";
import { headerProblems } from "./problems.js";

/** The header of one schema file. */
export const emitC: Emitter = (model, file, options) => {
  const diagnostics = headerProblems(model, file, options);
  if (diagnostics.length > 0) return { texts: [], diagnostics };
  const path = `${options.outputPath(file)}.h`;
  const shown = {
    ...headerModel(model, file),
    source: docLines(relativePath(path, file, options.root)).join(" "),
    includes: declarationsOf(model)
      .imports(file)
      .map((other) => relativePath(path, `${options.outputPath(other)}.h`, options.root))
      .sort(byCodeUnits),
  };
  return { texts: [render("c/header", shown)], diagnostics };
};
