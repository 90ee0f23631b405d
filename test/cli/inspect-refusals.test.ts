/** What `shmgen inspect` says of files that it cannot show. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HEADER_OFFSET as AT } from "../../schema/dist/region-format.js";
import { regionDirectory } from "../support/processes/processes.js";
import { packDescriptor, regionBytes } from "../support/regions/region-bytes.js";
import { ownDirectory as directoryBelow } from "../support/syscalls/strace.js";
import { shmgen } from "./run-cli.js";

const base = regionDirectory();

/** A directory of its own for one test, where `shmgen` looks as well. */
function ownDirectory(): string {
  const directory = directoryBelow(base);
  process.env["SHMGEN_DIR"] = directory;
  return directory;
}

describe("a region that cannot be shown", () => {
  const parts = {
    typeId: 1,
    version: 2,
    readableFrom: 2,
    fingerprint: "0123456789abcdef",
    payloadSize: 8,
    tailStride: 0,
    tailLength: 0,
    descriptor: packDescriptor("{}"),
  };
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const bytes = regionBytes(parts);
    change(new DataView(bytes.buffer));
    return bytes;
  };

  it.each([
    ["empty", new Uint8Array(0), /^shmgen: x: the file is empty/],
    ["zeros", new Uint8Array(4096), /^shmgen: x: there is nothing in it yet/],
    [
      "half made",
      changed((view) => view.setUint32(AT.state, 1, true)),
      /^shmgen: x: its initialisation is not complete.*\n {2}its header says: type 0x1 version 2, generation 1, creator 4711 \(gone\)\n$/,
    ],
    ["flipped", changed((view) => view.setUint8(20, 77)), /^shmgen: x: the header is damaged: field=crc expected=0x/],
    ["too short", regionBytes(parts).slice(0, 130), /^shmgen: x: the header is damaged: field=payloadSize/],
    ["lying", regionBytes(parts), /^shmgen: x: the description of its layout is damaged: not a description/],
    ["newer", changed((view) => view.setUint8(7, 9)), /^shmgen: x: it has another format.*expected=1 found=9\n$/],
    ["dotnet", Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0, 9), /^shmgen: x: it has no header of shmgen\. It may have.*\.NET/],
    ["text", Buffer.from("#!/bin/sh\n\u001b[31m"), /^shmgen: x: the file is not a shmgen region\n$/],
  ])("%s: says what is known, and exits with 1 [faults 4 47 51]", (_, bytes, message) => {
    const directory = ownDirectory();
    fs.writeFileSync(join(directory, "x"), bytes, { mode: 0o600 });
    const { code, out, err } = shmgen(["inspect", "x"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(message);
    const json = shmgen(["inspect", "x", "--json"]);
    expect({ code: json.code, err: json.err }).toEqual({ code: 1, err: "" });
    const { name, why, state } = JSON.parse(json.out) as Record<string, string>;
    expect(name).toBe("x");
    expect(err).toContain(why);
    expect(state).toMatch(/^(empty|initialising|damaged|newer|foreign)$/);
    expect(shmgen(["watch", "x"])).toMatchObject({ code: 1, out: "" });
  });

  it("what is no regular file is not even opened [faults 26 29]", () => {
    const directory = ownDirectory();
    fs.writeFileSync(join(directory, "real"), regionBytes(parts));
    fs.symlinkSync("real", join(directory, "link"));
    fs.mkdirSync(join(directory, "folder"));
    expect(spawnSync("mkfifo", [join(directory, "fifo")]).status).toBe(0);
    expect(shmgen(["inspect", "link"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/it is a symbolic link/),
    });
    expect(shmgen(["inspect", "folder"])).toMatchObject({ code: 1, err: expect.stringMatching(/it is a folder/) });
    expect(shmgen(["inspect", "fifo"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/it is not a regular file/),
    });
  });

  it("a name that is not there gets the nearest one as a hint; wrong usage is 2, refused access 3", () => {
    const directory = ownDirectory();
    fs.writeFileSync(join(directory, "car-7"), regionBytes(parts), { mode: 0o600 });
    expect(shmgen(["inspect", "car-8"])).toEqual({
      code: 1,
      out: "",
      err: `shmgen: car-8: there is no such region: path=${directory}/car-8\n  hint: did you mean 'car-7'?\n`,
    });
    for (const [argv, message] of [
      [["inspect"], "shmgen inspect needs a region: NAME or PATH\n  hint: shmgen list shows them"],
      [["inspect", "a", "b"], "shmgen inspect takes one region, found 'b' as well"],
      [["inspect", "./a", "--scope", "user"], "--scope goes with a NAME, and './a' is a PATH"],
      [["inspect", "a", "--watch", "--all"], "--watch and --all exclude each other"],
      [["inspect", "a", "--interval", "5"], "--interval goes with --watch"],
      [["watch", "a", "--interval", "5"], "--interval takes 10 to 3600000 ms, found '5'"],
    ] as const) {
      expect(shmgen(argv)).toEqual({ code: 2, out: "", err: `shmgen: ${message}\n` });
    }
    // Who asks for JSON is told in JSON.
    const both = shmgen(["inspect", "a", "--json", "--annotate"]);
    expect(both).toMatchObject({ code: 2, err: "" });
    expect(JSON.parse(both.out)).toMatchObject({ error: { message: "--annotate and --json exclude each other" } });
    expect(shmgen(["inspect", ".."])).toMatchObject({ code: 2, err: expect.stringMatching(/cannot be the name/) });
    if (process.geteuid?.() !== 0) return;
    const other = shmgen(["inspect", join(directory, "car-7")], { uid: 65_534 });
    expect(other).toMatchObject({ code: 3, out: "", err: expect.stringMatching(/permission denied \(EACCES\)\n$/) });
  });
});
