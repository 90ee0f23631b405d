/* Counters in C, by the header that counters.group.mjs generates: `counters WORK` prints the ns of one operation. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include "stats.h"
#include "shm-region.h"

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int count, char **arguments) {
  const shm_region_type type = SHM_REGION_TYPE(Stats);
  const int times = 1000000;
  shm_region region;
  shm_region_options options;
  shmgen_participant me;
  shmgen_series series;
  char name[64];
  double best = 1e18;
  const int observes = count == 2 && strcmp(arguments[1], "observe") == 0;
  memset(&options, 0, sizeof options);
  snprintf(name, sizeof name, "bench-counters-%d", (int)getpid());
  if (count != 2 || shm_region_open(&region, &type, name, &options) != SHM_REGION_OK) return 1;
  if (Stats_join(&me, region.memory, region.fd) != SHMGEN_OK) return 1;
  if (shmgen_counters_64_series(&Stats_data(region.memory)->stats, &me, observes ? SHMGEN_HISTOGRAM : SHMGEN_COUNTER, "total", NULL, &series) != SHMGEN_OK) {
    return 1;
  }
  for (int batch = 0; batch < 20; batch += 1) {
    const double begun = now_ns();
    double ns;
    if (observes) {
      for (int at = 0; at < times; at += 1) shmgen_series_observe(series, (at & 1023) * 0.001);
    } else {
      for (int at = 0; at < times; at += 1) shmgen_series_add(series, 1);
    }
    ns = (now_ns() - begun) / times;
    if (ns < best) best = ns;
  }
  printf("%.3f\n", best);
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
