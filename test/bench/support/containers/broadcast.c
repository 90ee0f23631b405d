/*
 * A broadcast in C, by the header that broadcast.group.mjs generates: `broadcast read|publish READERS` prints the ns of an element that each reader
 * reads beside a writer at full speed, or of one that is published beside such readers. The region is a file in SHMGEN_DIR.
 */
#define _GNU_SOURCE
#include <sys/wait.h>
#include "feed.h"
#include "shm-region.h"

enum { COUNT = 3000000, WARM_UP = COUNT / 10 };

static shm_region region;
static Feed *feed;
static shmgen_participant me;

#define MUST(condition)                                       \
  do {                                                        \
    if (!(condition)) {                                       \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                \
    }                                                         \
  } while (0)

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Until it has had so many, or has to stop. Adds its ns to those of the others. */
static void read_all(void) {
  shmgen_broadcast_reader reader;
  Tick tick;
  double begun = 0;
  unsigned long read = 0;
  MUST(shmgen_broadcast_Tick_8192_reader_newest(&feed->ticks, &reader) == SHMGEN_OK);
  __atomic_fetch_add(&feed->ready, 1, __ATOMIC_SEQ_CST);
  while (read < WARM_UP + COUNT && __atomic_load_n(&feed->stop, __ATOMIC_RELAXED) == 0) {
    if (shmgen_broadcast_Tick_8192_read(&feed->ticks, &reader, &tick) == SHMGEN_OK) {
      MUST(tick.id == (uint32_t)(reader.position - 1));
      read += 1;
      if (read == WARM_UP) begun = now_ns();
    } else {
      const int result = shmgen_broadcast_Tick_8192_wait(&feed->ticks, &reader, 100);
      MUST(result == SHMGEN_OK || result == SHMGEN_E_TIMEOUT);
    }
  }
  __atomic_fetch_add(&feed->sum, (uint64_t)((now_ns() - begun) / COUNT * 1000), __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&feed->done, 1, __ATOMIC_SEQ_CST);
}

int main(int count, char **arguments) {
  const shm_region_type type = SHM_REGION_TYPE(Feed);
  shm_region_options options;
  shmgen_broadcast_writer writer;
  Tick tick = {0, 1, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5};
  char name[32];
  unsigned readers;
  int reads;
  double begun = 0;
  MUST(count == 3);
  reads = strcmp(arguments[1], "read") == 0;
  readers = (unsigned)atoi(arguments[2]);
  memset(&options, 0, sizeof options);
  (void)snprintf(name, sizeof name, "feed-%d", getpid());
  MUST(shm_region_open(&region, &type, name, &options) == SHM_REGION_OK);
  feed = Feed_data(region.memory);
  for (unsigned at = 0; at < readers; at += 1) {
    if (fork() == 0) {
      read_all();
      _exit(0);
    }
  }
  MUST(Feed_join(&me, region.memory, region.fd) == SHMGEN_OK);
  MUST(shmgen_broadcast_Tick_8192_writer(&feed->ticks, &me, &writer) == SHMGEN_OK);
  while (__atomic_load_n(&feed->ready, __ATOMIC_SEQ_CST) < readers) sched_yield();
  for (unsigned long at = 0; reads || at < WARM_UP + COUNT; at += 1) {
    if (at == WARM_UP) begun = now_ns();
    tick.id = (uint32_t)at;
    MUST(shmgen_broadcast_Tick_8192_publish(&feed->ticks, &writer, &tick) == SHMGEN_OK);
    if (reads && at % 1024 == 0 && __atomic_load_n(&feed->done, __ATOMIC_SEQ_CST) == readers) break;
  }
  if (!reads) {
    printf("%.2f\n", (now_ns() - begun) / COUNT);
    __atomic_store_n(&feed->stop, 1, __ATOMIC_SEQ_CST);
  }
  while (waitpid(-1, NULL, 0) > 0) {
  }
  MUST(feed->done == readers);
  if (reads) printf("%.2f\n", (double)feed->sum / 1000 / readers);
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
