/**
 * The TypeScript compiler that ts-morph brings along, without what ts-morph puts around it: the file of the compiler alone, since
 * the front end is syntactic and needs neither ts-morph's objects nor the texts of the libraries, which are a third of the time
 * that loading all of it takes. Required, not imported: an import of a CommonJS package first searches its text for the names
 * that it exports, and these 9 MB take longer to search than to run. The file is no door of its package, so package.json names
 * one exact version.
 */
export import ts = require("@ts-morph/common/dist/typescript.js");
