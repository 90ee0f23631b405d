/** Written by templates/precompile.mjs: name of a template or partial -> what handlebars.precompile made of it. */
export declare const precompiled: Readonly<Record<string, object>>;
