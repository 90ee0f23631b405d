/** SHM1xxx: what a schema file says that cannot be read as a schema. */
import { error } from "./code-row.js";

export const readCodes = {
  SHM1010: error({
    message: () => "'number' does not say how many bytes it takes.",
    hint: "write f64, f32, i32, u32, u16 or u8.",
    why: "A region is bytes; every field needs a size.",
    wrong: "export interface Car { speed: number }",
    right: "export interface Car { speed: f32 }",
  }),
};
