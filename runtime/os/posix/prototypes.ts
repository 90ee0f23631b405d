/**
 * Functions of the C library as data: what koffi is told of them, and what a test has a C compiler compare with the headers of a system
 * that is not at hand. A type has the name that C has for it.
 */

/** What koffi takes for a type of C. "address" is a `void *` that is a number here. */
export const C_TYPES = {
  void: "void",
  int: "int",
  long: "long",
  size_t: "size_t",
  ssize_t: "int64_t",
  off_t: "int64_t",
  uint32_t: "uint32_t",
  uint64_t: "uint64_t",
  "unsigned int": "uint32_t",
  /** Smaller on macOS, where the caller widens it to this. */
  mode_t: "uint32_t",
  /** -1 leaves them as they are. */
  uid_t: "int",
  gid_t: "int",
  "char *": "void *",
  "int *": "void *",
  "size_t *": "void *",
  "uint64_t *": "void *",
  "void *": "void *",
  "struct statfs *": "void *",
  pthread_t: "void *",
  pid_t: "int",
  /** Numbers, as "address". */
  "struct passwd *": "uint64_t",
  "struct group *": "uint64_t",
  "const char *": "str",
  address: "uint64_t",
} as const;

export type CType = keyof typeof C_TYPES;

/** One function: its name, what it returns, what it takes, and what it takes beyond that for `...`. */
export type Prototype = readonly [name: string, result: CType, takes: readonly CType[], variadic?: readonly CType[]];

/** What all systems of this room agree in. @see mmap(2), flock(2), fcntl(2) */
export const COMMON = {
  PROT_READ: 1,
  PROT_WRITE: 2,
  MAP_SHARED: 1,
  MAP_PRIVATE: 2,
  MAP_FIXED: 0x10,
  LOCK_SH: 1,
  LOCK_EX: 2,
  LOCK_NB: 4,
  LOCK_UN: 8,
  F_GETFL: 3,
} as const;

/** Those that every region needs. */
export const LIBC = {
  mmap: ["mmap", "address", ["address", "size_t", "int", "int", "int", "off_t"]],
  munmap: ["munmap", "int", ["address", "size_t"]],
  pageSize: ["getpagesize", "int", []],
  flock: ["flock", "int", ["int", "int"]],
  pread: ["pread", "ssize_t", ["int", "void *", "size_t", "off_t"]],
  fchmod: ["fchmod", "int", ["int", "mode_t"]],
  fchown: ["fchown", "int", ["int", "uid_t", "gid_t"]],
  lseek: ["lseek", "off_t", ["int", "off_t", "int"]],
} as const satisfies Record<string, Prototype>;

/** Those that only some need. */
export const DESCRIPTORS = {
  fcntl: ["fcntl", "int", ["int", "int"], ["long"]],
  fcntlStruct: ["fcntl", "int", ["int", "int"], ["void *"]],
  close: ["close", "int", ["int"]],
} as const satisfies Record<string, Prototype>;
