import { inspect } from "node:util";
import { expect, it } from "vitest";
import {
  isShmError,
  outOfRange,
  refusal,
  ShmError,
  ShmRangeError,
  wording,
} from "../../runtime/dist/runtime/errors.js";
import {
  attempt,
  attemptUnless,
  errnoName,
  syscallError,
  uninterrupted,
} from "../../runtime/dist/runtime/os/posix/syscall.js";

it("a message says what is wrong, the facts, the path last, then what to do; the facts are properties", () => {
  const facts = { path: "/dev/shm/my car", field: "version", expected: 2, found: "a b", cause: new Error("why") };
  const error = refusal("ERR_SHM_VERSION", "it does not fit", facts, "mend it", { size: 3, absent: undefined });
  expect(error.message).toBe(
    'it does not fit: field=version expected=2 found="a b" size=3 path=/dev/shm/my car; mend it',
  );
  expect(error).toMatchObject({ code: "ERR_SHM_VERSION", path: "/dev/shm/my car", expected: 2, found: "a b" });
  expect([error.name, error instanceof Error, error.cause]).toEqual(["ShmError", true, facts.cause]);
  expect(inspect(error).split("\n", 1)[0]).toBe(`ShmError [ERR_SHM_VERSION]: ${error.message}`);
  expect("errno" in error).toBe(false);
});

it("range errors are RangeErrors, and isShmError knows both, from whatever copy of the package", () => {
  const range = new ShmRangeError("too large", { found: 9 });
  expect([range instanceof RangeError, range.code, range.found]).toEqual([true, "ERR_SHM_RANGE", 9]);
  const other = Object.assign(new Error("x"), { [Symbol.for("shmgen.error")]: true });
  expect([range, new ShmError("ERR_SHM_BUSY", "x"), other].every(isShmError)).toBe(true);
  expect([new Error("x"), null, undefined, "ERR_SHM_BUSY"].some(isShmError)).toBe(false);
});

it("a fact that stands in the sentence is not written again, and found may be anything", () => {
  const facts = { field: "length", expected: "a count of elements", found: "a b", path: "/x" };
  const error = outOfRange("the {field} of a tail is {expected}", facts, "count again", { struct: "Car" });
  expect(error.message).toBe(
    'the length of a tail is a count of elements: found="a b" struct=Car path=/x; count again',
  );
  expect(error).toMatchObject({ code: "ERR_SHM_RANGE", ...facts });
  const shown = [Object.create(null), [], Symbol("s"), -0, 5n, undefined, "x", "{field}"].map(
    (found: unknown) => outOfRange("{field} holds {expected}, not {found}", { ...facts, found }).message,
  );
  expect(shown).toEqual(
    ["an object", "an array", "Symbol(s)", "-0", "5n", "undefined", '"x"', '"{field}"'].map(
      (found) => `length holds a count of elements, not ${found}: path=/x`,
    ),
  );
  // Written in another way than it is, and left out.
  const mode = { field: "mode", expected: "0600", found: 0o640 };
  expect(outOfRange("too much", mode, undefined, { field: undefined, found: "0640" }).message).toBe(
    "too much: expected=0600 found=0640",
  );
  expect(wording("somebody waits", { path: "/x" }, undefined, { holder: "node x" })).toBe(
    'somebody waits: holder="node x" path=/x',
  );
});

it("the system's errors are named and typed", () => {
  expect([errnoName(28), errnoName(2), errnoName(99_999)]).toEqual(["ENOSPC", "ENOENT", "errno 99999"]);
  expect(syscallError("mmap", "ENOMEM", "/x", { size: 1 }).message).toMatch(
    /^mmap failed, .*errno=ENOMEM syscall=mmap size=1 path=\/x; /,
  );
  expect(syscallError("flock", "EWHATEVER", "/x").code).toBe("ERR_SHM_SYSCALL");
  const failing = (): never => {
    throw Object.assign(new Error("x"), { code: "EACCES", syscall: "open" });
  };
  expect(() => attempt("/x", failing)).toThrow(
    expect.objectContaining({ code: "ERR_SHM_PERMISSION", errno: "EACCES" }),
  );
  expect(attemptUnless("/x", ["EACCES"], failing)).toBeUndefined();
  const bug = new TypeError("a bug is passed on");
  expect(() =>
    attempt("/x", () => {
      throw bug;
    }),
  ).toThrow(bug);
});

it("an interrupted call is repeated until it is not [fault 45]", () => {
  const results = [4, 4, 4, 28];
  expect(uninterrupted(() => results.shift() ?? 0)).toBe(28);
});
