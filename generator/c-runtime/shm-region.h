/*
 * The life of a region of shmgen in C, step by step as docs/PROTOCOL.md has it. C11 or C++17, GCC or Clang, Linux or Windows 10.
 * `shmgen c-runtime` writes it beside a program's own headers. Needs nothing but libc; on Windows kernel32 and advapi32, which
 * MinGW links by itself and others with -ladvapi32.
 *
 *   #define _GNU_SOURCE // before the first #include; g++ does it by itself, and Windows has no need of it
 *   #include "generated/car.h"
 *   #include "shm-region.h"
 *
 *   shm_region_type type = SHM_REGION_TYPE(Car);
 *   shm_region_options options = {.mode = SHM_REGION_CREATE_OR_OPEN, .initialise = first_values};
 *   shm_region region;
 *   int result = shm_region_open(&region, &type, "car-7", &options);
 *   if (result != SHM_REGION_OK) ... shm_region_code(result), region.what, region.system_errno
 *   Car *car = Car_data(region.memory);
 *
 *   shmgen_participant me; // of each thread, where containers have owners
 *   if (Car_join(&me, region.memory, region.fd) != SHMGEN_OK) ...
 *   shmgen_mutex_lock(&car->door, &me, 5000) ... shmgen_mutex_unlock(&car->door, &me);
 *   shmgen_participant_leave(&me);
 *
 *   shm_region_close(&region, SHM_REGION_LAST_CLOSE);
 *
 * A region belongs to the process that opened it. After fork() the child shares the parent's lock: the region stays alive
 * until both have ended. The child leaves it alone, or opens it itself.
 *
 * Linux: `region.fd` is a descriptor, `system_errno` an errno. Windows: `region.fd` is the number of a HANDLE of the system's (not of
 * a descriptor of the C library), `system_errno` a GetLastError(), and paths are UTF-8. Both know -1 as no file.
 */
#ifndef SHM_REGION_H
#define SHM_REGION_H

#ifndef SHMGEN_REGION_FORMAT
#error "include the header that shmgen generates for a region before shm-region.h"
#else

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
/* Without GDI and windows, which have names that structs of a schema may have. A program that wants them includes windows.h before. */
#ifndef _WINDOWS_
#ifndef NOGDI
#define NOGDI
#define SHM_REGION_NOGDI
#endif
#ifndef NOUSER
#define NOUSER
#define SHM_REGION_NOUSER
#endif
#endif
#include <wchar.h>
#include <windows.h>
#ifdef SHM_REGION_NOGDI
#undef SHM_REGION_NOGDI
#undef NOGDI
#endif
#ifdef SHM_REGION_NOUSER
#undef SHM_REGION_NOUSER
#undef NOUSER
#endif
/* Members may be called so. */
#undef near
#undef far
#undef NEAR
#undef FAR
#define NEAR
#define FAR
#ifdef __cplusplus
extern "C"
#endif
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG size); /* RtlGenRandom */
#else
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#endif

/* Called with the name of each step of the protocol just before it; tests stop and kill processes there. */
#ifndef SHM_REGION_STEP
#define SHM_REGION_STEP(step) ((void)0)
#endif

/* Of the format: files are a multiple of the unit long, whatever pages a system has. Mappings begin at offset 0 and end where the system ends a page. */
enum { SHM_REGION_SIZE_UNIT = 4096, SHM_REGION_PATH_MAX = 4096, SHM_REGION_NAME_MAX = 200, SHM_REGION_GLANCE = 1 << 16, SHM_REGION_REPLACED_MAX = 64 };
enum { SHM_REGION_READ_MAX = 256 << 20 };
enum { SHM_REGION_TIMEOUT_MS = 5000, SHM_REGION_LEAVE_TIMEOUT_MS = 1000, SHM_REGION_GRACE_MS = 100 };
enum { SHM_REGION_DESCRIPTOR_MAX = (1 << 20) + 16 };

/* What shm_region_open returns; shm_region_code has the name that other languages give it. */
enum {
  SHM_REGION_OK,
  SHM_REGION_E_NAME,
  SHM_REGION_E_NOT_FOUND,
  SHM_REGION_E_EXISTS,
  SHM_REGION_E_STALE,
  SHM_REGION_E_NOT_READY,
  SHM_REGION_E_BUSY,
  SHM_REGION_E_FOREIGN,
  SHM_REGION_E_FORMAT,
  SHM_REGION_E_VERSION,
  SHM_REGION_E_LAYOUT,
  SHM_REGION_E_PERMISSION,
  SHM_REGION_E_NO_SPACE,
  SHM_REGION_E_RANGE,
  SHM_REGION_E_UNSUPPORTED,
  SHM_REGION_E_SYSCALL,
  SHM_REGION_E_GIVEN_UP
};

typedef enum { SHM_REGION_CREATE_OR_OPEN, SHM_REGION_CREATE, SHM_REGION_OPEN } shm_region_mode;
/* What becomes of a region that nobody has open. SHM_REGION_OPEN refuses it in any case. */
typedef enum { SHM_REGION_REINITIALISE, SHM_REGION_KEEP, SHM_REGION_THROW } shm_region_stale;
typedef enum { SHM_REGION_LAST_CLOSE, SHM_REGION_KEEP_FILE } shm_region_cleanup;
typedef enum { SHM_REGION_OPENED, SHM_REGION_CREATED, SHM_REGION_REINITIALISED } shm_region_outcome;

/* What somebody has of a file's lock. */
typedef enum { SHM_UNLOCKED, SHM_SHARED, SHM_EXCLUSIVE } shm_region_lock_kind;

/* A region's type, from the constants of its generated header. */
typedef struct shm_region_type {
  shmgen_expected expected;
  uint32_t readable_from;
  uint32_t descriptor_size;
  const unsigned char *descriptor;
} shm_region_type;

