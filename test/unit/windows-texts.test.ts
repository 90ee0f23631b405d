import { describe, expect, it } from "vitest";
import { shortCommand } from "../../runtime/dist/runtime/os/commands.js";
import { unusableName } from "../../runtime/dist/runtime/os/win32/names.js";
import { nameOf, wordsOf } from "../../runtime/dist/runtime/os/win32/processes.js";
import { readAccess } from "../../runtime/dist/runtime/os/win32/security.js";

const USER = "S-1-5-21-1-2-3-1001";
const OTHER = "S-1-5-21-1-2-3-1002";

describe("access lists of Windows as text", () => {
  it("a folder of the user's profile lets the user, the system and administrators write, and nobody else", () => {
    const text = `O:${USER}G:${USER}D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${USER})`;
    expect(readAccess(text)).toEqual({ owner: USER, writers: ["SY", "BA", USER] });
  });

  it("who may only read and list is no writer", () => {
    const text = `O:BAD:PAI(A;;FA;;;${USER})(A;OICI;FR;;;WD)(A;OICI;0x1200a9;;;BU)(A;;FRFX;;;AU)(A;;RC;;;${OTHER})`;
    expect(readAccess(text)).toEqual({ owner: "BA", writers: [USER] });
  });

  it.each([
    ["adds files", "0x2"],
    ["adds folders", "0x4"],
    ["deletes what is there", "0x40"],
    ["deletes the folder", "0x10000"],
    ["changes the list", "0x40000"],
    ["takes it over", "0x80000"],
    ["has all rights", "GA"],
    ["writes", "GW"],
    ["has full access to files", "FA"],
    ["writes files", "FW"],
    ["changes, by the word of icacls (M)", "0x1301bf"],
    ["adds files, by letters behind others", "LCCCRC"],
    ["deletes, by letters", "RCSD"],
    ["changes owner or list, by letters", "WDWO"],
  ])("who %s is a writer", (_, rights) => {
    expect(readAccess(`O:${USER}D:(A;OICI;${rights};;;${OTHER})`).writers).toEqual([OTHER]);
  });

  it("entries that deny, that audit, and that only new files inherit, let nobody write", () => {
    const text = `O:${USER}D:(D;;FA;;;${OTHER})(A;OICIIO;FA;;;CO)(A;OICIIOID;GA;;;${OTHER})S:(AU;SAFA;FA;;;WD)`;
    expect(readAccess(text).writers).toEqual([]);
  });

  it("conditional entries count as if their condition held", () => {
    expect(readAccess(`O:${USER}D:(XA;;FA;;;AU;(@USER.clearance >= 1))`).writers).toEqual(["AU"]);
  });

  it("a descriptor without a list, or with one that lets all do everything, has everybody as a writer", () => {
    expect(readAccess(`O:${USER}G:${USER}`).writers).toEqual(["WD"]);
    expect(readAccess(`O:${USER}D:NO_ACCESS_CONTROL`).writers).toEqual(["WD"]);
    expect(readAccess("").owner).toBe("unknown");
  });
});

describe("command lines and names of Windows", () => {
  it.each([
    [String.raw`"C:\Program Files\nodejs\node.exe" --import tsx "C:\my app\writer.ts" 5`, "node writer.ts"],
    [String.raw`node.exe --inspect C:\app\writer.js`, "node writer.js"],
    [String.raw`node -e "1 + 1"`, "node"],
    [String.raw`C:\app\game.exe`, "game"],
  ])("%s", (line, command) => {
    expect(shortCommand(wordsOf(line), nameOf)).toBe(command);
  });

  it.each(["con", "NUL", "com1", "lpt9.txt", "aux.car", "a."])("%s cannot be the name of a file", (name) => {
    expect(unusableName(name)).toBeDefined();
  });

  it.each(["console", "com10", "nul-1", "a.b", "car-7@2"])("%s can", (name) => {
    expect(unusableName(name)).toBeUndefined();
  });
});
