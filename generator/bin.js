#!/usr/bin/env node
import module from "node:module";

// Compiled code is kept between runs where Node can do so (22.8 and later): the compiler that ts-morph brings is large.
module.enableCompileCache?.();
await import("./dist/cli.js");
