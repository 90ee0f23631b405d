/** The compiler's file has no types beside it; it is what ts-morph exports as `ts`. */
declare module "@ts-morph/common/dist/typescript.js" {
  import { ts } from "ts-morph";
  export = ts;
}
