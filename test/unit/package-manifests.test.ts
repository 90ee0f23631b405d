/** What the packages say of themselves to registries: the root's package.json is where the address stands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Manifest {
  readonly description: string;
  readonly license: string;
  readonly homepage: string;
  readonly repository: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly bugs: { readonly url: string };
  readonly keywords?: readonly string[];
  readonly engines: object;
  readonly workspaces: readonly string[];
}

const root = join(import.meta.dirname, "../..");
const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
const whole = manifest(".");

describe("package.json", () => {
  it("of the root has the repository, from which the other addresses follow", () => {
    const address = /^git\+(https:\/\/github\.com\/[\w-]+\/[\w-]+)\.git$/.exec(whole.repository.url)?.[1];
    expect(address).toBeDefined();
    expect(whole.homepage).toBe(`${address}#readme`);
    expect(whole.bugs).toEqual({ url: `${address}/issues` });
  });

  it.each(whole.workspaces)("of %s names the same addresses, its folder, and words to find it by", (folder) => {
    const { description, license, homepage, repository, bugs, keywords = [], engines } = manifest(folder);
    expect(repository).toEqual({ ...whole.repository, directory: folder });
    expect({ license, homepage, bugs, engines }).toEqual({
      license: whole.license,
      homepage: whole.homepage,
      bugs: whole.bugs,
      engines: whole.engines,
    });
    expect(description.length).toBeGreaterThan(40);
    expect(keywords).toContain("shared-memory");
    expect(new Set(keywords).size).toBe(keywords.length);
    expect(keywords.length).toBeGreaterThanOrEqual(4);
  });
});
