/** How a run ends that cannot go on: exit codes, and errors that are told without a stack. */
import { printable } from "@shmgen/schema/printable";

/** Exit codes of every command. 1 is not an error of the run: it reports findings. */
export const EXIT = { clean: 0, findings: 1, usage: 2, environment: 3, interrupted: 130, terminated: 143 } as const;

/**
 * A run that cannot go on: wrong usage or configuration (2), or an environment that refuses (3). Message and hint may be
 * printed, whatever arguments, paths and names of others are in them. A message of several lines is a list of them.
 */
export class CommandFailure extends Error {
  readonly exitCode: 2 | 3;
  readonly hint: string | undefined;

  constructor(exitCode: 2 | 3, message: string | readonly string[], hint?: string) {
    super([message].flat().map(printable).join("\n"));
    this.name = "CommandFailure";
    this.exitCode = exitCode;
    this.hint = hint === undefined ? undefined : printable(hint);
  }
}

/** The user asked for something that does not exist or does not fit. */
export function usageFailure(message: string | readonly string[], hint?: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message, hint);
}

const MEANING: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  EISDIR: "that is a folder, not a file",
  ENOENT: "no such file or folder",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
};

/** The operating system refused `action` on `path`. */
export function systemFailure(action: string, path: string, error: unknown): CommandFailure {
  const code = errnoOf(error);
  const why = code === undefined ? String(error) : `${MEANING[code] ?? "the system refused"} (${code})`;
  return new CommandFailure(EXIT.environment, `cannot ${action} ${path}: ${why}`);
}

/** `ENOENT` and the like, when `error` comes from a system call. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
