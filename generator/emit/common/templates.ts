/** Handlebars set-up: precompiled templates, strict, no escaping, only the helpers of helpers.ts. */
import { createRequire } from "node:module";
import type Handlebars from "handlebars";
import { HELPERS } from "./helpers.js";
import { precompiled } from "../precompiled.js";

let environment: typeof Handlebars | undefined;
const templates = new Map<string, Handlebars.TemplateDelegate>();

/** The runtime is loaded on first use, because most commands emit nothing. */
function open(): typeof Handlebars {
  if (environment !== undefined) return environment;
  const runtime = createRequire(import.meta.url)("handlebars/runtime.js") as typeof Handlebars;
  environment = runtime.create();
  environment.registerHelper(HELPERS);
  for (const [name, specification] of Object.entries(precompiled)) {
    const template = environment.template(specification);
    templates.set(name, template);
    environment.registerPartial(name, template);
  }
  return environment;
}

/**
 * The text of template `name` (`"ts/module"`, `"c/header"`) over `model`. Strict: a name that the model lacks throws, so
 * a model sets every key that its template mentions (`undefined` will do).
 */
export function render(name: string, model: object): string {
  open();
  const template = templates.get(name);
  if (template === undefined) throw new Error(`there is no template "${name}"`);
  return template(model);
}
