/*
 * Accounts for orders until a last one, as consumer.ts does. Goes on where the one before was killed.
 *
 *   gcc -std=c11 -O2 -I ../../generator/c-runtime -o consumer consumer.c && ./consumer REGION LAST
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "generated/floor.h"
#include "shm-region.h"

static uint32_t check_of(const Order *order) {
  return (uint32_t)order->id * 31u + order->amount;
}

int main(int argc, char **argv) {
  const shm_region_type type = SHM_REGION_TYPE(Floor);
  const shm_region_options options = {.mode = SHM_REGION_OPEN};
  shm_region region;
  shmgen_participant self;
  shmgen_ring_consumer orders;
  if (argc != 3) {
    fprintf(stderr, "usage: consumer REGION LAST\n");
    return 2;
  }
  const uint64_t last = strtoull(argv[2], NULL, 10);
  const int opened = shm_region_open(&region, &type, argv[1], &options);
  if (opened != SHM_REGION_OK) {
    fprintf(stderr, "%s: %s %s\n", shm_region_code(opened), region.what, argv[1]);
    return 1;
  }
  Floor *floor = Floor_data(region.memory);
  Tally *tally = &floor->c;
  int result = Floor_join(&self, region.memory, region.fd);
  if (result == SHMGEN_OK) result = shmgen_ring_Order_1024_consumer(&floor->toC, &self, &orders);
  if (result != SHMGEN_OK) {
    fprintf(stderr, "cannot become the consumer: %s\n", shmgen_container_text(result));
    return 1;
  }
  printf("C consumer: goes on after order %" PRIu64 "\n", Tally_last_load(tally));
  fflush(stdout);
  while (Tally_last_load(tally) < last) {
    result = shmgen_ring_Order_1024_wait(&floor->toC, &orders, 10000);
    if (result != SHMGEN_OK) break;
    const Order *order = shmgen_ring_Order_1024_peek(&floor->toC, &orders, 0);
    const uint64_t done = Tally_last_load(tally);
    if (order->check != check_of(order) || order->id > done + 1) Tally_wrong_add(tally, 1);
    else if (order->id <= done) Tally_again_add(tally, 1);
    else Tally_last_store(tally, order->id);
    /* Only now: if we are killed before, our successor gets it again. */
    shmgen_ring_Order_1024_release(&floor->toC, &orders, 1);
  }
  printf("C consumer: %s\n", result == SHMGEN_OK ? "done" : shmgen_container_text(result));
  shmgen_ring_Order_1024_consumer_close(&floor->toC, &orders);
  shmgen_participant_leave(&self);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return result == SHMGEN_OK ? 0 : 1;
}
