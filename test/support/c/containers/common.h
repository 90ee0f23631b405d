/* What programs of this folder share: the region, and values that can be told whole from torn. */
#ifndef COMMON_H
#define COMMON_H
#include "floor.h"
#include "shm-region.h"

typedef shmgen_ring_Order_16 Orders;
typedef shmgen_queue_Order_4 Tasks;
typedef shmgen_slotPool_Order_3 Frames;
typedef shmgen_workQueue_Order_4 Work;
typedef shmgen_map_utf8_9_Sample_4 Samples;

static shm_region region;
static Floor *floor_data;
static shmgen_participant me;

/* Of results, as the peers in Node say it. */
static inline const char *result_name(int result) {
  switch (result) {
    case SHMGEN_OK: return "ok";
    case SHMGEN_E_BUSY: return "busy";
    case SHMGEN_E_TIMEOUT: return "timeout";
    case SHMGEN_E_ABANDONED: return "abandoned";
    case SHMGEN_E_OWNED: return "owned";
    case SHMGEN_E_NOT_OWNER: return "not-owner";
    case SHMGEN_E_FULL: return "full";
    case SHMGEN_E_EMPTY: return "empty";
    case SHMGEN_E_DAMAGED: return "damaged";
    case SHMGEN_E_NO_KEY: return "no-key";
    case SHMGEN_E_SYSCALL: return "syscall";
    case SHMGEN_E_STALE: return "stale";
    default: return "unknown";
  }
}

static inline int open_region(const char *name) {
  const shm_region_type type = SHM_REGION_TYPE(Floor);
  shm_region_options options;
  int result;
  memset(&options, 0, sizeof options);
  result = shm_region_open(&region, &type, name, &options);
  if (result == SHM_REGION_OK) floor_data = Floor_data(region.memory);
  return result;
}

static inline int join_region(void) {
  return Floor_join(&me, region.memory, region.fd);
}

static inline Sample sample_of(uint64_t value) {
  Sample sample;
  memset(&sample, 0, sizeof sample);
  for (size_t at = 0; at < 8; at += 1) sample.words[at] = value;
  sample.mark = (uint8_t)value;
  return sample;
}
static inline int is_whole(const Sample *sample) {
  for (size_t at = 1; at < 8; at += 1) {
    if (sample->words[at] != sample->words[0]) return 0;
  }
  return sample->mark == (uint8_t)sample->words[0];
}

static inline Order order_of(uint64_t id) {
  Order order;
  memset(&order, 0, sizeof order);
  order.id = id;
  order.price = (double)id / 2;
  order.mark = (uint32_t)id * 2654435761u;
  return order;
}
static inline int is_order(const Order *order, uint64_t id) {
  return order->id == id && order->price * 2 <= (double)id && order->price * 2 >= (double)id && order->mark == (uint32_t)id * 2654435761u;
}
#endif
