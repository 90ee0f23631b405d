/*
 * A C program that takes part in the region of a Node process: peer PATH, e.g. peer /dev/shm/shmgen-1000/car-7
 *
 * gcc -std=c11 -O2 -o peer peer.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generated/telemetry.h"

static void check(int ok, const char *what, const char *path) {
  if (ok) return;
  fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
  exit(1);
}

/* Whoever holds the shared lock is alive; every change of lock happens under the lifecycle lock of the directory. */
static int open_region(const char *path) {
  char *copy = strdup(path);
  check(copy != NULL, "copy", path);
  int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  check(directory >= 0, "open the directory of", path);
  check(flock(directory, LOCK_EX) == 0, "lock the directory of", path);
  int file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  check(file >= 0, "open", path);
  if (flock(file, LOCK_EX | LOCK_NB) == 0) {
    fprintf(stderr, "%s: nobody has this region open; it is a left-over\n", path);
    exit(1);
  }
  check(flock(file, LOCK_SH | LOCK_NB) == 0, "share the lock of", path);
  close(directory); /* releases the lifecycle lock */
  free(copy);
  return file;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: peer PATH\n");
    return 2;
  }
  struct stat status;
  int file = open_region(argv[1]);
  check(fstat(file, &status) == 0, "stat", argv[1]);
  size_t size = (size_t)status.st_size;
  void *region = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  check(region != MAP_FAILED, "map", argv[1]);
  int result = Telemetry_validate(region, size);
  if (result != SHMGEN_OK) {
    fprintf(stderr, "%s: %s\n", argv[1], shmgen_result_text(result));
    return 1;
  }

  Telemetry *car = Telemetry_data(region);
  printf("attached, version %u, driver %s\n", (unsigned)Telemetry_VERSION, car->driver);
  for (int n = 0; n < 1000; n += 1) Telemetry_samples_add(car, 1);
  printf("added 1000 samples, now %llu\n", (unsigned long long)Telemetry_samples_load(car));
  fflush(stdout);
  pause(); /* keeps the region open until it is killed */
  return 0;
}
