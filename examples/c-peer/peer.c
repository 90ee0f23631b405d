/*
 * A C program as a full peer of Node processes: it makes the region or joins it, and the last to leave removes it.
 *
 *   gcc -std=c11 -O2 -I ../../generator/c-runtime -o peer peer.c && ./peer car-7 [SECONDS]
 *
 * The region lives in $SHMGEN_DIR, else in /dev/shm/shmgen-<euid>, on Windows in %LOCALAPPDATA%\shmgen. Without SECONDS it stays until it is killed.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef _WIN32
#include <unistd.h>
#endif

#include "../telemetry/generated/telemetry.h"
#include "shm-region.h"

/* Runs when there was no region, or only what the dead had left; before anybody else sees it. */
static int first_values(void *payload, void *context) {
  Telemetry *car = payload;
  (void)context;
  Telemetry_gear_store(car, Gear_Park);
  strcpy(car->driver, "nobody");
  return 0;
}

static void stay(const char *seconds) {
#ifdef _WIN32
  Sleep(seconds == NULL ? INFINITE : (DWORD)atoi(seconds) * 1000);
#else
  if (seconds == NULL) pause();
  else sleep((unsigned)atoi(seconds));
#endif
}

int main(int argc, char **argv) {
  static const char *const outcomes[] = {"opened", "created", "reinitialised"};
  const shm_region_type type = SHM_REGION_TYPE(Telemetry);
  const shm_region_options options = {.mode = SHM_REGION_CREATE_OR_OPEN, .initialise = first_values};
  shm_region region;
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: peer NAME [SECONDS]\n");
    return 2;
  }
  const int result = shm_region_open(&region, &type, argv[1], &options);
  if (result != SHM_REGION_OK) {
    const char *place = region.directory;
    fprintf(stderr, "%s: %s error=%d: %s %s\n", shm_region_code(result), region.what, region.system_errno, place, argv[1]);
    return 1;
  }
  Telemetry *car = Telemetry_data(region.memory);
  printf("%s, generation %u, driver %s\n", outcomes[region.outcome], (unsigned)region.generation, car->driver);
  for (int n = 0; n < 1000; n += 1) Telemetry_samples_add(car, 1);
  printf("added 1000 samples, now %llu\n", (unsigned long long)Telemetry_samples_load(car));
  fflush(stdout);
  stay(argc == 2 ? NULL : argv[2]);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