#define SHM_REGION_TYPE(Name)                                                                      \
  {                                                                                                \
    {Name##_FINGERPRINT, Name##_PAYLOAD_SIZE, Name##_TYPE_ID, Name##_VERSION, Name##_TAIL_STRIDE}, \
        Name##_READABLE_FROM, Name##_DESCRIPTOR_SIZE, Name##_descriptor()                          \
  }

/* An open file: a descriptor, on Windows the number of a HANDLE. */
#ifdef _WIN32
typedef intptr_t shm_region_file;
#else
typedef int shm_region_file;
#endif
#define SHM_REGION_NO_FILE ((shm_region_file)-1)

typedef struct shm_region_options {
  const char *directory; /* NULL: $SHMGEN_DIR, else /dev/shm/shmgen-<euid>, on Windows %LOCALAPPDATA%\shmgen */
  shm_region_mode mode;
  shm_region_stale on_stale;
  int timeout_ms;       /* longest wait for locks and initialisers, altogether; 0: SHM_REGION_TIMEOUT_MS */
  uint64_t tail_length; /* of a region that is made */
  int keep;             /* not 0: the region is to stay, also for who cleans after a crash; close it with SHM_REGION_KEEP_FILE */
  /* Gives a region that is made its first values, before anybody sees it. Not 0: it gives up, and nothing remains. */
  int (*initialise)(void *payload, void *context);
  void *context;
} shm_region_options;

typedef struct shm_region {
  void *memory; /* the whole file, header first: what X_data() and X_view() take */
  size_t size;
  shm_region_file fd; /* holds the lock */
  uint64_t dev;
  uint64_t ino;
  uint32_t generation;
  shm_region_outcome outcome;
  const char *what; /* after a failure: what was wrong, and errno or GetLastError() if a call failed, else 0 */
  int system_errno;
  shm_region_lock_kind lock;
  int is_private; /* the default directory, in which nobody else has any right */
  int64_t deadline_us; /* until when the call that opens it waits for others */
  char directory[SHM_REGION_PATH_MAX];
  char name[SHM_REGION_NAME_MAX + 1];
} shm_region;

/* Opens, makes or makes anew a region. SHM_REGION_OK, or what went wrong with the details in `region`. */
static inline int shm_region_open(
    shm_region *region, const shm_region_type *type, const char *name, const shm_region_options *options);
/* Closes a region. SHM_REGION_LAST_CLOSE: the last one removes it. SHM_REGION_KEEP_FILE: it stays, and says so to who cleans. No accessor of its memory may be used afterwards. */
static inline void shm_region_close(shm_region *region, shm_region_cleanup cleanup);
/* The name that other languages give to a result. */
static inline const char *shm_region_code(int result);

/*
 * Judged by what it brings, because it brings nothing when it is defined behind the first #include. All that follows is left out
 * then; what programs name is declared above, so that the compiler has this one error to tell.
 */
#if !defined(_WIN32) && (!defined(SEEK_DATA) || !defined(FALLOC_FL_PUNCH_HOLE) || !defined(O_NOFOLLOW))
#error "shm-region.h needs -D_GNU_SOURCE, or #define _GNU_SOURCE before the first #include"
#else

static inline const char *shm_region_code(int result) {
  static const char *const codes[] = {"OK",                 "ERR_SHM_NAME",      "ERR_SHM_NOT_FOUND",  "ERR_SHM_EXISTS",
                                      "ERR_SHM_STALE",      "ERR_SHM_NOT_READY", "ERR_SHM_BUSY",       "ERR_SHM_FOREIGN",
                                      "ERR_SHM_FORMAT",     "ERR_SHM_VERSION",   "ERR_SHM_LAYOUT",     "ERR_SHM_PERMISSION",
                                      "ERR_SHM_NO_SPACE",   "ERR_SHM_RANGE",     "ERR_SHM_UNSUPPORTED", "ERR_SHM_SYSCALL",
                                      "given up"};
  return codes[result];
}

/* ---- The system. The protocol below asks it for nothing but these, and knows neither. ---- */

/* Of a file that is open, or of a name. */
typedef struct shm_system_status {
  uint64_t dev;
  uint64_t ino;
  uint64_t size;
  int is_removed; /* it has no name any more */
  int is_regular;
  int has_other_names;
  int is_ours;   /* it belongs to who asks, as far as files have owners of their own here */
  int is_shared; /* others have rights to it, as far as files have rights of their own here */
} shm_system_status;

/* What became of opening a file. ALTERED: it can be opened now. ODD: it is a link, a directory, a socket. FAILED: an error. */
typedef enum { SHM_OPEN_DONE, SHM_OPEN_ABSENT, SHM_OPEN_EXISTS, SHM_OPEN_ALTERED, SHM_OPEN_ODD, SHM_OPEN_FAILED } shm_system_opening;

static inline int shm_region_fail(shm_region *region, int result, const char *what, int system_errno) {
  region->what = what;
  region->system_errno = system_errno;
  return result;
}

#ifndef _WIN32

/* Monotonic, because the wall clock decides nothing. */
static inline int64_t shm_region_now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline void shm_system_sleep(int64_t us) {
  const struct timespec time = {0, (long)us * 1000};
  nanosleep(&time, NULL);
}

static inline uint32_t shm_system_pid(void) { return (uint32_t)getpid(); }

/* Of the call that failed just now. */
static inline int shm_system_error(void) { return errno; }

static inline int shm_system_is_full(int error) { return error == ENOSPC; }

static inline void shm_system_close(shm_region_file file) { close(file); }

/* 1: got it. 0: refused, and a lock that was held before is lost. -1: shm_system_error(). */
static inline int shm_system_lock(shm_region_file file, shm_region_lock_kind held, shm_region_lock_kind wanted) {
  (void)held; /* the kernel knows */
  while (flock(file, (wanted == SHM_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return -1;
  }
  return 1;
}

/* All locks of a process that is killed go at once, so no lock has to say that somebody changes locks. */
enum { SHM_SYSTEM_LOCKS_LINGER = 0 };

static inline int shm_system_lock_change(shm_region_file file) {
  (void)file;
  return 1;
}

static inline void shm_system_unlock_change(shm_region_file file) { (void)file; }

/* For people who ask who has a region open. The kernel tells them by itself. */
static inline void shm_system_show_owner(shm_region_file file, shm_region_lock_kind held, shm_region_lock_kind has) {
  (void)file;
  (void)held;
  (void)has;
}

/* Types of file systems whose locks another machine, or a host, does not see. */
static inline int shm_system_untrusted(shm_region_file directory) {
  static const uint32_t types[] = {0x6969,     0x01021997, 0x65735546, 0x517b,     0xff534d42, 0xfe534d42,
                                   0x5346414f, 0x00c36400, 0x73757245, 0x786f4256, 0x0bd00bd3, 0x47504653};
  struct statfs status;
  if (fstatfs(directory, &status) != 0) return 0;
  for (size_t at = 0; at < sizeof types / sizeof *types; at += 1) {
    if ((uint32_t)status.f_type == types[at]) return 1;
  }
  return 0;
}

/* Whoever made it may have died before its chmod, under a strict umask: then its owner gives itself its rights. */
static inline int shm_system_regain(int at, const char *path, mode_t mode) {
  struct stat status;
  if (fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_uid != geteuid()) return 0;
  if ((status.st_mode & mode) == mode) return 0;
  if (!S_ISDIR(status.st_mode) && !(S_ISREG(status.st_mode) && status.st_size == 0 && status.st_nlink == 1)) return 0;
  return fchmodat(at, path, mode, 0) == 0;
}

/* Whether a file can be called so that may be called so elsewhere. */
static inline int shm_system_is_name(const char *name) {
  (void)name;
  return 1;
}

/* Where the region is: `given`, $SHMGEN_DIR, or the default. 0 when that is too long. */
static inline int shm_system_place(shm_region *region, const char *given) {
  const char *directory = given != NULL ? given : getenv("SHMGEN_DIR");
  if (directory == NULL || directory[0] == '\0') {
    region->is_private = 1;
    snprintf(region->directory, sizeof region->directory, "/dev/shm/shmgen-%u", (unsigned)geteuid());
    return 1;
  }
  if (strlen(directory) >= sizeof region->directory) return 0;
  strcpy(region->directory, directory);
  return 1;
}

/*
 * Opens the directory, made by us if need be, and proves that nobody else can put files there: the file whose lock is the
 * lifecycle lock. SHM_REGION_NO_FILE: see region->what.
 */
static inline shm_region_file shm_system_directory(shm_region *region, int create, int *result) {
  struct stat status;
  int fd = -1;
  for (int round = 0; fd < 0 && round < SHM_REGION_REPLACED_MAX; round += 1) {
    fd = open(region->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && shm_system_regain(AT_FDCWD, region->directory, 0700)) continue;
    if (fd >= 0 || errno != ENOENT || !create) break;
    if (mkdir(region->directory, 0700) != 0 && errno != EEXIST) break;
  }
  if (fd < 0) {
    *result = shm_region_fail(region, errno == ENOENT ? SHM_REGION_E_NOT_FOUND : SHM_REGION_E_SYSCALL, "open directory", errno);
    return SHM_REGION_NO_FILE;
  }
  if (fstat(fd, &status) != 0) {
    *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "stat directory", errno);
  } else if (status.st_uid != geteuid()) {
    *result = shm_region_fail(region, SHM_REGION_E_PERMISSION, "the directory belongs to another user", 0);
  } else if ((status.st_mode & (region->is_private ? 0077 : 0022)) != 0) {
    *result = shm_region_fail(region, SHM_REGION_E_PERMISSION, "others have access to the directory", 0);
  } else if (shm_system_untrusted(fd)) {
    *result = shm_region_fail(region, SHM_REGION_E_UNSUPPORTED, "the locks of this file system cannot be trusted", 0);
  } else {
    if ((status.st_mode & 0700) != 0700) (void)fchmod(fd, 0700); /* made under a strict umask */
    return fd;
  }
  close(fd);
  return SHM_REGION_NO_FILE;
}

static inline void shm_system_describe(const struct stat *found, shm_system_status *status) {
  status->dev = found->st_dev;
  status->ino = found->st_ino;
  status->size = (uint64_t)found->st_size;
  status->is_removed = found->st_nlink == 0;
  status->is_regular = S_ISREG(found->st_mode);
  status->has_other_names = found->st_nlink > 1;
  status->is_ours = found->st_uid == geteuid();
  status->is_shared = (found->st_mode & 0777 & ~(mode_t)0600) != 0;
}

/* 0: shm_system_error(). */
static inline int shm_system_stat(shm_region_file file, shm_system_status *status) {
  struct stat found;
  if (fstat(file, &found) != 0) return 0;
  shm_system_describe(&found, status);
  return 1;
}

/* Of what has the region's name now; links are not followed. */
static inline int shm_system_stat_name(const shm_region *region, shm_region_file directory, shm_system_status *status) {
  struct stat found;
  if (fstatat(directory, region->name, &found, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  shm_system_describe(&found, status);
  return 1;
}

/* Opens the region's file as region->fd, or makes it where there is none, empty and for its owner alone. */
static inline shm_system_opening shm_system_open(shm_region *region, shm_region_file directory, int creates) {
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  region->fd = creates ? openat(directory, region->name, flags | O_CREAT | O_EXCL, 0600) : openat(directory, region->name, flags);
  if (region->fd >= 0 && (!creates || fchmod(region->fd, 0600) == 0)) return SHM_OPEN_DONE;
  if (region->fd >= 0) {
    const int error = errno;
    close(region->fd);
    errno = error;
  } else if (creates && errno == EEXIST) {
    return SHM_OPEN_EXISTS;
  } else if (!creates && errno == EACCES && shm_system_regain(directory, region->name, 0600)) {
    return SHM_OPEN_ALTERED;
  } else if (!creates && errno == ENOENT) {
    return SHM_OPEN_ABSENT;
  }
  return errno == ELOOP || errno == EISDIR || errno == ENXIO ? SHM_OPEN_ODD : SHM_OPEN_FAILED;
}

static inline void shm_system_remove(const shm_region *region, shm_region_file directory) {
  unlinkat(directory, region->name, 0);
}

/* Up to `size` bytes of a file; how many there were, -1: shm_system_error(). */
static inline int64_t shm_system_read(shm_region_file file, void *bytes, size_t size, uint64_t at) {
  ssize_t length;
  do length = pread(file, bytes, size, (off_t)at);
  while (length < 0 && errno == EINTR);
  return length;
}

static inline int64_t shm_system_write(shm_region_file file, const void *bytes, size_t size, uint64_t at) {
  ssize_t length;
  do length = pwrite(file, bytes, size, (off_t)at);
  while (length < 0 && errno == EINTR);
  return length;
}

/* The next offset at which a file has data and no hole; `to` for nowhere before. Where nobody knows, all is data. */
static inline uint64_t shm_system_data(shm_region_file file, uint64_t from, uint64_t to) {
  const off_t at = from < to ? lseek(file, (off_t)from, SEEK_DATA) : (off_t)to;
  if (at < 0) return errno == ENXIO ? to : from;
  return (uint64_t)at < to ? (uint64_t)at : to;
}

/* Makes zeros of a part of a file at once, which keeps its size. 0 where it cannot. */
static inline int shm_system_clear(shm_region_file file, uint64_t from, uint64_t to) {
  return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from)) == 0;
}

/* Maps the first `size` bytes, whole pages. NULL: shm_system_error(). */
static inline void *shm_system_map(shm_region_file file, size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static inline void shm_system_unmap(void *memory, size_t size) { munmap(memory, size); }

/* Gives a file `size` bytes at least, with room for them on its file system. 0, or an error. */
static inline int shm_system_allocate(shm_region_file file, uint64_t size) {
  int failed;
  do failed = posix_fallocate(file, 0, (off_t)size);
  while (failed == EINTR);
  return failed;
}

/* Who makes the region, for people: start time in ticks since boot, and the first 8 bytes of the boot id. Wall clock: ns. */
static inline uint64_t shm_system_stamp(shmgen_header *header) {
  char text[1024] = "";
  struct timespec now;
  FILE *file = fopen("/proc/self/stat", "re");
  if (file != NULL && fgets(text, sizeof text, file) != NULL) {
    char *field = strrchr(text, ')');
    for (int at = 2; field != NULL && at < 22; at += 1) field = strchr(field + 1, ' ');
    if (field != NULL) header->creator_start_time = strtoull(field, NULL, 10);
  }
  if (file != NULL) fclose(file);
  file = fopen("/proc/sys/kernel/random/boot_id", "re");
  if (file != NULL && fgets(text, sizeof text, file) != NULL) {
    uint64_t value = 0;
    for (int at = 0, digits = 0; text[at] != '\0' && digits < 16; at += 1) {
      if (text[at] == '-') continue;
      value = value << 4 | (uint64_t)(text[at] <= '9' ? text[at] - '0' : text[at] - 'a' + 10);
      digits += 1;
    }
    header->boot_id = value;
  }
  if (file != NULL) fclose(file);
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#else /* Windows 10 and later, by wide names */

static inline int64_t shm_region_now_us(void) {
  LARGE_INTEGER ticks;
  LARGE_INTEGER frequency;
  QueryPerformanceCounter(&ticks);
  QueryPerformanceFrequency(&frequency);
  return ticks.QuadPart / frequency.QuadPart * 1000000 + ticks.QuadPart % frequency.QuadPart * 1000000 / frequency.QuadPart;
}

/* In whole milliseconds; the system may make them up to 16. */
static inline void shm_system_sleep(int64_t us) { Sleep((DWORD)((us + 999) / 1000)); }

static inline uint32_t shm_system_pid(void) { return GetCurrentProcessId(); }

static inline int shm_system_error(void) { return (int)GetLastError(); }

static inline int shm_system_is_full(int error) { return error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL; }

static inline HANDLE shm_system_handle(shm_region_file file) { return (HANDLE)file; }

static inline void shm_system_close(shm_region_file file) { CloseHandle(shm_system_handle(file)); }

/* Bytes far behind the end of every file: the lock, the lock of changes, and one for each process that has the lock. */
#define SHM_SYSTEM_LOCK UINT64_C(0x4000000100000000)
#define SHM_SYSTEM_CHANGE UINT64_C(0x4000000100000001)
#define SHM_SYSTEM_OWNER UINT64_C(0x4000000200000000)

static inline OVERLAPPED shm_system_at(uint64_t at) {
  OVERLAPPED place;
  memset(&place, 0, sizeof place);
  place.Offset = (DWORD)at;
  place.OffsetHigh = (DWORD)(at >> 32);
  return place;
}

/* 1: got it. 0: refused. -1: shm_system_error(). */
static inline int shm_system_lock_byte(shm_region_file file, uint64_t byte, shm_region_lock_kind kind) {
  OVERLAPPED place = shm_system_at(byte);
  const DWORD flags = LOCKFILE_FAIL_IMMEDIATELY | (kind == SHM_EXCLUSIVE ? LOCKFILE_EXCLUSIVE_LOCK : 0u);
  if (LockFileEx(shm_system_handle(file), flags, 0, 1, 0, &place)) return 1;
  return GetLastError() == ERROR_LOCK_VIOLATION || GetLastError() == ERROR_IO_PENDING ? 0 : -1;
}

static inline void shm_system_unlock_byte(shm_region_file file, uint64_t byte) {
  OVERLAPPED place = shm_system_at(byte);
  UnlockFileEx(shm_system_handle(file), 0, 1, 0, &place);
}

/*
 * As flock, and like it not atomic on the way to EX: the handle's own SH would refuse it. On the way back SH lies over EX, and the
 * first unlock is that of EX.
 */
static inline int shm_system_lock(shm_region_file file, shm_region_lock_kind held, shm_region_lock_kind wanted) {
  int got;
  if (held == wanted) return 1;
  if (held == SHM_SHARED) shm_system_unlock_byte(file, SHM_SYSTEM_LOCK);
  got = shm_system_lock_byte(file, SHM_SYSTEM_LOCK, wanted);
  if (got == 1 && held == SHM_EXCLUSIVE) shm_system_unlock_byte(file, SHM_SYSTEM_LOCK);
  return got;
}

/*
 * The locks of a process that is killed go some time later, and its lifecycle lock may go before those of the region's file. One more of
 * the same handle, which goes with them, tells a lock that is there because somebody is looking from that of a user.
 */
enum { SHM_SYSTEM_LOCKS_LINGER = 1 };

/* 1: got it. 0: refused. -1: shm_system_error(). */
static inline int shm_system_lock_change(shm_region_file file) {
  return shm_system_lock_byte(file, SHM_SYSTEM_CHANGE, SHM_EXCLUSIVE);
}

static inline void shm_system_unlock_change(shm_region_file file) { shm_system_unlock_byte(file, SHM_SYSTEM_CHANGE); }

/*
 * The byte is locked as the file is. Who asks for owners has it for a moment, and another open file of this process may have it: what
 * counts for people is that one has. Nobody decides anything by it.
 */
static inline void shm_system_show_owner(shm_region_file file, shm_region_lock_kind held, shm_region_lock_kind has) {
  const uint64_t byte = SHM_SYSTEM_OWNER + GetCurrentProcessId();
  if (held != SHM_UNLOCKED) shm_system_unlock_byte(file, byte);
  for (int look = 0; has != SHM_UNLOCKED && look < 3 && shm_system_lock_byte(file, byte, look < 2 ? has : SHM_SHARED) != 1; look += 1) Sleep(1);
}

enum { SHM_SYSTEM_WIDE_MAX = SHM_REGION_PATH_MAX + SHM_REGION_NAME_MAX + 16 };

/* The wide path of a file of the directory, or of the directory itself, of any length. 0: shm_system_error(). */
static inline int shm_system_wide(const shm_region *region, const char *name, wchar_t *path) {
  wchar_t given[SHM_SYSTEM_WIDE_MAX];
  wchar_t full[SHM_SYSTEM_WIDE_MAX];
  const wchar_t *prefix = L"\\\\?\\";
  const wchar_t *rest = full;
  size_t length = (size_t)MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, region->directory, -1, given, SHM_REGION_PATH_MAX);
  DWORD size;
  if (length == 0) return 0;
  size = GetFullPathNameW(given, SHM_REGION_PATH_MAX, full, NULL);
  if (size == 0 || size >= SHM_REGION_PATH_MAX) {
    if (size != 0) SetLastError(ERROR_FILENAME_EXCED_RANGE);
    return 0;
  }
  /* Names of devices and long paths are names like others behind this prefix. */
  if (wcsncmp(full, L"\\\\?\\", 4) == 0 || wcsncmp(full, L"\\\\.\\", 4) == 0) {
    prefix = L"";
  } else if (wcsncmp(full, L"\\\\", 2) == 0) {
    prefix = L"\\\\?\\UNC\\";
    rest = full + 2;
  }
  if (size > 1 && full[size - 1] == L'\\' && full[size - 2] != L':') full[size - 1] = L'\0';
  wcscpy(path, prefix);
  wcscat(path, rest);
  if (name == NULL) return 1;
  length = wcslen(path);
  if (path[length - 1] != L'\\') path[length++] = L'\\';
  while (*name != '\0') path[length++] = (wchar_t)(unsigned char)*name++;
  path[length] = L'\0';
  return 1;
}

static inline shm_region_file shm_system_open_path(const wchar_t *path, DWORD access, DWORD disposition, DWORD flags) {
  const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  return (shm_region_file)CreateFileW(path, access, share, NULL, disposition, flags | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

/* Those that can do everything anyway, and who stands for the owner of what is made. */
static inline int shm_system_is_trusted(PSID sid, PSID own) {
  static const WELL_KNOWN_SID_TYPE known[] = {WinLocalSystemSid,  WinBuiltinAdministratorsSid, WinAccountAdministratorSid,
                                              WinCreatorOwnerSid, WinCreatorOwnerRightsSid};
  /* S-1-5-80-...: TrustedInstaller, which has no number of its own among them. */
  static const DWORD installer[] = {80, 956008885u, 3418522649u, 1831038044u, 1853292631u, 2271478464u};
  DWORD at = 0;
  if (EqualSid(sid, own)) return 1;
  for (size_t index = 0; index < sizeof known / sizeof *known; index += 1) {
    if (IsWellKnownSid(sid, known[index])) return 1;
  }
  while (at < 6 && *GetSidSubAuthorityCount(sid) == 6 && *GetSidSubAuthority(sid, at) == installer[at]) at += 1;
  return at == 6;
}

/*
 * Whether an open directory belongs to us, or to what elevated processes give theirs to, and nobody else can put files there, replace
 * them or give himself the right to. NULL, or what is wrong. Files have what their directory gives them, so it is judged alone.
 */
static inline const char *shm_system_rights(shm_region_file directory) {
  const DWORD writes = FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL | GENERIC_WRITE;
  union {
    TOKEN_USER user;
    unsigned char bytes[256];
  } mine;
  union {
    SECURITY_DESCRIPTOR descriptor;
    unsigned char bytes[16384];
  } rights;
  PACL list = NULL;
  PSID owner = NULL;
  HANDLE token = NULL;
  BOOL has_list = FALSE;
  BOOL is_default = FALSE;
  DWORD size = 0;
  int known = OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) && GetTokenInformation(token, TokenUser, &mine, sizeof mine, &size);
  const char *wrong = NULL;
  if (token != NULL) CloseHandle(token);
  known = known && GetKernelObjectSecurity(shm_system_handle(directory), OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &rights, sizeof rights, &size);
  known = known && GetSecurityDescriptorOwner(&rights, &owner, &is_default) && GetSecurityDescriptorDacl(&rights, &has_list, &list, &is_default);
  if (!known || owner == NULL) {
    wrong = "nobody says who has rights to the directory";
  } else if (!shm_system_is_trusted(owner, mine.user.User.Sid)) {
    wrong = "the directory belongs to another user";
  } else if (!has_list || list == NULL) {
    wrong = "others have access to the directory";
  }
  for (DWORD at = 0; wrong == NULL && at < list->AceCount; at += 1) {
    void *entry = NULL;
    const ACCESS_ALLOWED_ACE *allowed;
    if (!GetAce(list, at, &entry)) continue;
    allowed = (const ACCESS_ALLOWED_ACE *)entry;
    if (allowed->Header.AceType != ACCESS_ALLOWED_ACE_TYPE && allowed->Header.AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE) continue;
    /* Entries that only what is made there inherits say nothing of the directory. */
    if ((allowed->Header.AceFlags & INHERIT_ONLY_ACE) != 0 || (allowed->Mask & writes) == 0) continue;
    if (!shm_system_is_trusted((PSID)(uintptr_t)&allowed->SidStart, mine.user.User.Sid)) wrong = "others have access to the directory";
  }
  return wrong;
}

static inline int shm_system_stat(shm_region_file file, shm_system_status *status) {
  BY_HANDLE_FILE_INFORMATION found;
  FILE_STANDARD_INFO standard;
  if (!GetFileInformationByHandle(shm_system_handle(file), &found)) return 0;
  if (!GetFileInformationByHandleEx(shm_system_handle(file), FileStandardInfo, &standard, sizeof standard)) return 0;
  status->dev = found.dwVolumeSerialNumber;
  /* 53 bits of it are what a JavaScript number holds. */
  status->ino = ((uint64_t)found.nFileIndexHigh << 32 | found.nFileIndexLow) & ((UINT64_C(1) << 53) - 1);
  status->size = (uint64_t)standard.EndOfFile.QuadPart;
  status->is_removed = standard.DeletePending || standard.NumberOfLinks == 0;
  status->is_regular = (found.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE)) == 0;
  status->has_other_names = standard.NumberOfLinks > 1;
  status->is_ours = 1; /* what is in the directory is what those have put there who may */
  status->is_shared = 0;
  return 1;
}

static inline int shm_system_stat_name(const shm_region *region, shm_region_file directory, shm_system_status *status) {
  wchar_t path[SHM_SYSTEM_WIDE_MAX];
  shm_region_file file;
  int known;
  (void)directory;
  if (!shm_system_wide(region, region->name, path)) return 0;
  file = shm_system_open_path(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
  if (file == SHM_REGION_NO_FILE) return 0;
  known = shm_system_stat(file, status);
  shm_system_close(file);
  return known;
}

static inline int shm_system_variable(const wchar_t *name, char *text, size_t size) {
  wchar_t wide[SHM_REGION_PATH_MAX];
  const DWORD length = GetEnvironmentVariableW(name, wide, SHM_REGION_PATH_MAX);
  text[0] = '\0';
  if (length >= SHM_REGION_PATH_MAX) return 0;
  return length == 0 || WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, -1, text, (int)size, NULL, NULL) > 0;
}

/* Names of devices are that in every directory, whatever ending they have, and a dot at the end is dropped. */
static inline int shm_system_is_name(const char *name) {
  static const char *const devices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
  for (size_t at = 0; at < 6; at += 1) {
    size_t length = 0;
    while (length < 3 && (name[length] | 0x20) == devices[at][length]) length += 1;
    if (length < 3) continue;
    if (at >= 4 && (name[3] < '0' || name[3] > '9')) continue;
    if (at >= 4) length = 4;
    if (name[length] == '\0' || name[length] == '.') return 0;
  }
  return name[0] == '\0' || name[strlen(name) - 1] != '.';
}

/* Where the region is: `given`, which is UTF-8, %SHMGEN_DIR%, or %LOCALAPPDATA%\shmgen. 0 when that is too long, or nowhere. */
static inline int shm_system_place(shm_region *region, const char *given) {
  static const char folder[] = "\\shmgen";
  static const char local[] = "\\AppData\\Local";
  if (given != NULL && given[0] != '\0') {
    if (strlen(given) >= sizeof region->directory) return 0;
    strcpy(region->directory, given);
    return 1;
  }
  if (given == NULL && !shm_system_variable(L"SHMGEN_DIR", region->directory, sizeof region->directory)) return 0;
  if (region->directory[0] != '\0') return 1;
  region->is_private = 1;
  if (!shm_system_variable(L"LOCALAPPDATA", region->directory, sizeof region->directory - sizeof folder)) return 0;
  if (region->directory[0] == '\0') {
    if (!shm_system_variable(L"USERPROFILE", region->directory, sizeof region->directory - sizeof folder - sizeof local)) return 0;
    if (region->directory[0] == '\0') return 0;
    strcat(region->directory, local);
  }
  strcat(region->directory, folder);
  return 1;
}

/* A drive of another machine, whose locks nobody can trust. */
static inline int shm_system_untrusted(const wchar_t *path) {
  wchar_t root[SHM_SYSTEM_WIDE_MAX];
  return GetVolumePathNameW(path, root, SHM_SYSTEM_WIDE_MAX) && GetDriveTypeW(root) == DRIVE_REMOTE;
}

/*
 * Proves that the directory, made by us if need be, is a folder of our own on this machine; then opens its file `.lock`, because
 * folders cannot be locked. Nobody removes that file. SHM_REGION_NO_FILE: see region->what.
 */
static inline shm_region_file shm_system_directory(shm_region *region, int create, int *result) {
  const DWORD kinds = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
  wchar_t path[SHM_SYSTEM_WIDE_MAX];
  BY_HANDLE_FILE_INFORMATION found;
  shm_region_file file = SHM_REGION_NO_FILE;
  const char *wrong;
  DWORD error = 0;
  if (!shm_system_wide(region, NULL, path)) {
    *result = shm_region_fail(region, SHM_REGION_E_NAME, "directory", shm_system_error());
    return SHM_REGION_NO_FILE;
  }
  for (int round = 0; round < SHM_REGION_REPLACED_MAX; round += 1) {
    file = shm_system_open_path(path, FILE_READ_ATTRIBUTES | READ_CONTROL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    error = GetLastError();
    if (file != SHM_REGION_NO_FILE || error != ERROR_FILE_NOT_FOUND || !create) break;
    if (!CreateDirectoryW(path, NULL) && (error = GetLastError()) != ERROR_ALREADY_EXISTS) break;
  }
  if (file == SHM_REGION_NO_FILE) {
    const int absent = error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
    *result = shm_region_fail(region, absent ? SHM_REGION_E_NOT_FOUND : SHM_REGION_E_SYSCALL, "open directory", (int)error);
    return SHM_REGION_NO_FILE;
  }
  memset(&found, 0, sizeof found);
  error = GetFileInformationByHandle(shm_system_handle(file), &found) ? 0 : GetLastError();
  wrong = shm_system_rights(file);
  shm_system_close(file);
  if (error != 0) {
    *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "stat directory", (int)error);
  } else if ((found.dwFileAttributes & kinds) != FILE_ATTRIBUTE_DIRECTORY) {
    *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "open directory", ERROR_DIRECTORY);
  } else if (shm_system_untrusted(path)) {
    *result = shm_region_fail(region, SHM_REGION_E_UNSUPPORTED, "the locks of this file system cannot be trusted", 0);
  } else if (wrong != NULL) {
    *result = shm_region_fail(region, SHM_REGION_E_PERMISSION, wrong, 0);
  } else if (!shm_system_wide(region, ".lock", path)) {
    *result = shm_region_fail(region, SHM_REGION_E_NAME, "directory", shm_system_error());
  } else {
    file = shm_system_open_path(path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, 0);
    if (file != SHM_REGION_NO_FILE) return file;
    *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "open .lock", shm_system_error());
  }
  return SHM_REGION_NO_FILE;
}

static inline shm_system_opening shm_system_open(shm_region *region, shm_region_file directory, int creates) {
  wchar_t path[SHM_SYSTEM_WIDE_MAX];
  DWORD error;
  DWORD attributes;
  (void)directory;
  region->fd = SHM_REGION_NO_FILE;
  if (!shm_system_wide(region, region->name, path)) return SHM_OPEN_FAILED;
  region->fd = shm_system_open_path(path, GENERIC_READ | GENERIC_WRITE, creates ? CREATE_NEW : OPEN_EXISTING, 0);
  if (region->fd != SHM_REGION_NO_FILE) return SHM_OPEN_DONE;
  error = GetLastError();
  if (creates && error == ERROR_FILE_EXISTS) return SHM_OPEN_EXISTS;
  if (!creates && error == ERROR_FILE_NOT_FOUND) return SHM_OPEN_ABSENT;
  attributes = GetFileAttributesW(path);
  SetLastError(error);
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? SHM_OPEN_ODD : SHM_OPEN_FAILED;
}

/*
 * Whoever has the file open would keep its name, and whoever has it mapped, as somebody who is dying may have still, would keep it from
 * being removed. So it gets a name that nobody asks for; who opens the directory next removes what could not be removed now.
 */
static inline void shm_system_remove(const shm_region *region, shm_region_file directory) {
  wchar_t path[SHM_SYSTEM_WIDE_MAX];
  wchar_t gone[SHM_SYSTEM_WIDE_MAX];
  char name[40];
  uint64_t random = 0;
  (void)directory;
  if (!SystemFunction036(&random, sizeof random)) random = (uint64_t)shm_region_now_us();
  snprintf(name, sizeof name, ".removed-%08lx%08lx", (unsigned long)(random >> 32), (unsigned long)(random & 0xffffffffu));
  if (!shm_system_wide(region, region->name, path) || !shm_system_wide(region, name, gone)) return;
  if (MoveFileExW(path, gone, 0)) DeleteFileW(gone);
}

static inline int64_t shm_system_read(shm_region_file file, void *bytes, size_t size, uint64_t at) {
  OVERLAPPED place = shm_system_at(at);
  DWORD length = 0;
  if (ReadFile(shm_system_handle(file), bytes, (DWORD)size, &length, &place)) return length;
  return GetLastError() == ERROR_HANDLE_EOF ? 0 : -1;
}

static inline int64_t shm_system_write(shm_region_file file, const void *bytes, size_t size, uint64_t at) {
  OVERLAPPED place = shm_system_at(at);
  DWORD length = 0;
  return WriteFile(shm_system_handle(file), bytes, (DWORD)size, &length, &place) ? (int64_t)length : -1;
}

/* All is data: files are sparse only when somebody has told the system so. */
static inline uint64_t shm_system_data(shm_region_file file, uint64_t from, uint64_t to) {
  (void)file;
  return from < to ? from : to;
}

static inline int shm_system_clear(shm_region_file file, uint64_t from, uint64_t to) {
  const DWORD set_zero_data = 0x000980C8; /* FSCTL_SET_ZERO_DATA of a FILE_ZERO_DATA_INFORMATION */
  uint64_t range[2];
  DWORD ignored = 0;
  range[0] = from;
  range[1] = to;
  return DeviceIoControl(shm_system_handle(file), set_zero_data, range, sizeof range, NULL, 0, &ignored, NULL) != 0;
}

/* Makes the file as long as that, if need be: what the file system has no room for cannot be mapped. */
static inline void *shm_system_map(shm_region_file file, size_t size) {
  const HANDLE section =
      CreateFileMappingW(shm_system_handle(file), NULL, PAGE_READWRITE, (DWORD)((uint64_t)size >> 32), (DWORD)size, NULL);
  void *memory = section == NULL ? NULL : MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, size);
  const DWORD error = GetLastError();
  if (section != NULL) CloseHandle(section); /* the view keeps what it needs of it */
  SetLastError(error);
  return memory;
}

