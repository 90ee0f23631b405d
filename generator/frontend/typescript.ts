/**
 * The TypeScript compiler that ts-morph brings along. Required, not imported: an import of a CommonJS package first searches
 * its text for the names that it exports, and these 12 MB take longer to search than to run.
 */
import morph = require("ts-morph");
export import ts = morph.ts;
