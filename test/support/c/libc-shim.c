/* Stands before the C library (LD_PRELOAD) and lets it behave as a sandbox or emulator might: SHIM says how. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int shim_is(const char *name) {
  const char *shim = getenv("SHIM");
  return shim != NULL && strcmp(shim, name) == 0;
}

/* "pages-65536": pages of that size, where they are larger than the machine's own; else 0. */
static size_t shim_page(void) {
  static size_t page = 1;
  const char *shim = getenv("SHIM");
  if (page == 1) page = shim != NULL && strncmp(shim, "pages-", 6) == 0 ? strtoul(shim + 6, NULL, 10) : 0;
  return page;
}

static size_t whole_pages(size_t size) {
  const size_t page = shim_page();
  return (size + page - 1) / page * page;
}

int getpagesize(void) {
  int (*real)(void) = dlsym(RTLD_NEXT, "getpagesize");
  return shim_page() != 0 ? (int)shim_page() : real();
}

long sysconf(int name) {
  long (*real)(int) = dlsym(RTLD_NEXT, "sysconf");
  return name == _SC_PAGESIZE && shim_page() != 0 ? (long)shim_page() : real(name);
}

/* As a kernel with such pages: mappings begin at multiples of them, in memory and in files, and go on to the end of the last one. */
static void *map_pages(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap");
  const size_t page = shim_page();
  const size_t whole = whole_pages(size);
  if ((size_t)offset % page != 0 || ((flags & MAP_FIXED) != 0 && (size_t)address % page != 0)) {
    errno = EINVAL;
    return MAP_FAILED;
  }
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) return real(address, whole, protection, flags, fd, offset);
  /* Where there is room for a page more, of which what lies before and behind is given back. */
  unsigned char *room = real(address, whole + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return MAP_FAILED;
  int (*give_back)(void *, size_t) = dlsym(RTLD_NEXT, "munmap");
  const size_t before = whole_pages((size_t)room) - (size_t)room;
  void *mapped = real(room + before, whole, protection, flags | MAP_FIXED, fd, offset);
  const int reason = errno;
  if (mapped == MAP_FAILED) {
    give_back(room, whole + page);
  } else {
    if (before > 0) give_back(room, before);
    give_back(room + before + whole, page - before);
  }
  errno = reason;
  return mapped;
}

int munmap(void *address, size_t size) {
  int (*real)(void *, size_t) = dlsym(RTLD_NEXT, "munmap");
  if (shim_page() == 0) return real(address, size);
  if ((size_t)address % shim_page() == 0) return real(address, whole_pages(size));
  errno = EINVAL;
  return -1;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap");
  if (shim_page() != 0) return map_pages(address, size, protection, flags, fd, offset);
  if (fd >= 0 && (flags & MAP_SHARED) != 0) {
    const int fixed = (flags & MAP_FIXED) != 0;
    if (fixed ? shim_is("no-wasm") : shim_is("no-view")) {
      errno = ENOMEM;
      return MAP_FAILED;
    }
    if (shim_is("private")) flags = (flags & ~MAP_SHARED) | MAP_PRIVATE;
  }
  return real(address, size, protection, flags, fd, offset);
}

/* By this name Node itself calls it, for memory of its own and io_uring's: that has such pages too, and is as it should be otherwise. */
void *mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap64");
  if (shim_page() != 0) return map_pages(address, size, protection, flags, fd, offset);
  return real(address, size, protection, flags, fd, offset);
}

int fcntl(int fd, int command, ...) {
  int (*real)(int, int, ...) = dlsym(RTLD_NEXT, "fcntl");
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (command == F_ADD_SEALS && shim_is("no-seals")) return 0;
  if (command == F_OFD_SETLK || command == F_OFD_GETLK) {
    struct flock *lock = argument;
    if (shim_is("no-ranges")) {
      errno = EINVAL;
      return -1;
    }
    if (shim_is("shared-ranges") && command == F_OFD_SETLK) return 0;
    if (shim_is("shared-ranges") || shim_is("unseen-ranges")) {
      if (command == F_OFD_GETLK) lock->l_type = shim_is("unseen-ranges") ? F_UNLCK : F_WRLCK;
      if (command == F_OFD_GETLK) return 0;
    }
    /* Whoever had it first keeps it. */
    static int locked;
    if (shim_is("kept-ranges") && command == F_OFD_SETLK && locked++ > 0) {
      errno = EAGAIN;
      return -1;
    }
  }
  return real(fd, command, argument);
}

/* Calls that other systems of POSIX have not, but for the futex, in whose place they have something of their own. */
static int is_of_linux(long number) {
  const long futex_waitv = 449, io_uring_setup = 425, io_uring_enter = 426;
  return number == SYS_memfd_create || number == SYS_renameat2 || number == futex_waitv || number == io_uring_setup || number == io_uring_enter;
}

int linkat(int from, const char *old_name, int to, const char *new_name, int flags) {
  int (*real)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "linkat");
  if (shim_is("only-posix")) {
    errno = ENOSYS;
    return -1;
  }
  return real(from, old_name, to, new_name, flags);
}

long syscall(long number, ...) {
  long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i += 1) a[i] = va_arg(list, long);
  va_end(list);
  if (shim_is("only-posix") && is_of_linux(number)) {
    errno = ENOSYS;
    return -1;
  }
  /* FUTEX_WAIT and FUTEX_WAKE of words that processes share. */
  if (number == SYS_futex && a[1] <= 1) {
    if (shim_is("no-futex")) {
      errno = ENOSYS;
      return -1;
    }
    if (shim_is("deaf-futex") && a[1] == 1) return 0;
  }
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int statx(int directory, const char *path, int flags, unsigned mask, struct statx *status) {
  int (*real)(int, const char *, int, unsigned, struct statx *) = dlsym(RTLD_NEXT, "statx");
  if (shim_is("no-statx") || shim_is("only-posix")) {
    errno = ENOSYS;
    return -1;
  }
  return real(directory, path, flags, mask, status);
}