static inline void shm_system_unmap(void *memory, size_t size) {
  (void)size;
  UnmapViewOfFile(memory);
}

/* Mapping has done it. */
static inline int shm_system_allocate(shm_region_file file, uint64_t size) {
  LARGE_INTEGER now;
  if (!GetFileSizeEx(shm_system_handle(file), &now)) return shm_system_error();
  return (uint64_t)now.QuadPart < size ? ERROR_DISK_FULL : 0;
}

static inline uint64_t shm_system_time(const FILETIME *time) {
  return (uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime;
}

/* The start time is that of GetProcessTimes, 100 ns since 1601, which no other process of this number has; so there is no boot id. */
static inline uint64_t shm_system_stamp(shmgen_header *header) {
  FILETIME created, exited, kernel, user, now;
  if (GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user)) {
    header->creator_start_time = shm_system_time(&created);
  }
  GetSystemTimeAsFileTime(&now);
  return (shm_system_time(&now) - UINT64_C(116444736000000000)) * 100;
}

#endif

/* ---- Waiting ---- */

/* How often to look again, at most: who wants to get in, and who has a lock in hand for which others wait. */
enum { SHM_REGION_ASKING_US = 60000, SHM_REGION_HOLDING_US = 1000 };

/*
 * Sleeps 0.1 ms at first and longer and longer, a random part of it so that waiters do not march in step. 0 at the deadline.
 * Where hundreds wait at once, whoever holds the lock needs a processor more than they need to look.
 */
