/**
 * Everything that the doctor says, except for what it finds: titles, and for each verdict what is expected and what to do.
 * `{name}` stands for a fact that the check gives. The order is the order of the checks.
 */
import { KOFFI } from "../common-words.js";
import { CANARY, DIRECTORY, EXTERNAL_BUFFERS, NODE_VERSION } from "../posix/words.js";
import { type Words, problem, warning } from "../verdicts.js";

const BY_THREAD = "nothing, if it is fast enough: by a thread, a notification takes about three times as long";

export const WORDS = {
  "node-version": NODE_VERSION,
  platform: {
    title: "operating system",
    verdicts: { other: problem("linux", "run it on Linux, in a virtual machine or container if need be") },
  },
  processor: {
    title: "processor",
    verdicts: {
      unknown: problem("64 bits, one of {known}", "run it on one of them: futexes have other numbers elsewhere"),
      bigEndian: problem("little-endian", "run it on a little-endian processor: the header and all fields are"),
    },
  },
  "permission-model": {
    title: "permission model of Node",
    verdicts: {
      denied: problem(
        "files, addons and workers are allowed",
        "start Node with --allow-addons --allow-worker --allow-fs-read=* --allow-fs-write=*, or without --permission",
      ),
    },
  },
  koffi: { title: "koffi, which calls the C library", verdicts: KOFFI },
  "external-buffers": EXTERNAL_BUFFERS,
  "address-space": {
    title: "address space",
    verdicts: {
      none: warning(
        'room for one mapping "wasm"',
        'ulimit -v unlimited; regions are mapped as "view" here, which threads cannot share',
      ),
      few: warning('room for 100 mappings "wasm"', "ulimit -v unlimited"),
      maps: warning("65530 mappings", "sysctl vm.max_map_count=65530"),
    },
  },
  "wasm-memory": {
    title: 'mapping "wasm"',
    verdicts: {
      noMemory: warning(
        "a shared Wasm memory",
        'raise `ulimit -v` (8 to 10 GiB of address space for each region), or do without: "auto" takes "view" instead',
      ),
      refused: problem("a file maps over a Wasm memory", "raise vm.max_map_count, or use a directory on tmpfs"),
      apart: problem(
        "memory and file are the same",
        "leave this sandbox or emulator: MAP_SHARED does not share memory here",
      ),
    },
  },
  "view-mapping": {
    title: 'mapping "view"',
    verdicts: {
      refused: problem("a file can be mapped", "raise `ulimit -v` and vm.max_map_count, or use a directory on tmpfs"),
      apart: problem(
        "memory and file are the same",
        "leave this sandbox or emulator: MAP_SHARED does not share memory here",
      ),
    },
  },
  "shm-mount": {
    title: "file system",
    verdicts: {
      missing: problem("/dev/shm is there", "mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm"),
      disk: warning("tmpfs", "use a directory on tmpfs, such as /dev/shm: here stores may wait for the disk"),
      untrusted: problem(
        "tmpfs",
        "use a directory on tmpfs: the locks of {type} may not tell who is alive. If only this machine uses it, " +
          "allowUntrustedFileSystem: true",
      ),
    },
  },
  "shm-space": {
    title: "space",
    verdicts: {
      full: problem("1 MiB free", "remove left-overs (shmgen clean), or enlarge it: mount -o remount,size=1g {mount}"),
      container: warning(
        "more than the 64 MiB that containers get unless somebody asks for more",
        "docker run --shm-size=1g; in compose shm_size: 1g; in Kubernetes an emptyDir of medium Memory at /dev/shm",
      ),
      low: warning("a tenth free", "remove left-overs (shmgen clean), or enlarge it: mount -o remount,size=1g {mount}"),
    },
  },
  "shm-inodes": {
    title: "number of files",
    verdicts: {
      none: problem("room for new files", "remove files, or mount -o remount,nr_inodes=100k {mount}"),
      few: warning("room for 100 new files", "remove files, or mount -o remount,nr_inodes=100k {mount}"),
    },
  },
  "shm-shared": {
    title: "the directory as other processes see it",
    verdicts: {
      apart: warning(
        "one directory for all processes of this user",
        "both sides make regions of the same name and never meet. Share one mount (containers: one volume, or --ipc=container:NAME; " +
          "systemd: BindPaths=/dev/shm; nsenter -m -t {pid} looks into the other one), or give both a directory that both see, " +
          "by SHMGEN_DIR",
      ),
    },
  },
  directory: DIRECTORY,
  umask: {
    title: "umask",
    verdicts: {
      takesOwner: warning(
        "the owner keeps all rights",
        "umask 077: files get their mode all the same, but who dies in between leaves one that has to be repaired",
      ),
    },
  },
  flock: {
    title: "locks of files",
    verdicts: {
      refused: problem("flock works", "use a directory on tmpfs, and allow flock in the sandbox"),
      shared: problem("one exclusive lock at a time", "use a directory on tmpfs: the locks here do not exclude"),
      kept: problem(
        "the lock of a killed process is gone",
        "use a directory on tmpfs: nobody would ever look dead here",
      ),
    },
  },
  "range-locks": {
    title: "locks of participants",
    verdicts: {
      refused: problem(
        "F_OFD_SETLK works",
        "use a directory on tmpfs, and allow fcntl in the sandbox: no container that has owners works here, which is every " +
          "one but event",
      ),
      unseen: problem("each open file sees the locks of others", "use a directory on tmpfs: here the living look dead"),
      shared: problem("one lock at a time", "use a directory on tmpfs: the locks here do not exclude"),
      kept: problem("the lock of a closed file is gone", "use a directory on tmpfs: nobody would ever look dead here"),
    },
  },
  fallocate: {
    title: "reservation of space",
    verdicts: {
      refused: problem("posix_fallocate works", "free space, or use a directory on tmpfs"),
      hollow: problem(
        "blocks for every byte",
        "use a directory on tmpfs: nothing is reserved here, so that a full file system kills processes (SIGBUS)",
      ),
      lax: problem(
        "ENOSPC for more than the file system has",
        "use a directory on tmpfs: this one promises what it has not, and kills processes (SIGBUS)",
      ),
    },
  },
  "file-size": {
    title: "limit of file sizes",
    verdicts: {
      tiny: problem("64 KiB or more", "ulimit -f unlimited"),
      limited: warning("unlimited", "ulimit -f unlimited, or keep every region below {limit}"),
    },
  },
  memfd: {
    title: "anonymous memory",
    verdicts: {
      refused: warning(
        "memfd_create works",
        "allow memfd_create in the sandbox (seccomp), or do without anonymous regions",
      ),
      noSeals: warning("seals hold", "use a newer kernel: who gets an anonymous region could cut it off"),
      executable: warning(
        "MFD_NOEXEC_SEAL",
        "use Linux 6.3 or newer: before, anonymous regions can be made executable",
      ),
    },
  },
  futex: {
    title: "waking between processes",
    verdicts: {
      deaf: problem("a waiter in another process wakes", "leave this sandbox or emulator: its futexes do not cross"),
      refused: problem("futex works", "allow futex in the sandbox"),
    },
  },
  "futex-waitv": {
    title: "one thread for all waits",
    verdicts: {
      missing: warning(
        "futex_waitv",
        "use Linux 5.16 or newer and allow futex_waitv in the sandbox: without it, threads that wait for others poll",
      ),
    },
  },
  "async-waits": {
    title: "waits without blocking",
    verdicts: {
      variable: warning("by io_uring", `${BY_THREAD}; remove UV_USE_IO_URING=0 where the sandbox lets io_uring be`),
      engine: warning("by io_uring", `${BY_THREAD}; use Node where each wake-up counts`),
      disabled: warning("by io_uring", `${BY_THREAD}; sysctl kernel.io_uring_disabled=0`),
      old: warning("by io_uring, Linux 6.7 or newer", `${BY_THREAD}; use Linux 6.7 or newer`),
      refused: warning(
        "by io_uring",
        `${BY_THREAD}; allow io_uring_setup and io_uring_enter in the sandbox (seccomp; Docker's default profile refuses them)`,
      ),
    },
  },
  "atomics-canary": CANARY,
  "open-files": {
    title: "open files",
    verdicts: {
      none: problem("room for 16 more", "raise `ulimit -n`: every open region holds a descriptor"),
      few: warning("room for 256 more", "raise `ulimit -n`: every open region holds a descriptor"),
    },
  },
  "remove-ipc": {
    title: "RemoveIPC of systemd-logind",
    verdicts: {
      removes: warning(
        "RemoveIPC=no",
        "RemoveIPC=no in {file}, or loginctl enable-linger, or run it as a system user: else the files of user {uid} " +
          "in /dev/shm are removed when that user's last session ends",
      ),
    },
  },
  "tmp-cleaner": {
    title: "cleaning by systemd-tmpfiles",
    verdicts: {
      cleans: warning(
        "no rule that cleans the directory",
        "a line `x {directory}` in /etc/tmpfiles.d/shmgen.conf, or another directory",
      ),
    },
  },
  "protected-sysctls": {
    title: "protection of shared directories",
    verdicts: {
      off: warning(
        "1, as distributions set them",
        "sysctl {settings}: regions never follow a link, but other programs in /dev/shm and /tmp may",
      ),
    },
  },
  proc: {
    title: "/proc",
    verdicts: {
      missing: warning("/proc is mounted", "mount -t proc proc /proc: without it nobody can say who holds a region"),
      foreign: warning(
        "/proc of the own pid namespace",
        "mount -t proc proc /proc (unshare --mount-proc): process ids in it are those of another namespace",
      ),
      noLocks: warning(
        "/proc/locks is readable",
        "allow it in the sandbox: without it nobody can say who holds a region",
      ),
      hidden: warning(
        "no hidepid",
        "mount -o remount,hidepid=0 /proc, if it matters who of other users holds a region",
      ),
    },
  },
  "pid-namespace": {
    title: "namespace of process ids",
    verdicts: {
      own: warning(
        "the machine's own",
        "nothing, if only this container uses the directory: locks work across, but holders elsewhere stay nameless",
      ),
    },
  },
  "stale-regions": {
    title: "regions that nobody has open",
    verdicts: {
      many: warning("at most 100, and a tenth of the file system", "shmgen list shows them, shmgen clean removes them"),
    },
  },
} as const satisfies Words;
