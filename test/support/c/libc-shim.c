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

static int shim_is(const char *name) {
  const char *shim = getenv("SHIM");
  return shim != NULL && strcmp(shim, name) == 0;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap");
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

long syscall(long number, ...) {
  long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i += 1) a[i] = va_arg(list, long);
  va_end(list);
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
  if (shim_is("no-statx")) {
    errno = ENOSYS;
    return -1;
  }
  return real(directory, path, flags, mask, status);
}