static inline int shm_region_pause(unsigned round, int64_t deadline_us, int64_t most_us) {
  int64_t now = shm_region_now_us();
  int64_t pause = 100 << (round < 6 ? round : 6);
  if (now >= deadline_us) return 0;
  for (unsigned at = 6; at < round && pause < most_us; at += 1) pause += pause * 3 / 20;
  if (pause > most_us) pause = most_us;
  pause = pause / 2 + (now * 7919 + shm_system_pid() * INT64_C(104729)) % pause;
  if (pause > deadline_us - now) pause = deadline_us - now;
  shm_system_sleep(pause);
  return 1;
}

/* ---- Locks ---- */

/* Of the region's file. 1: got it. 0: refused, and a lock that was held before is lost. -1: shm_system_error(). */
static inline int shm_region_take(shm_region *region, shm_region_lock_kind wanted) {
  const shm_region_lock_kind held = region->lock;
  const int got = shm_system_lock(region->fd, held, wanted);
  region->lock = got == 1 ? wanted : SHM_UNLOCKED;
  if (held != region->lock) shm_system_show_owner(region->fd, held, region->lock);
  return got;
}

static inline void shm_region_close_file(shm_region *region) {
  shm_system_close(region->fd);
  region->fd = SHM_REGION_NO_FILE;
  region->lock = SHM_UNLOCKED;
}

