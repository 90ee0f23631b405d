/*
 * Publishes ticks until a last one, 50 in a millisecond, and waits for no reader. Goes on where the one before was killed.
 *
 *   gcc -std=c11 -O2 -I ../../generator/c-runtime -o feed feed.c && ./feed REGION LAST
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "generated/feed.h"
#include "shm-region.h"

static Tick tick_of(uint64_t number) {
  Tick tick;
  memset(&tick, 0, sizeof tick);
  tick.number = number;
  (void)strcpy(tick.symbol, number % 2 == 0 ? "EVEN" : "ODD");
  tick.price = (double)number / 4;
  tick.size = (uint32_t)(number % 100);
  tick.check = (uint32_t)number * 31u + tick.size;
  return tick;
}

int main(int argc, char **argv) {
  const shm_region_type type = SHM_REGION_TYPE(Feed);
  const shm_region_options options = {.mode = SHM_REGION_OPEN};
  const struct timespec pause = {0, 1000000};
  shm_region region;
  shmgen_participant self;
  shmgen_broadcast_writer writer;
  if (argc != 3) {
    fprintf(stderr, "usage: feed REGION LAST\n");
    return 2;
  }
  const uint64_t last = strtoull(argv[2], NULL, 10);
  const int opened = shm_region_open(&region, &type, argv[1], &options);
  if (opened != SHM_REGION_OK) {
    fprintf(stderr, "%s: %s %s\n", shm_region_code(opened), region.what, argv[1]);
    return 1;
  }
  Feed *feed = Feed_data(region.memory);
  int result = Feed_join(&self, region.memory, region.fd);
  if (result == SHMGEN_OK) result = shmgen_broadcast_Tick_4096_writer(&feed->ticks, &self, &writer);
  if (result != SHMGEN_OK) {
    fprintf(stderr, "cannot become the writer: %s\n", shmgen_container_text(result));
    return 1;
  }
  printf("feed: goes on after tick %" PRIu64 "\n", writer.next);
  fflush(stdout);
  while (writer.next < last) {
    const Tick tick = tick_of(writer.next + 1);
    (void)shmgen_broadcast_Tick_4096_publish(&feed->ticks, &writer, &tick);
    if (writer.next % 50 == 0) (void)nanosleep(&pause, NULL);
  }
  printf("feed: done\n");
  (void)shmgen_broadcast_Tick_4096_writer_close(&feed->ticks, &writer);
  shmgen_participant_leave(&self);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
