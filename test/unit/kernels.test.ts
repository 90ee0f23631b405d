import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assembled } from "../../runtime/kernels/assemble.mjs";

it("the kernels that ship are those of their texts: npm run generate:kernels writes them", async () => {
  const checkedIn = readFileSync(new URL("../../runtime/kernels/modules.ts", import.meta.url), "utf8");
  expect(checkedIn).toBe(await assembled());
});