/* The lifecycle lock: an open file of its own, whose close gives the lock up. SHM_REGION_NO_FILE: see region->what. */
static inline shm_region_file shm_region_lock(
    shm_region *region, int create, int64_t deadline_us, int64_t most_us, int *result) {
  shm_system_status status;
  shm_region_file directory = shm_system_directory(region, create, result);
  if (directory == SHM_REGION_NO_FILE) return directory;
  for (unsigned round = 0;; round += 1) {
    int locked = shm_system_lock(directory, SHM_UNLOCKED, SHM_EXCLUSIVE);
    if (locked == 1 && shm_system_stat(directory, &status) && status.is_removed && round < SHM_REGION_REPLACED_MAX) {
      /* Removed before it was locked: whoever comes now locks another one. */
      shm_system_close(directory);
      directory = shm_system_directory(region, create, result);
      if (directory == SHM_REGION_NO_FILE) return directory;
      continue;
    }
    if (locked == 1) return directory;
    if (locked < 0) *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "lock the directory", shm_system_error());
    if (locked == 0 && shm_region_pause(round, deadline_us, most_us)) continue;
    if (locked == 0) *result = shm_region_fail(region, SHM_REGION_E_BUSY, "another process keeps the directory locked", 0);
    shm_system_close(directory);
    return SHM_REGION_NO_FILE;
  }
}

