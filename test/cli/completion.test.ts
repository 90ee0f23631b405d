/** What shells complete, asked of the shells themselves where the machine has them. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../generator/dist/commands/table.js";
import { MANIFEST, project, schemaText, shmgen } from "./run-cli.js";

const NAMES = COMMANDS.map(({ name }) => name);
const optionsOf = (name: string): string[] =>
  (COMMANDS.find((command) => command.name === name)?.options ?? []).map((option) => `--${option.name}`);

const support = join(import.meta.dirname, "../support/cli");
const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;
const SHELLS = ["bash", "zsh", "fish"] as const;

/** Arguments that make a shell print what it offers behind each line, as its line editor asks for it; an empty line ends each answer. */
const ASK: Readonly<Record<(typeof SHELLS)[number], (script: string, lines: readonly string[]) => string[]>> = {
  bash: (script, lines) => {
    // What Tab does: the function that `complete` has registered, with the line in COMP_WORDS.
    const asked = lines.map((line) => {
      const words = line.split(/(=)| /).filter((word) => word !== undefined);
      const quoted = words.map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}; _shmgen; printf '%s\\n' "\${COMPREPLY[@]}" ''`;
    });
    return ["--norc", "-c", [script, "complete -p shmgen >/dev/null || exit 1", ...asked].join("\n")];
  },
  zsh: (_script, lines) => ["-f", join(support, "ask-completion.zsh"), support, ...lines],
  fish: (script, lines) => {
    const asked = lines.map((line) => `complete -C ${JSON.stringify(line)} | string split -f 1 \\t; echo`);
    return ["--no-config", "-c", [script, ...asked].join("\n")];
  },
};

/** What a shell offers behind each line: words, sorted, folders without their slash. */
function offered(shell: (typeof SHELLS)[number], lines: readonly string[], cwd: string, env: object = {}): string[][] {
  const script = shmgen(["completion", shell]).out;
  writeFileSync(join(cwd, "completion"), script);
  const { stdout, stderr } = spawnSync(shell, ASK[shell](script, lines), {
    cwd,
    encoding: "utf8",
    env: { ...process.env, HOME: cwd, TERM: "xterm", ...env },
    timeout: 110_000,
  });
  expect(stderr).toBe("");
  const answers = stdout.split(/^\n/m).slice(0, lines.length);
  expect(answers).toHaveLength(lines.length);
  return answers.map((answer) => {
    const words = answer.split("\n").map((word) => word.trim().replace(/[/=]$/, ""));
    return [...new Set(words)].filter(Boolean).sort();
  });
}

const files = {
  "package.json": MANIFEST,
  "schemas/car.shm.ts": schemaText("Car"),
  "bus.shm.ts": schemaText("Bus", "samples", 2),
  "notes.md": "",
  "regions/car-7": "",
  "regions/car-8": "",
  "regions/.lock": "",
};

describe.each(SHELLS)("completion in %s", (shell) => {
  const skipped = !has(shell);

  it(`prints a script of every command and option${skipped ? `; ${shell} is not installed here, so it is not asked` : ""}`, () => {
    const { code, out, err } = shmgen(["completion", shell]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const name of NAMES) expect(out).toContain(name);
    for (const { options } of COMMANDS)
      for (const { name } of options) expect(out).toContain(shell === "fish" ? `-l ${name}` : `--${name}`);
    const file = join(project({ completion: out }), "completion");
    if (!skipped) expect(spawnSync(shell, ["-n", file], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  it.skipIf(skipped)("offers commands, options, their values, schemas, regions, codes and folders", () => {
    const cwd = project({ ...files, "other/bus-1": "" });
    const expected: readonly (readonly [line: string, words: readonly string[]])[] = [
      ["shmgen ch", ["check"]],
      ["shmgen help comp", ["completion"]],
      ["shmgen check --", optionsOf("check")],
      ["shmgen metrics --", optionsOf("metrics")],
      ["shmgen --dry", ["--dry-run"]],
      ["shmgen check --format ", ["github", "json", "text"]],
      ["shmgen list --scope m", ["machine"]],
      ["shmgen -t ", ["c", "js", "ts"]],
      ["shmgen completion ", ["bash", "fish", "zsh"]],
      ["shmgen explain SHM100", Array.from({ length: 9 }, (_, n) => `SHM100${n + 1}`)],
      ["shmgen inspect ", ["car-7", "car-8"]],
      ["shmgen generate b", ["bus.shm.ts"]],
      ["shmgen generate --out s", ["schemas"]],
      ["shmgen watch --directory other ", ["bus-1"]],
    ];
    const lines = ["shmgen ", ...expected.map(([line]) => line)];
    const [first, ...others] = offered(shell, lines, cwd, { SHMGEN_DIR: join(cwd, "regions") });
    expect(first).toEqual(expect.arrayContaining([...NAMES, "help"]));
    const got = expected.map(([line], index) => [line, others[index]]);
    expect(got).toEqual(expected.map(([line, words]) => [line, [...words].sort()]));
  });
});

describe("completion", () => {
  it.skipIf(!has("bash"))("in bash takes --option=value, and a name with a space", () => {
    const cwd = project({ ...files, "a folder/x": "", "regions/two words": "" });
    const lines = ["check --format=g", "check --format=", "generate --out a", "top t"].map((line) => `shmgen ${line}`);
    expect(offered("bash", lines, cwd, { SHMGEN_DIR: join(cwd, "regions") })).toEqual([
      ["github"],
      ["github", "json", "text"],
      ["a folder"],
      ["two words"],
    ]);
  });

  it.each([
    [[], "shmgen completion takes the name of one shell\n  hint: it knows bash, zsh, fish"],
    [["bash", "zsh"], "shmgen completion takes the name of one shell\n  hint: it knows bash, zsh, fish"],
    [["fsih"], "shmgen completion does not know 'fsih'\n  hint: did you mean 'fish'?"],
    [["powershell"], "shmgen completion does not know 'powershell'\n  hint: it knows bash, zsh, fish"],
  ])("of %j exits with 2 and says what it knows", (shells, message) => {
    expect(shmgen(["completion", ...shells])).toEqual({ code: 2, out: "", err: `shmgen: ${message}\n` });
  });
});
