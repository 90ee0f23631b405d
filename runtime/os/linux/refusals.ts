/** What Linux refuses: memory without a name, and what needs /proc. One function per situation. */
import { type ShmError, refusal } from "../../errors.js";

export function nowhereForMemory(path: string): ShmError {
  const what = "neither memfd_create nor files without a name (O_TMPFILE) work here";
  const remedy = "allow memfd_create in the sandbox, or use a directory on tmpfs";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, remedy);
}

/** `needed`: the seal that is missing; `found`: those that are there. */
export function notSealed(needed: number, found: number, path: string): ShmError {
  const facts = { field: "seals", expected: `F_SEAL_SHRINK (${needed})`, found, path };
  const remedy = "its maker has to seal it: fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)";
  const what =
    "the memory is not sealed, so whoever has it could shorten it, which ends this process at the next access";
  return refusal("ERR_SHM_UNSUPPORTED", what, facts, remedy);
}

export function noReopeningWithoutProc(path: string): ShmError {
  const what = "without /proc, memory without a name cannot be reopened";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, "have the descriptor itself handed over");
}

export function noTokenWithoutProc(path: string): ShmError {
  const remedy = "hand the descriptor itself over";
  return refusal("ERR_SHM_UNSUPPORTED", "without /proc, memory without a name has no token", { path }, remedy);
}

/** Which session this process belongs to is read from /proc. */
export function unknownSession(path: string, remedy: string): ShmError {
  return refusal("ERR_SHM_UNSUPPORTED", "without /proc the session cannot be told", { path }, remedy);
}

// Memory of other programs.

export function withoutNamedMappings(path: string): ShmError {
  const what = "memory that has a name and no path is there on Windows alone";
  const remedy = "attach what the program has here: a file (shm_open makes it in /dev/shm), or attachSystemV()";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, remedy);
}