static inline int shm_region_named(shm_region_file directory, const shm_region *region) {
  shm_system_status now;
  return shm_system_stat_name(region, directory, &now) && now.dev == region->dev && now.ino == region->ino;
}

/* ---- What a file is, by a copy of its first bytes and its size. ---- */

typedef enum { SHM_READY, SHM_BLANK, SHM_TORN, SHM_REFUSED } shm_region_kind;

typedef struct shm_region_verdict {
  shm_region_kind kind;
  int result;      /* SHM_REFUSED: why */
  int replaceable; /* SHM_REFUSED: it may be made anew once nobody has it open */
  int zeros;       /* it is what it seems only if all further bytes of the file are zero */
  uint32_t generation;
  uint64_t end; /* SHM_READY: the descriptor's end */
} shm_region_verdict;

static inline shm_region_verdict shm_region_verdict_of(shm_region_kind kind, int result) {
  shm_region_verdict verdict;
  memset(&verdict, 0, sizeof verdict);
  verdict.kind = kind;
  verdict.result = result;
  return verdict;
}

/* Of a header whose magic is another one: an initialisation stores state and generation before it. */
static inline shm_region_verdict shm_region_judge_magic(const unsigned char *copy, const shmgen_header *header) {
  const uint64_t magic = SHMGEN_MAGIC;
  size_t prefix = 0;
  int rest = 0;
  while (prefix < 8 && copy[prefix] == ((const unsigned char *)&magic)[prefix]) prefix += 1;
  for (size_t at = prefix; at < sizeof *header; at += 1) {
    if (copy[at] != 0 && (at < offsetof(shmgen_header, state) || at >= offsetof(shmgen_header, tail_length))) rest = 1;
  }
  if (header->magic == __builtin_bswap64(magic)) {
    return shm_region_verdict_of(SHM_REFUSED, SHM_REGION_E_FORMAT);
  }
  if (!rest && (header->state == SHMGEN_STATE_BLANK || header->state == SHMGEN_STATE_INITIALISING)) {
    int blank = prefix == 0 && header->state == SHMGEN_STATE_BLANK && header->generation == 0;
    shm_region_verdict verdict = shm_region_verdict_of(blank ? SHM_BLANK : SHM_TORN, SHM_REGION_OK);
    verdict.zeros = 1;
    verdict.generation = blank ? 0 : header->generation;
    return verdict;
  }
  return shm_region_verdict_of(SHM_REFUSED, prefix == 7 ? SHM_REGION_E_FORMAT : SHM_REGION_E_FOREIGN);
}

/* Checked arithmetic: nothing in the header is trusted. 0 when it describes more than the file has. */
static inline uint64_t shm_region_end(const shmgen_header *header, uint64_t file_size) {
  uint64_t room = file_size - sizeof *header;
  uint64_t data_end;
  if (header->payload_size > room) return 0;
  room -= header->payload_size;
  if (header->tail_stride == 0 ? header->tail_length != 0 : header->tail_length > room / header->tail_stride) return 0;
  data_end = sizeof *header + header->payload_size + header->tail_length * header->tail_stride;
  if (header->descriptor_offset < data_end || header->descriptor_offset % 8 != 0) return 0;
  if (header->descriptor_offset > file_size || header->descriptor_size > file_size - header->descriptor_offset) return 0;
  if (header->descriptor_size < 16 || header->descriptor_size > SHM_REGION_DESCRIPTOR_MAX) return 0;
  return header->descriptor_offset + header->descriptor_size;
}

static inline shm_region_verdict shm_region_judge(const unsigned char *copy, uint64_t file_size, const shm_region_type *type) {
  shmgen_header header;
  shm_region_verdict verdict = shm_region_verdict_of(SHM_REFUSED, SHM_REGION_E_FORMAT);
  memcpy(&header, copy, sizeof header);
  verdict.generation = header.generation;
  if (file_size == 0) return shm_region_verdict_of(SHM_BLANK, SHM_REGION_OK);
  if (header.magic != SHMGEN_MAGIC) return shm_region_judge_magic(copy, &header);
  if (header.byte_order_mark == __builtin_bswap16(SHMGEN_BYTE_ORDER_MARK)) return verdict;
  if (header.state == SHMGEN_STATE_BLANK || header.state == SHMGEN_STATE_INITIALISING) {
    verdict.kind = SHM_TORN;
    return verdict;
  }
  verdict.replaceable = 1;
  if (header.crc != shmgen_crc32c(copy, offsetof(shmgen_header, crc))) return verdict;
  if (header.byte_order_mark != SHMGEN_BYTE_ORDER_MARK || header.header_size != sizeof header) return verdict;
  if (header.flags != 0 || header.type_id != type->expected.type_id) {
    verdict.replaceable = 0;
    return verdict;
  }
  verdict.result = SHM_REGION_E_VERSION;
  if (header.version != type->expected.version) return verdict;
  verdict.result = SHM_REGION_E_LAYOUT;
  if (header.fingerprint != type->expected.fingerprint) return verdict;
  if (header.payload_size != type->expected.payload_size || header.tail_stride != type->expected.tail_stride) return verdict;
  verdict.result = SHM_REGION_E_FORMAT;
  if (header.state != SHMGEN_STATE_READY || header.generation == 0) return verdict;
  verdict.end = file_size < sizeof header ? 0 : shm_region_end(&header, file_size);
  if (verdict.end != 0) verdict.kind = SHM_READY;
  return verdict;
}

/* Whether the bytes from the header's end to `to` are all zero. Not when there are more of them than anybody looks through. */
static inline int shm_region_zeros(shm_region_file file, uint64_t to) {
  unsigned char block[4096];
  uint64_t left = SHM_REGION_READ_MAX;
  for (uint64_t at = shm_system_data(file, sizeof(shmgen_header), to); at < to; at = shm_system_data(file, at, to)) {
    const int64_t length = shm_system_read(file, block, to - at < sizeof block ? (size_t)(to - at) : sizeof block, at);
    if (length <= 0) return length == 0;
    for (int64_t index = 0; index < length; index += 1) {
      if (block[index] != 0) return 0;
    }
    at += (uint64_t)length;
    if (at < to && left < (uint64_t)length) return 0;
    left -= (uint64_t)length;
  }
  return 1;
}

/* ---- Letting go ---- */

/* Closes the file under the lifecycle lock; with `removes`, the last to leave removes it. */
static inline void shm_region_leave(shm_region *region, int removes) {
  int ignored = 0;
  int looks;
  SHM_REGION_STEP("close.lockLifecycle");
  const int64_t deadline_us = shm_region_now_us() + SHM_REGION_LEAVE_TIMEOUT_MS * INT64_C(1000);
  const shm_region_file directory = shm_region_lock(region, 0, deadline_us, SHM_REGION_HOLDING_US, &ignored);
  looks = directory != SHM_REGION_NO_FILE && removes;
  if (SHM_SYSTEM_LOCKS_LINGER) {
    if (looks && region->lock != SHM_EXCLUSIVE) {
      SHM_REGION_STEP("close.lockChange");
      /* Refused by locks of somebody who was killed: who cannot look whether he is the last one leaves the file. */
      looks = shm_system_lock_change(region->fd) == 1;
    }
  }
  if (looks) {
    SHM_REGION_STEP("close.tryExclusive");
    if (shm_region_take(region, SHM_EXCLUSIVE) == 1) {
      SHM_REGION_STEP("close.checkName");
      if (shm_region_named(directory, region)) {
        SHM_REGION_STEP("close.unlink");
        shm_system_remove(region, directory);
      }
    }
  }
  SHM_REGION_STEP("close.closeFile");
  shm_region_close_file(region); /* without the lifecycle lock the file stays, and the next open makes the region anew */
  SHM_REGION_STEP("close.unlockLifecycle");
  if (directory != SHM_REGION_NO_FILE) shm_system_close(directory);
}

/* One store: who dies before it leaves a region that is not kept. */
static inline void shm_region_mark_kept(shm_region *region) {
  shmgen_header *header = (shmgen_header *)region->memory;
  if ((__atomic_load_n(&header->initialised_at, __ATOMIC_SEQ_CST) & SHMGEN_KEPT) != 0) return;
  __atomic_fetch_or(&header->initialised_at, SHMGEN_KEPT, __ATOMIC_SEQ_CST);
}

static inline void shm_region_close(shm_region *region, shm_region_cleanup cleanup) {
  if (region->fd == SHM_REGION_NO_FILE) return;
  if (cleanup == SHM_REGION_KEEP_FILE) {
    SHM_REGION_STEP("close.markKept");
    shm_region_mark_kept(region);
  }
  SHM_REGION_STEP("close.unmap");
  shm_system_unmap(region->memory, region->size);
  region->memory = NULL;
  if (cleanup == SHM_REGION_LAST_CLOSE) {
    shm_region_leave(region, 1);
    return;
  }
  SHM_REGION_STEP("close.closeFile");
  shm_region_close_file(region);
}

/* ---- Mapping and initialising ---- */

static inline size_t shm_region_file_size(uint64_t end) {
  return (size_t)((end + SHM_REGION_SIZE_UNIT - 1) / SHM_REGION_SIZE_UNIT * SHM_REGION_SIZE_UNIT);
}

