/** Targets of the user's own: a folder of templates over model.ts. */
import { createRequire } from "node:module";
import type Handlebars from "handlebars";
import { report } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { LayoutModel } from "../../layout/layout.js";
import { COMPILE_OPTIONS, HELPERS } from "../common/helpers.js";
import { fileModel } from "./model.js";
import type { Target, TargetOutput } from "../common/options.js";

/** A target of the user's own: a folder of handlebars templates over the model of emit/custom/model.ts. */
export interface CustomTarget {
  readonly name: string;
  /** Folder with `<name>.hbs` (`module.hbs` renders each schema file) and `partials/`; as messages show it. */
  readonly templateDir: string;
  /** Ending of the output, e.g. `".md"`: appended to the output path of the schema file. */
  readonly extension: string;
  /** Text of the folder's files by path relative to it, e.g. `"module.hbs"`, `"partials/field.hbs"`. */
  readonly templates: Readonly<Record<string, string>>;
}

const MAIN = "module.hbs";
const PARTIAL = /^partials\/(.+)\.hbs$/;

interface Compiled {
  readonly main: Handlebars.TemplateDelegate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const compiled = new WeakMap<CustomTarget, Compiled>();

/** Compiles a target's templates once. The handlebars compiler is loaded here and nowhere else. */
function compile(target: CustomTarget): Compiled {
  const full = createRequire(import.meta.url)("handlebars") as typeof Handlebars;
  const environment = full.create();
  environment.registerHelper(HELPERS);
  const { name, templateDir, templates } = target;
  const diagnostics: Diagnostic[] = [];
  let main: Handlebars.TemplateDelegate | undefined;
  for (const path of Object.keys(templates).sort()) {
    const partial = PARTIAL.exec(path)?.[1];
    if (path !== MAIN && partial === undefined) continue;
    try {
      // precompile reports syntax errors now; compile alone would do so at the first rendering.
      const text = templates[path] ?? "";
      environment.precompile(text, COMPILE_OPTIONS);
      const template = environment.compile(text, COMPILE_OPTIONS);
      if (partial === undefined) main = template;
      else environment.registerPartial(partial, template);
    } catch (error) {
      diagnostics.push(report("SHM4004", { target: name, template: path, problem: firstLine(error) }));
    }
  }
  if (!Object.hasOwn(templates, MAIN)) diagnostics.push(report("SHM4006", { target: name, dir: templateDir }));
  return { main, diagnostics };
}

/** A target of the user's own as every other one. */
export function customTarget(target: CustomTarget): Target {
  return {
    ...target,
    extensions: [target.extension],
    modules: false,
    emit: (model, file) => renderFile(model, file, target),
  };
}

/** Renders `module.hbs` of a target over one schema file. */
function renderFile(model: LayoutModel, file: string, target: CustomTarget): TargetOutput {
  let found = compiled.get(target);
  const first = found === undefined;
  if (found === undefined) compiled.set(target, (found = compile(target)));
  // What is wrong with the templates is told once, not for each schema file.
  if (found.main === undefined || found.diagnostics.length > 0) {
    return { texts: [], diagnostics: first ? found.diagnostics : [] };
  }
  try {
    return { texts: [found.main(fileModel(model, file))], diagnostics: [] };
  } catch (error) {
    const facts = { target: target.name, template: MAIN, file, problem: firstLine(error) };
    return { texts: [], diagnostics: [report("SHM4005", facts)] };
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .split("\n")
    .filter((line) => line.trim() !== "")
    .join(" / ");
}
