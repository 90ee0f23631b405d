/**
 * What Apple's headers say, as data: numbers by the names that C has for them, structs by the offsets of their members, functions by their
 * prototypes. The runtime calls macOS by these tables and nothing else, and test/interop/apple-headers.test.ts has a C compiler
 * compare each row with the headers, for both processors.
 */
import type { Prototype } from "../posix/prototypes.js";

/** @see mman.h, unistd.h, fcntl.h, stdio.h, sys/mount.h, sys/proc_info.h, sys/sysctl.h */
export const NUMBERS = {
  MAP_ANON: 0x1000,
  MAP_NORESERVE: 0x40,
  SEEK_HOLE: 3,
  SEEK_DATA: 4,
  F_WRLCK: 3,
  F_UNLCK: 2,
  F_GETPATH: 50,
  F_PREALLOCATE: 42,
  F_PUNCHHOLE: 99,
  F_ALLOCATEALL: 4,
  F_PEOFPOSMODE: 3,
  F_OFD_SETLK: 90,
  F_OFD_GETLK: 92,
  MAXPATHLEN: 1024,
  RENAME_EXCL: 4,
  _CS_DARWIN_USER_CACHE_DIR: 65538,
  MNT_LOCAL: 0x1000,
  MFSTYPENAMELEN: 16,
  PROC_PIDLISTFDS: 1,
  PROC_PIDTBSDINFO: 3,
  PROC_PIDREGIONPATHINFO: 8,
  PROC_PIDTHREADID64INFO: 15,
  PROC_PIDFDVNODEINFO: 1,
  PROX_FDTYPE_VNODE: 1,
  PROC_FLAG_TRACED: 2,
  PROC_FLAG_INEXIT: 4,
  SSTOP: 4,
  SZOMB: 5,
  CTL_KERN: 1,
  KERN_PROCARGS2: 49,
} as const;

/** Bytes. */
export const STRUCTS = {
  "struct flock": { size: 24, l_start: 0, l_len: 8, l_pid: 16, l_type: 20, l_whence: 22 },
  "struct fstore": { size: 32, fst_flags: 0, fst_posmode: 4, fst_offset: 8, fst_length: 16, fst_bytesalloc: 24 },
  "struct fpunchhole": { size: 24, fp_flags: 0, fp_offset: 8, fp_length: 16 },
  "struct statfs": { size: 2168, f_bsize: 0, f_flags: 64, f_fstypename: 72 },
  "struct proc_bsdinfo": {
    size: 136,
    pbi_flags: 0,
    pbi_status: 4,
    pbi_pid: 12,
    pbi_start_tvsec: 120,
    pbi_start_tvusec: 128,
  },
  "struct proc_fdinfo": { size: 8, proc_fd: 0, proc_fdtype: 4 },
  "struct vnode_fdinfo": { size: 176, "pvi.vi_stat.vst_dev": 24, "pvi.vi_stat.vst_ino": 32 },
  "struct proc_regionwithpathinfo": {
    size: 1272,
    "prp_prinfo.pri_address": 80,
    "prp_vip.vip_vi.vi_stat.vst_ino": 104,
  },
  "struct proc_threadinfo": { size: 112 },
  "struct passwd": { size: 72, pw_uid: 16 },
  "struct group": { size: 32, gr_gid: 16 },
} as const;

/** Of every region. On x86-64 the name of fstatfs says which `struct statfs` it fills. */
export const CALLS = {
  renamex: ["renamex_np", "int", ["const char *", "const char *", "unsigned int"]],
  confstr: ["confstr", "size_t", ["int", "char *", "size_t"]],
  fstatfs: ["fstatfs", "int", ["int", "struct statfs *"]],
  procPidinfo: ["proc_pidinfo", "int", ["int", "int", "uint64_t", "void *", "int"]],
  procPidfdinfo: ["proc_pidfdinfo", "int", ["int", "int", "int", "void *", "int"]],
  procName: ["proc_name", "int", ["int", "void *", "uint32_t"]],
  procListallpids: ["proc_listallpids", "int", ["void *", "int"]],
  sysctl: ["sysctl", "int", ["int *", "unsigned int", "void *", "size_t *", "void *", "size_t"]],
  sysctlbyname: ["sysctlbyname", "int", ["const char *", "void *", "size_t *", "void *", "size_t"]],
  threadid: ["pthread_threadid_np", "int", ["pthread_t", "uint64_t *"]],
  getpwnam: ["getpwnam", "struct passwd *", ["const char *"]],
  getgrnam: ["getgrnam", "struct group *", ["const char *"]],
  getsid: ["getsid", "pid_t", ["pid_t"]],
} as const satisfies Record<string, Prototype>;

/**
 * Names of functions whose struct is that of 64-bit inodes. @see stat(2) "_DARWIN_FEATURE_64_BIT_INODE"
 */
export const INODE64: readonly string[] = ["fstatfs"];

/** macOS 14.4. os/os_sync_wait_on_address.h is not among the headers that the test has; it has the symbols. */
export const SYNC_CALLS = {
  wait: [
    "os_sync_wait_on_address_with_timeout",
    "int",
    ["address", "uint64_t", "size_t", "uint32_t", "uint32_t", "uint64_t"],
  ],
  wakeAny: ["os_sync_wake_by_address_any", "int", ["address", "size_t", "uint32_t"]],
  wakeAll: ["os_sync_wake_by_address_all", "int", ["address", "size_t", "uint32_t"]],
} as const satisfies Record<string, Prototype>;

/** Of that header: OS_SYNC_WAIT_ON_ADDRESS_SHARED and OS_SYNC_WAKE_BY_ADDRESS_SHARED, OS_CLOCK_MACH_ABSOLUTE_TIME. */
export const SYNC = { SHARED: 1, MACH_ABSOLUTE_TIME: 32 } as const;

/** Before 14.4, from macOS 11 on: what those are made of. bsd/sys/ulock.h of xnu, which no SDK has; LLVM's libc++ calls them as well. */
export const ULOCK_CALLS = {
  wait: ["__ulock_wait2", "int", ["uint32_t", "address", "uint64_t", "uint64_t", "uint64_t"]],
  wake: ["__ulock_wake", "int", ["uint32_t", "address", "uint64_t"]],
} as const satisfies Record<string, Prototype>;

/** UL_COMPARE_AND_WAIT_SHARED, ULF_WAKE_ALL. */
export const ULOCK = { COMPARE_AND_WAIT_SHARED: 3, WAKE_ALL: 0x100 } as const;