/* 0 when it could not be mapped. */
static inline int shm_region_map(shm_region *region, uint64_t end) {
  region->size = shm_region_file_size(end);
  region->memory = shm_system_map(region->fd, region->size);
  return region->memory != NULL;
}

/* All stores of an initialisation but the payload's and the last one, in the order that survives death at any instant. */
static inline int shm_region_fill(
    shm_region *region, const shm_region_type *type, const shm_region_verdict *found, uint64_t old_size, shmgen_header *filled) {
  shmgen_header *live = (shmgen_header *)region->memory;
  unsigned char *bytes = (unsigned char *)region->memory;
  static const unsigned char zeros[4096] = {0};
  SHM_REGION_STEP("initialise.announceState");
  __atomic_store_n(&live->state, SHMGEN_STATE_INITIALISING, __ATOMIC_SEQ_CST);
  SHM_REGION_STEP("initialise.announceGeneration");
  __atomic_store_n(&live->generation, region->generation, __ATOMIC_SEQ_CST);
  SHM_REGION_STEP("initialise.announceMagic");
  __atomic_store_n(&live->magic, SHMGEN_MAGIC, __ATOMIC_SEQ_CST);
  SHM_REGION_STEP("initialise.zero");
  if (found->kind != SHM_BLANK) {
    const size_t identity = offsetof(shmgen_header, byte_order_mark);
    const size_t life = offsetof(shmgen_header, tail_length);
    memset(bytes + identity, 0, offsetof(shmgen_header, state) - identity);
    memset(bytes + life, 0, region->size - life);
    /* What an older, larger region left behind our end: a file never shrinks. */
    uint64_t at = region->size;
    if (at < old_size && shm_system_clear(region->fd, at, old_size)) at = old_size;
    for (at = shm_system_data(region->fd, at, old_size); at < old_size; at = shm_system_data(region->fd, at, old_size)) {
      const uint64_t left = old_size - at;
      const int64_t length = shm_system_write(region->fd, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros, at);
      if (length < 0) return 0;
      at += (uint64_t)length;
    }
  }
  SHM_REGION_STEP("initialise.fillHeader");
  filled->magic = SHMGEN_MAGIC;
  filled->byte_order_mark = SHMGEN_BYTE_ORDER_MARK;
  filled->header_size = sizeof *filled;
  filled->type_id = type->expected.type_id;
  filled->version = type->expected.version;
  filled->fingerprint = type->expected.fingerprint;
  filled->payload_size = type->expected.payload_size;
  filled->tail_stride = type->expected.tail_stride;
  filled->readable_from = type->readable_from;
  filled->crc = shmgen_crc32c(filled, offsetof(shmgen_header, crc));
  filled->descriptor_size = type->descriptor_size;
  filled->initialised_at |= shm_system_stamp(filled);
  filled->creator_pid = shm_system_pid();
  memcpy(bytes + sizeof filled->magic, (unsigned char *)filled + sizeof filled->magic,
         offsetof(shmgen_header, state) - sizeof filled->magic);
  memcpy(bytes + offsetof(shmgen_header, tail_length), (unsigned char *)filled + offsetof(shmgen_header, tail_length),
         sizeof *filled - offsetof(shmgen_header, tail_length));
  return 1;
}

/* EX to SH is not atomic, so it takes place under the lifecycle lock. */
static inline int shm_region_share(shm_region *region) {
  const int64_t soon_us = shm_region_now_us() + SHM_REGION_GRACE_MS * INT64_C(1000);
  const int64_t deadline_us = region->deadline_us > soon_us ? region->deadline_us : soon_us;
  int result = SHM_REGION_OK;
  SHM_REGION_STEP("share.lockLifecycle");
  const shm_region_file directory = shm_region_lock(region, 1, deadline_us, SHM_REGION_HOLDING_US, &result);
  if (directory == SHM_REGION_NO_FILE) return result;
  SHM_REGION_STEP("share.takeShared");
  if (shm_region_take(region, SHM_SHARED) != 1) {
    result = shm_region_fail(region, SHM_REGION_E_BUSY, "a process that breaks the protocol has locked the region", 0);
  }
  SHM_REGION_STEP("share.unlockLifecycle");
  shm_system_close(directory);
  return result;
}

/* Under EX, without the lifecycle lock. Whatever fails, nothing of the region remains but what was there before. */
static inline int shm_region_initialise(shm_region *region, const shm_region_type *type, const shm_region_options *options,
                                        const shm_region_verdict *found, uint64_t old_size) {
  const uint64_t data = sizeof(shmgen_header) + type->expected.payload_size;
  shmgen_header filled;
  const int64_t begun_us = shm_region_now_us();
  uint64_t tail = 0;
  int begun = old_size == 0;
  int result = SHM_REGION_OK;
  int failed = 0;
  memset(&filled, 0, sizeof filled);
  filled.tail_length = options->tail_length;
  filled.initialised_at = options->keep != 0 ? SHMGEN_KEPT : 0;
  if (__builtin_mul_overflow(options->tail_length, (uint64_t)type->expected.tail_stride, &tail) ||
      tail > (UINT64_C(1) << 53) || (tail == 0 && options->tail_length != 0)) {
    result = shm_region_fail(region, SHM_REGION_E_RANGE, "tail_length", 0);
  } else if (old_size > SHM_REGION_GLANCE && found->zeros && !shm_region_zeros(region->fd, old_size)) {
    result = shm_region_fail(region, SHM_REGION_E_FOREIGN, "it holds something that is not ours", 0);
  }
  filled.descriptor_offset = (data + tail + 7) / 8 * 8;
  if (result == SHM_REGION_OK) {
    const uint64_t end = filled.descriptor_offset + type->descriptor_size;
    /* Mapped first, and not touched before the blocks are there: what cannot be mapped takes no memory. */
    if (!shm_region_map(region, end)) {
      failed = shm_system_error();
      result = shm_region_fail(region, shm_system_is_full(failed) ? SHM_REGION_E_NO_SPACE : SHM_REGION_E_SYSCALL, "map", failed);
    } else {
      SHM_REGION_STEP("initialise.allocate");
      failed = shm_system_allocate(region->fd, region->size);
      if (failed != 0) {
        shm_system_unmap(region->memory, region->size);
        result = shm_region_fail(region, shm_system_is_full(failed) ? SHM_REGION_E_NO_SPACE : SHM_REGION_E_SYSCALL, "allocate", failed);
      }
    }
  }
  if (result == SHM_REGION_OK) {
    unsigned char *bytes = (unsigned char *)region->memory;
    begun = 1;
    /* 0 means "never initialised", so a counter that wraps goes on at 1. */
    region->generation = found->generation == UINT32_MAX ? 1 : found->generation + 1;
    region->outcome = found->kind == SHM_BLANK ? SHM_REGION_CREATED : SHM_REGION_REINITIALISED;
    if (!shm_region_fill(region, type, found, old_size, &filled)) {
      result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "zero", shm_system_error());
    } else {
      SHM_REGION_STEP("initialise.payload");
      if (options->initialise != NULL && options->initialise(bytes + sizeof(shmgen_header), options->context) != 0) {
        result = shm_region_fail(region, SHM_REGION_E_GIVEN_UP, "initialise gave up", 0);
      } else {
        memcpy(bytes + filled.descriptor_offset, type->descriptor, type->descriptor_size);
        SHM_REGION_STEP("initialise.markReady");
        __atomic_store_n(&((shmgen_header *)region->memory)->state, SHMGEN_STATE_READY, __ATOMIC_SEQ_CST);
        /* What we did ourselves was no wait for others. */
        region->deadline_us += shm_region_now_us() - begun_us;
        result = shm_region_share(region);
      }
    }
    if (result != SHM_REGION_OK) shm_system_unmap(region->memory, region->size);
  }
  if (result != SHM_REGION_OK) shm_region_leave(region, begun);
  return result;
}

/* ---- Opening ---- */

/* What a round under the lifecycle lock found out. */
typedef enum { SHM_DONE, SHM_AGAIN, SHM_WAIT, SHM_JOIN, SHM_INITIALISE } shm_region_step;

typedef struct shm_region_entry {
  shm_region_verdict verdict;
  uint64_t file_size;
  shm_region_lock_kind lock; /* SHM_EXCLUSIVE: nobody else has it. SHM_SHARED: it is live. SHM_UNLOCKED: somebody initialises it. */
} shm_region_entry;

static inline shm_region_step shm_region_open_file(
    shm_region *region, shm_region_file directory, shm_region_mode mode, int *result) {
  shm_system_opening opening;
  SHM_REGION_STEP("open.openFile");
  opening = shm_system_open(region, directory, 0);
  if (opening == SHM_OPEN_ABSENT && mode == SHM_REGION_OPEN) {
    *result = shm_region_fail(region, SHM_REGION_E_NOT_FOUND, "there is no region of this name", 0);
    return SHM_DONE;
  }
  if (opening == SHM_OPEN_ABSENT) {
    SHM_REGION_STEP("open.createFile");
    opening = shm_system_open(region, directory, 1);
  }
  if (opening == SHM_OPEN_DONE) return SHM_JOIN;
  if (opening == SHM_OPEN_ALTERED || opening == SHM_OPEN_EXISTS) return SHM_AGAIN;
  *result = shm_region_fail(
      region, opening == SHM_OPEN_ODD ? SHM_REGION_E_FOREIGN : SHM_REGION_E_SYSCALL, "open", shm_system_error());
  return SHM_DONE;
}

/* Who else is there? With SH in hand nobody can have EX, so whoever refuses EX then is a user. */
static inline shm_region_lock_kind shm_region_probe(shm_region *region) {
  if (SHM_SYSTEM_LOCKS_LINGER) {
    SHM_REGION_STEP("open.lockChange");
    if (shm_system_lock_change(region->fd) != 1) return SHM_UNLOCKED;
  }
  SHM_REGION_STEP("open.tryShared");
  if (shm_region_take(region, SHM_SHARED) != 1) return SHM_UNLOCKED;
  SHM_REGION_STEP("open.tryExclusive");
  if (shm_region_take(region, SHM_EXCLUSIVE) == 1) return SHM_EXCLUSIVE;
  SHM_REGION_STEP("open.takeShared");
  return shm_region_take(region, SHM_SHARED) == 1 ? SHM_SHARED : SHM_UNLOCKED;
}

static inline int shm_region_check_file(shm_region *region, const shm_system_status *status) {
  if (!status->is_regular) return shm_region_fail(region, SHM_REGION_E_FOREIGN, "it is not a regular file", 0);
  if (status->has_other_names) return shm_region_fail(region, SHM_REGION_E_FOREIGN, "it has other names", 0);
  if (!status->is_ours) {
    return shm_region_fail(region, SHM_REGION_E_PERMISSION, "the region's file belongs to another user", 0);
  }
  if (status->is_shared) {
    return shm_region_fail(region, SHM_REGION_E_PERMISSION, "others have access to the region's file", 0);
  }
  return SHM_REGION_OK;
}

/* Under the lifecycle lock, with the header read. SHM_DONE leaves the reason in `result`. */
static inline shm_region_step shm_region_decide(
    shm_region *region, const shm_region_entry *entry, const shm_region_options *options, int *result) {
  const shm_region_verdict *verdict = &entry->verdict;
  const uint64_t most = SHM_REGION_GLANCE;
  const uint64_t glance = entry->file_size < most ? entry->file_size : most;
  const int keep = options->mode != SHM_REGION_OPEN && options->on_stale == SHM_REGION_KEEP;
  if (entry->lock == SHM_SHARED) {
    if (verdict->kind == SHM_READY) return SHM_JOIN;
    *result = verdict->kind == SHM_REFUSED ? verdict->result : (int)SHM_REGION_E_NOT_READY;
    region->what = "its header is not what this program expects";
    return SHM_DONE;
  }
  if (verdict->kind == SHM_REFUSED && (!verdict->replaceable || keep)) {
    *result = shm_region_fail(region, verdict->result, "its header is not what this program expects", 0);
  } else if (verdict->zeros && !shm_region_zeros(region->fd, glance)) {
    *result = shm_region_fail(region, SHM_REGION_E_FOREIGN, "it holds something that is not ours", 0);
  } else if (options->mode == SHM_REGION_OPEN || (options->on_stale == SHM_REGION_THROW && verdict->kind != SHM_BLANK)) {
    *result = shm_region_fail(region, SHM_REGION_E_STALE, "nobody has this region open; it was left behind", 0);
  } else if (keep && verdict->kind == SHM_READY) {
    SHM_REGION_STEP("open.keepShared");
    if (shm_region_take(region, SHM_SHARED) == 1) return SHM_JOIN;
    *result = shm_region_fail(region, SHM_REGION_E_BUSY, "a process that breaks the protocol has locked the region", 0);
  } else {
    return SHM_INITIALISE;
  }
  return SHM_DONE;
}

/* Under the lifecycle lock. The file stays open after SHM_JOIN and SHM_INITIALISE only. */
static inline shm_region_step shm_region_enter(shm_region *region, shm_region_file directory, const shm_region_type *type,
                                               const shm_region_options *options, shm_region_entry *entry, int *result) {
  unsigned char copy[sizeof(shmgen_header)] = {0};
  shm_system_status status;
  shm_region_step step = shm_region_open_file(region, directory, options->mode, result);
  if (step != SHM_JOIN) return step;
  step = SHM_DONE;
  entry->lock = shm_region_probe(region);
  if (!shm_system_stat(region->fd, &status)) {
    *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "stat", shm_system_error());
  } else if ((*result = shm_region_check_file(region, &status)) == SHM_REGION_OK) {
    region->dev = status.dev;
    region->ino = status.ino;
    entry->file_size = status.size;
    SHM_REGION_STEP("open.checkName");
    if (!shm_region_named(directory, region)) {
      step = SHM_AGAIN;
    } else if (entry->lock != SHM_EXCLUSIVE && options->mode == SHM_REGION_CREATE) {
      *result = shm_region_fail(region, SHM_REGION_E_EXISTS, "somebody has this region open", 0);
    } else if (entry->lock == SHM_UNLOCKED) {
      step = SHM_WAIT;
    } else {
      SHM_REGION_STEP("open.readHeader");
      if (shm_system_read(region->fd, copy, sizeof copy, 0) < 0) {
        *result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "read", shm_system_error());
      } else {
        entry->verdict = shm_region_judge(copy, entry->file_size, type);
        step = shm_region_decide(region, entry, options, result);
      }
    }
  }
  if (step == SHM_JOIN || step == SHM_INITIALISE) {
    if (SHM_SYSTEM_LOCKS_LINGER) {
      SHM_REGION_STEP("open.unlockChange");
      shm_system_unlock_change(region->fd);
    }
    return step;
  }
  SHM_REGION_STEP("open.closeFile");
  shm_region_close_file(region);
  return step;
}

/* 1 to 200 of A-Z a-z 0-9 . _ -, beginning with a letter or digit. The folders of sessions have names of their own. */
static inline int shm_region_is_name(const char *name) {
  static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  const size_t length = strlen(name);
  if (strncmp(name, "session-", 8) == 0 && name[8] != '\0' && name[8 + strspn(name + 8, "0123456789")] == '\0') return 0;
  return length > 0 && length <= SHM_REGION_NAME_MAX && strspn(name, first) == length && strchr("._-", name[0]) == NULL;
}

static inline int shm_region_open(
    shm_region *region, const shm_region_type *type, const char *name, const shm_region_options *options) {
  const int timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : SHM_REGION_TIMEOUT_MS;
  const int64_t deadline_us = shm_region_now_us() + timeout_ms * INT64_C(1000);
  int result = SHM_REGION_OK;
  int replaced = 0;
  memset(region, 0, sizeof *region);
  region->fd = SHM_REGION_NO_FILE;
  region->deadline_us = deadline_us;
  if (!shm_region_is_name(name) || !shm_system_is_name(name)) {
    return shm_region_fail(region, SHM_REGION_E_NAME, "this cannot be a region's name", 0);
  }
  strcpy(region->name, name);
  if (!shm_system_place(region, options->directory)) return shm_region_fail(region, SHM_REGION_E_NAME, "directory", 0);
  for (unsigned round = 0;;) {
    shm_region_entry entry;
    memset(&entry, 0, sizeof entry);
    SHM_REGION_STEP("open.lockLifecycle");
    const shm_region_file locked =
        shm_region_lock(region, options->mode != SHM_REGION_OPEN, deadline_us, SHM_REGION_ASKING_US, &result);
    if (locked == SHM_REGION_NO_FILE) return result;
    shm_region_step step = shm_region_enter(region, locked, type, options, &entry, &result);
    SHM_REGION_STEP("open.unlockLifecycle");
    shm_system_close(locked);
    if (step == SHM_JOIN) {
      region->outcome = SHM_REGION_OPENED;
      region->generation = entry.verdict.generation;
      if (shm_region_map(region, entry.verdict.end)) {
        if (options->keep != 0) {
          SHM_REGION_STEP("open.markKept");
          shm_region_mark_kept(region);
        }
        return SHM_REGION_OK;
      }
      result = shm_region_fail(region, SHM_REGION_E_SYSCALL, "map", shm_system_error());
      shm_region_leave(region, entry.lock == SHM_SHARED); /* as a user who leaves; what was kept stays */
      return result;
    }
    if (step == SHM_INITIALISE) return shm_region_initialise(region, type, options, &entry.verdict, entry.file_size);
    region->fd = SHM_REGION_NO_FILE; /* closed, or never open */
    if (step == SHM_DONE) return result;
    SHM_REGION_STEP("open.waitForInitialiser");
    if (step == SHM_AGAIN && (replaced += 1) > SHM_REGION_REPLACED_MAX) {
      return shm_region_fail(region, SHM_REGION_E_BUSY, "the region's file is replaced all the time", 0);
    }
    if (step == SHM_WAIT && !shm_region_pause(round, deadline_us, SHM_REGION_ASKING_US)) {
      return shm_region_fail(region, SHM_REGION_E_NOT_READY, "somebody is still initialising it", 0);
    }
    if (step == SHM_WAIT) round += 1;
  }
}

#endif
#endif
#endif
