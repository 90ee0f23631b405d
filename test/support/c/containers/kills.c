/*
 * SIGKILL at every instruction: a child does one operation of a container step by step (PTRACE_SINGLESTEP) and is killed after the
 * first, the second ... instruction of it, until it ends by itself. After each kill this process recovers what the dead had and checks
 * what has to hold. Prints the number of kills, or what was wrong.
 *
 *   kills REGION OPERATION STRIDE+FROM    all of it from one instruction on, checked here
 *   kills REGION OPERATION first STEPS    one death after so many instructions, for others to check: "killed", or "ended"
 *
 * `first`: what the container has to have before.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include "common.h"

static shmgen_participant checker;
static shmgen_ring_producer producer;
static shmgen_ring_consumer consumer;
static shmgen_broadcast_writer writer;
static shmgen_broadcast_reader reader; /* that has read everything so far */
static uint64_t expected; /* what the operation's container has to have before the next one */
static uint32_t lives;    /* numbers that were taken before the child */

#define FAIL(...)                 \
  do {                            \
    printf(__VA_ARGS__);          \
    printf("\n");                 \
    exit(1);                      \
  } while (0)
#define CHECK(condition) \
  do {                   \
    if (!(condition)) FAIL("after %lu instructions: %s", steps, #condition); \
  } while (0)

/* ---- Operations; `prepare` is what the child does before it is stepped. ---- */

static void no_prepare(void) {}

static void lock_and_count(void) {
  if (shmgen_mutex_lock(&floor_data->door, &me, 0) != SHMGEN_OK) _exit(9);
  floor_data->count += 1;
  if (shmgen_mutex_unlock(&floor_data->door, &me) != SHMGEN_OK) _exit(9);
}
static void check_lock(unsigned long steps, pid_t pid) {
  int result = shmgen_mutex_lock(&floor_data->door, &checker, 0);
  if (result == SHMGEN_E_ABANDONED) {
    CHECK(shmgen_mutex_abandoned_by(&floor_data->door) == (uint32_t)pid);
    result = shmgen_mutex_take_abandoned(&floor_data->door, &checker);
  }
  CHECK(result == SHMGEN_OK);
  CHECK(floor_data->count == expected || floor_data->count == expected + 1);
  expected = floor_data->count;
  CHECK(shmgen_mutex_unlock(&floor_data->door, &checker) == SHMGEN_OK);
}

static void write_sample(void) {
  const Sample sample = sample_of(expected + 1);
  if (shmgen_seqlock_Sample_write(&floor_data->sample, &me, &sample, 0) != SHMGEN_OK) _exit(9);
}
static void check_sample(unsigned long steps, pid_t pid) {
  Sample sample;
  (void)pid;
  CHECK(shmgen_seqlock_Sample_read(&floor_data->sample, &sample) == SHMGEN_OK);
  CHECK(is_whole(&sample));
  CHECK(sample.words[0] == expected || sample.words[0] == expected + 1);
  expected = sample.words[0];
  CHECK(shmgen_seqlock_Sample_begin(&floor_data->sample, &checker, &sample, 0) == SHMGEN_OK);
  CHECK(shmgen_seqlock_Sample_cancel(&floor_data->sample, &checker) == SHMGEN_OK);
}

static void produce_and_push(void) {
  const Order order = order_of(expected);
  if (shmgen_ring_Order_16_producer(&floor_data->orders, &me, &producer) != SHMGEN_OK) _exit(9);
  if (shmgen_ring_Order_16_push(&floor_data->orders, &producer, &order) != SHMGEN_OK) _exit(9);
  if (shmgen_ring_Order_16_producer_close(&floor_data->orders, &producer) != SHMGEN_OK) _exit(9);
}
static void check_push(unsigned long steps, pid_t pid) {
  Order order;
  int result;
  (void)pid;
  CHECK(shmgen_ring_Order_16_producer(&floor_data->orders, &checker, &producer) == SHMGEN_OK);
  CHECK(shmgen_ring_Order_16_producer_close(&floor_data->orders, &producer) == SHMGEN_OK);
  CHECK(shmgen_ring_Order_16_consumer(&floor_data->orders, &checker, &consumer) == SHMGEN_OK);
  result = shmgen_ring_Order_16_pop(&floor_data->orders, &consumer, &order);
  CHECK(result == SHMGEN_E_EMPTY || (result == SHMGEN_OK && is_order(&order, expected)));
  if (result == SHMGEN_OK) expected += 1;
  CHECK(shmgen_ring_Order_16_pop(&floor_data->orders, &consumer, &order) == SHMGEN_E_EMPTY);
  CHECK(shmgen_ring_Order_16_consumer_close(&floor_data->orders, &consumer) == SHMGEN_OK);
}

static void consume_and_pop(void) {
  Order order;
  if (shmgen_ring_Order_16_consumer(&floor_data->orders, &me, &consumer) != SHMGEN_OK) _exit(9);
  if (shmgen_ring_Order_16_pop(&floor_data->orders, &consumer, &order) != SHMGEN_OK || !is_order(&order, expected)) _exit(9);
  if (shmgen_ring_Order_16_consumer_close(&floor_data->orders, &consumer) != SHMGEN_OK) _exit(9);
}
/* So that there is something to pop. */
static void fill(unsigned long steps) {
  CHECK(shmgen_ring_Order_16_producer(&floor_data->orders, &checker, &producer) == SHMGEN_OK);
  while (producer.tail < (uint32_t)expected + 4u) {
    const Order order = order_of(producer.tail);
    CHECK(shmgen_ring_Order_16_push(&floor_data->orders, &producer, &order) == SHMGEN_OK);
  }
  CHECK(shmgen_ring_Order_16_producer_close(&floor_data->orders, &producer) == SHMGEN_OK);
}
static void check_pop(unsigned long steps, pid_t pid) {
  (void)pid;
  CHECK(shmgen_ring_Order_16_consumer(&floor_data->orders, &checker, &consumer) == SHMGEN_OK);
  {
    const Order *next = shmgen_ring_Order_16_peek(&floor_data->orders, &consumer, 0);
    CHECK(next != NULL && (is_order(next, expected) || is_order(next, expected + 1)));
    expected = next->id;
  }
  CHECK(shmgen_ring_Order_16_consumer_close(&floor_data->orders, &consumer) == SHMGEN_OK);
  fill(steps);
}

static void write_and_publish(void) {
  const Sample sample = sample_of(expected);
  if (shmgen_broadcast_Sample_16_writer(&floor_data->ticks, &me, &writer) != SHMGEN_OK) _exit(9);
  if (shmgen_broadcast_Sample_16_publish(&floor_data->ticks, &writer, &sample) != SHMGEN_OK) _exit(9);
  if (shmgen_broadcast_Sample_16_writer_close(&floor_data->ticks, &writer) != SHMGEN_OK) _exit(9);
}
static void publish_one(unsigned long steps) {
  const Sample sample = sample_of(expected);
  CHECK(shmgen_broadcast_Sample_16_writer(&floor_data->ticks, &checker, &writer) == SHMGEN_OK);
  CHECK(writer.next == expected);
  CHECK(shmgen_broadcast_Sample_16_publish(&floor_data->ticks, &writer, &sample) == SHMGEN_OK);
  CHECK(shmgen_broadcast_Sample_16_writer_close(&floor_data->ticks, &writer) == SHMGEN_OK);
}
/* More than a lap, so that each slot has an older element. */
static void fill_broadcast(void) {
  for (; expected < 20; expected += 1) publish_one(0);
  if (shmgen_broadcast_Sample_16_reader_newest(&floor_data->ticks, &reader) != SHMGEN_OK) FAIL("no reader");
}
static void check_publish(unsigned long steps, pid_t pid) {
  shmgen_broadcast_reader oldest;
  Sample sample;
  const uint64_t published = shmgen_broadcast_Sample_16_published(&floor_data->ticks);
  uint64_t read = 0;
  (void)pid;
  CHECK(published == expected || published == expected + 1);
  CHECK(shmgen_broadcast_Sample_16_reader_oldest(&floor_data->ticks, &oldest) == SHMGEN_OK);
  for (; shmgen_broadcast_Sample_16_read(&floor_data->ticks, &oldest, &sample) == SHMGEN_OK; read += 1) {
    CHECK(is_whole(&sample));
    CHECK(sample.words[0] == oldest.position - 1);
  }
  /* One at most was being overwritten, and it is said. */
  CHECK(read + oldest.missed_in_all == 16);
  CHECK(oldest.missed_in_all <= (published == expected ? 1u : 0u));
  expected = published;
  publish_one(steps);
  expected += 1;
  while (reader.position < expected) {
    CHECK(shmgen_broadcast_Sample_16_read(&floor_data->ticks, &reader, &sample) == SHMGEN_OK);
    CHECK(is_whole(&sample));
    CHECK(sample.words[0] == reader.position - 1);
  }
  CHECK(reader.missed_in_all == 0);
}

static Samples *samples_of(void) {
  return &floor_data->samples;
}
static void set_sample(void) {
  const Sample sample = sample_of(expected + 1);
  const shmgen_map_options options = {0, 1};
  if (shmgen_map_utf8_9_Sample_4_set(samples_of(), &me, "turns", &sample, &options, 0) != SHMGEN_OK) _exit(9);
}
static void drop_sample(void) {
  if (shmgen_map_utf8_9_Sample_4_delete(samples_of(), &me, "turns", 0) != SHMGEN_OK) _exit(9);
}
static void add_sample(void) {
  const Sample sample = sample_of(expected);
  const shmgen_map_options options = {0, 1};
  if (shmgen_map_utf8_9_Sample_4_set(samples_of(), &me, "another", &sample, &options, 0) != SHMGEN_OK) _exit(9);
}
/* All there is room for, and the one to replace with. `turns` is there, the newest; others are there as well. */
static void fill_samples(unsigned long steps) {
  static const char *const others[] = {"one", "two", "three"};
  const Sample sample = sample_of(expected);
  CHECK(shmgen_map_utf8_9_Sample_4_clear(samples_of(), &checker, 0) == SHMGEN_OK);
  for (int turn = 0; turn < 2; turn += 1) {
    for (int at = 0; at < 3; at += 1) {
      CHECK(shmgen_map_utf8_9_Sample_4_set(samples_of(), &checker, others[at], &sample, NULL, 0) == SHMGEN_OK);
    }
    CHECK(shmgen_map_utf8_9_Sample_4_set(samples_of(), &checker, "turns", &sample, NULL, 0) == SHMGEN_OK);
  }
  CHECK(shmgen_map_utf8_9_Sample_4_set(samples_of(), &checker, "fifth", &sample, NULL, 0) == SHMGEN_E_FULL);
  CHECK(shmgen_map_utf8_9_Sample_4_size(samples_of()) == 4);
}
/* What was there before, or after; and none of the entries is lost. */
static void check_samples(unsigned long steps, pid_t pid) {
  static const char *const keys[] = {"one", "two", "three", "turns", "another"};
  const Sample next = sample_of(expected + 1);
  const shmgen_map_options options = {0, 1};
  unsigned found = 0;
  uint32_t there = 0;
  (void)pid;
  for (int at = 0; at < 5; at += 1) {
    Sample sample;
    const int result = shmgen_map_utf8_9_Sample_4_get(samples_of(), keys[at], &sample);
    CHECK(result == SHMGEN_OK || result == SHMGEN_E_EMPTY);
    if (result != SHMGEN_OK) continue;
    CHECK(is_whole(&sample));
    CHECK(sample.words[0] == expected || (at == 3 && sample.words[0] == expected + 1));
    found |= 1u << at;
  }
  /* The oldest one goes where one is added, and `turns` where it is removed. */
  CHECK((found & 6u) == 6u);
  CHECK((found & 8u) != 0 || found == 7u);
  CHECK((found & 1u) != 0 || found == 14u || found == 30u);
  /* Whoever comes next makes the lists anew before. */
  CHECK(shmgen_map_utf8_9_Sample_4_set(samples_of(), &checker, "turns", &next, &options, 0) == SHMGEN_OK);
  for (int at = 0; at < 5; at += 1) there += shmgen_map_utf8_9_Sample_4_get(samples_of(), keys[at], NULL) == SHMGEN_OK;
  CHECK(shmgen_map_utf8_9_Sample_4_size(samples_of()) == there);
  fill_samples(steps);
}

static shmgen_counters_3 *stats_of(void) {
  return &floor_data->stats;
}
/* Counts in a series that is kept, and has another one for a while. */
static void count_series(void) {
  shmgen_series turns;
  shmgen_series passing;
  if (shmgen_counters_3_series(stats_of(), &me, SHMGEN_COUNTER, "turns{of=\"c\"}", "Turns so far", &turns) != SHMGEN_OK) _exit(9);
  shmgen_series_add(turns, 1);
  if (shmgen_counters_3_series(stats_of(), &me, SHMGEN_GAUGE, "passing", NULL, &passing) != SHMGEN_OK) _exit(9);
  shmgen_series_set(passing, 7);
  if (shmgen_counters_3_remove(stats_of(), &me, passing) != SHMGEN_OK) _exit(9);
}
/* The kept one has what it had or one more, the other one has gone, and no place is lost. */
static void check_series(unsigned long steps, pid_t pid) {
  static const char *const names[] = {"x", "y", "z", "more"};
  shmgen_series series[4];
  int kept = 0;
  int made = 0;
  (void)pid;
  for (int at = 0; at < 3; at += 1) {
    const uint32_t state = stats_of()->entries[at].state;
    if (state == 0) continue;
    kept += 1;
    CHECK(state == SHMGEN_LENT);
    CHECK(strcmp(stats_of()->entries[at].key, "turns{of=\"c\"}") == 0);
    CHECK(strcmp(stats_of()->entries[at].help, "Turns so far") == 0);
    CHECK(stats_of()->entries[at].value >= (double)expected && stats_of()->entries[at].value <= (double)(expected + 1));
    expected = (uint64_t)stats_of()->entries[at].value;
  }
  CHECK(kept == 1 || (kept == 0 && expected == 0));
  while (made < 4 && shmgen_counters_3_series(stats_of(), &checker, SHMGEN_HISTOGRAM, names[made], NULL, &series[made]) == SHMGEN_OK) made += 1;
  CHECK(made == 3 - kept);
  for (int at = 0; at < made; at += 1) {
    for (int bucket = 0; bucket < SHMGEN_HISTOGRAM_BUCKETS; bucket += 1) CHECK(series[at].buckets[bucket] <= 0);
    shmgen_series_observe(series[at], 2.0 + at);
    CHECK(shmgen_series_value(series[at]) >= 2.0 + at && shmgen_series_value(series[at]) <= 2.0 + at);
    CHECK(shmgen_counters_3_remove(stats_of(), &checker, series[at]) == SHMGEN_OK);
  }
}

static void acquire_and_release(void) {
  uint32_t permit = 0;
  if (shmgen_semaphore_2_acquire(&floor_data->seats, &me, &permit, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_semaphore_2_release(&floor_data->seats, &me, permit) != SHMGEN_OK) _exit(9);
}
static void check_seats(unsigned long steps, pid_t pid) {
  uint32_t permits[2];
  (void)pid;
  for (int at = 0; at < 2; at += 1) CHECK(shmgen_semaphore_2_acquire(&floor_data->seats, &checker, &permits[at], 0) == SHMGEN_OK);
  for (int at = 0; at < 2; at += 1) CHECK(shmgen_semaphore_2_release(&floor_data->seats, &checker, permits[at]) == SHMGEN_OK);
}

static void push_task(void) {
  const Order order = order_of(expected);
  if (shmgen_queue_Order_4_push(&floor_data->tasks, &me, &order) != SHMGEN_OK) _exit(9);
}
static void check_tasks(unsigned long steps, pid_t pid) {
  Order order;
  const int result = shmgen_queue_Order_4_pop(&floor_data->tasks, &checker, &order);
  (void)pid;
  CHECK(result == SHMGEN_E_EMPTY || (result == SHMGEN_OK && is_order(&order, expected)));
  CHECK(shmgen_queue_Order_4_pop(&floor_data->tasks, &checker, &order) == SHMGEN_E_EMPTY);
  if (result == SHMGEN_OK) expected += 1;
}
static void prepare_tasks(unsigned long steps) {
  for (uint64_t id = expected; id < expected + 3; id += 1) {
    const Order order = order_of(id);
    CHECK(shmgen_queue_Order_4_push(&floor_data->tasks, &checker, &order) == SHMGEN_OK);
  }
}
static void pop_task(void) {
  Order order;
  if (shmgen_queue_Order_4_pop(&floor_data->tasks, &me, &order) != SHMGEN_OK) _exit(9);
  if (!is_order(&order, expected)) _exit(9);
}
static void check_popped(unsigned long steps, pid_t pid) {
  Order order;
  uint64_t last = expected + 2;
  uint32_t left = 0;
  (void)pid;
  while (shmgen_queue_Order_4_pop(&floor_data->tasks, &checker, &order) == SHMGEN_OK) {
    left += 1;
    CHECK(is_order(&order, order.id) && order.id <= last);
    if (order.id == last) break;
  }
  CHECK(left == 2 || left == 3);
  CHECK(shmgen_queue_Order_4_pop(&floor_data->tasks, &checker, &order) == SHMGEN_E_EMPTY);
  expected = last + 1;
  prepare_tasks(steps);
}

static void alloc_and_free(void) {
  uint64_t handle = 0;
  if (shmgen_slotPool_Order_3_alloc(&floor_data->frames, &me, &handle) != SHMGEN_OK) _exit(9);
  if (shmgen_slotPool_Order_3_free(&floor_data->frames, &me, handle) != SHMGEN_OK) _exit(9);
}
static void check_frames(unsigned long steps, pid_t pid) {
  uint64_t handles[4];
  (void)pid;
  for (int at = 0; at < 3; at += 1) CHECK(shmgen_slotPool_Order_3_alloc(&floor_data->frames, &checker, &handles[at]) == SHMGEN_OK);
  CHECK((uint32_t)handles[0] != (uint32_t)handles[1] && (uint32_t)handles[1] != (uint32_t)handles[2] && (uint32_t)handles[0] != (uint32_t)handles[2]);
  CHECK(shmgen_slotPool_Order_3_alloc(&floor_data->frames, &checker, &handles[3]) == SHMGEN_E_EMPTY);
  for (int at = 0; at < 3; at += 1) CHECK(shmgen_slotPool_Order_3_free(&floor_data->frames, &checker, handles[at]) == SHMGEN_OK);
  CHECK(shmgen_slotPool_Order_3_free(&floor_data->frames, &checker, handles[0]) == SHMGEN_E_STALE);
}

static void work_once(void) {
  const Order order = order_of(expected);
  shmgen_job job;
  Order *data = NULL;
  if (shmgen_workQueue_Order_4_push(&floor_data->work, &me, &order) != SHMGEN_OK) _exit(9);
  if (shmgen_workQueue_Order_4_lease(&floor_data->work, &me, &job, &data) != SHMGEN_OK) _exit(9);
  if (!is_order(data, expected)) _exit(9);
  if (shmgen_workQueue_Order_4_retry(&floor_data->work, &me, &job) != SHMGEN_OK) _exit(9);
  if (shmgen_workQueue_Order_4_lease(&floor_data->work, &me, &job, &data) != SHMGEN_OK || job.attempts != 2) _exit(9);
  if (shmgen_workQueue_Order_4_done(&floor_data->work, &me, &job) != SHMGEN_OK) _exit(9);
}
/* The job is there, whole, or was not pushed, or is done; then all slots are there. */
static void check_work(unsigned long steps, pid_t pid) {
  shmgen_job job;
  Order *data = NULL;
  const int result = shmgen_workQueue_Order_4_lease(&floor_data->work, &checker, &job, &data);
  (void)pid;
  CHECK(result == SHMGEN_E_EMPTY || (result == SHMGEN_OK && is_order(data, expected) && job.attempts >= 1 && job.attempts <= 3));
  if (result == SHMGEN_OK) CHECK(shmgen_workQueue_Order_4_done(&floor_data->work, &checker, &job) == SHMGEN_OK);
  expected += 1;
  for (uint64_t id = 0; id < 5; id += 1) {
    const Order order = order_of(id);
    const int pushed = shmgen_workQueue_Order_4_push(&floor_data->work, &checker, &order);
    CHECK(id < 4 ? pushed == SHMGEN_OK : pushed == SHMGEN_E_FULL);
  }
  for (uint64_t id = 0; id < 4; id += 1) {
    CHECK(shmgen_workQueue_Order_4_lease(&floor_data->work, &checker, &job, &data) == SHMGEN_OK && is_order(data, id));
    CHECK(shmgen_workQueue_Order_4_done(&floor_data->work, &checker, &job) == SHMGEN_OK);
  }
}

/* Pieces in 192 bytes, most of 100: they go round the end, from where others have ended. */
static shmgen_bip_producer bytes_in;
static shmgen_bip_consumer bytes_out;
static uint32_t piece_size(uint64_t at) {
  return at == 77 ? 40 : 100;
}
static void put_piece(shmgen_participant *who, uint64_t at) {
  unsigned char piece[100];
  memset(piece, (int)(at & 0xffu), sizeof piece);
  if (shmgen_bipBuffer_192_producer(&floor_data->bytes, who, &bytes_in) != SHMGEN_OK) _exit(9);
  if (shmgen_bipBuffer_192_push(&floor_data->bytes, &bytes_in, piece, piece_size(at)) != SHMGEN_OK) _exit(9);
  if (shmgen_bipBuffer_192_producer_close(&floor_data->bytes, &bytes_in) != SHMGEN_OK) _exit(9);
}
/* 1: the piece of `at`, 0: nothing, -1: something else. */
static int get_piece(shmgen_participant *who, uint64_t at) {
  uint32_t size = 0;
  const unsigned char *shown;
  int found = 0;
  if (shmgen_bipBuffer_192_consumer(&floor_data->bytes, who, &bytes_out) != SHMGEN_OK) return -1;
  shown = shmgen_bipBuffer_192_peek(&floor_data->bytes, &bytes_out, &size);
  if (shown != NULL) {
    found = size == piece_size(at) ? 1 : -1;
    for (uint32_t index = 0; index < size; index += 1) {
      if (shown[index] != (unsigned char)at) found = -1;
    }
    if (shmgen_bipBuffer_192_release(&floor_data->bytes, &bytes_out, size) != SHMGEN_OK) return -1;
    if (shmgen_bipBuffer_192_peek(&floor_data->bytes, &bytes_out, &size) != NULL) return -1;
  }
  return shmgen_bipBuffer_192_consumer_close(&floor_data->bytes, &bytes_out) == SHMGEN_OK ? found : -1;
}
static void put_one(void) {
  put_piece(&me, expected);
}
static void check_put(unsigned long steps, pid_t pid) {
  const int found = get_piece(&checker, expected);
  (void)pid;
  CHECK(found >= 0);
  expected += (uint64_t)found;
  put_piece(&checker, 77);
  CHECK(get_piece(&checker, 77) == 1);
}
static void get_one(void) {
  if (get_piece(&me, expected) != 1) _exit(9);
}
static void check_get(unsigned long steps, pid_t pid) {
  const int found = get_piece(&checker, expected);
  (void)pid;
  CHECK(found >= 0);
  expected += 1;
  put_piece(&checker, expected);
}

/* Messages in 256 bytes. */
static shmgen_messages_consumer hearer;
static uint32_t message_size(uint64_t at) {
  return 60 + (uint32_t)(at * 7 % 40);
}
static void say_message(shmgen_participant *who, uint64_t at) {
  unsigned char message[100];
  memset(message, (int)(at & 0xffu), sizeof message);
  if (shmgen_messages_256_push(&floor_data->log, who, SHMGEN_MESSAGE_BYTES, message, message_size(at), 0) != SHMGEN_OK) _exit(9);
}
static int hear_message(shmgen_participant *who, uint64_t at) {
  shmgen_message message;
  int result;
  int found = 0;
  if (shmgen_messages_256_consumer(&floor_data->log, who, &hearer) != SHMGEN_OK) return -1;
  result = shmgen_messages_256_peek(&floor_data->log, &hearer, &message);
  if (result == SHMGEN_OK) {
    found = message.length == message_size(at) && message.kind == SHMGEN_MESSAGE_BYTES ? 1 : -1;
    for (uint32_t index = 0; index < message.length; index += 1) {
      if (message.bytes[index] != (unsigned char)at) found = -1;
    }
    if (shmgen_messages_256_release(&floor_data->log, &hearer) != SHMGEN_OK) return -1;
    result = shmgen_messages_256_peek(&floor_data->log, &hearer, &message);
  }
  if (result != SHMGEN_E_EMPTY) return -1;
  return shmgen_messages_256_consumer_close(&floor_data->log, &hearer) == SHMGEN_OK ? found : -1;
}
static void say_one(void) {
  say_message(&me, expected);
}
static void check_say(unsigned long steps, pid_t pid) {
  const int found = hear_message(&checker, expected);
  shmgen_message_grant grant;
  (void)pid;
  CHECK(found >= 0);
  CHECK(shmgen_messages_256_claim(&floor_data->log, &checker, 8, &grant, 0) == SHMGEN_OK);
  CHECK(shmgen_messages_256_discard(&floor_data->log, &checker, &grant) == SHMGEN_OK);
  expected += (uint64_t)found;
  say_message(&checker, 77);
  CHECK(hear_message(&checker, 77) == 1);
}
static void hear_one(void) {
  if (hear_message(&me, expected) != 1) _exit(9);
}
static void check_hear(unsigned long steps, pid_t pid) {
  const int found = hear_message(&checker, expected);
  (void)pid;
  CHECK(found >= 0);
  expected += 1;
  say_message(&checker, expected);
}

/* Has a little of everything. */
static void take_everything(void) {
  uint32_t permit = 0;
  Sample sample;
  shmgen_message_grant grant;
  if (shmgen_mutex_lock(&floor_data->door, &me, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_mutex_lock(&floor_data->rooms[2][1].door, &me, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_semaphore_2_acquire(&floor_data->seats, &me, &permit, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_semaphore_3_acquire(&floor_data->rooms[0][0].seats, &me, &permit, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_seqlock_Sample_begin(&floor_data->sample, &me, &sample, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_ring_Order_16_producer(&floor_data->orders, &me, &producer) != SHMGEN_OK) _exit(9);
  if (shmgen_ring_Order_16_consumer(&floor_data->orders, &me, &consumer) != SHMGEN_OK) _exit(9);
  {
    const Order order = order_of(expected);
    shmgen_job job;
    Order *data = NULL;
    uint64_t handle = 0;
    if (shmgen_slotPool_Order_3_alloc(&floor_data->frames, &me, &handle) != SHMGEN_OK) _exit(9);
    if (shmgen_workQueue_Order_4_push(&floor_data->work, &me, &order) != SHMGEN_OK) _exit(9);
    if (shmgen_workQueue_Order_4_lease(&floor_data->work, &me, &job, &data) != SHMGEN_OK) _exit(9);
  }
  if (shmgen_bipBuffer_192_producer(&floor_data->bytes, &me, &bytes_in) != SHMGEN_OK) _exit(9);
  if (shmgen_bipBuffer_192_consumer(&floor_data->bytes, &me, &bytes_out) != SHMGEN_OK) _exit(9);
  if (shmgen_messages_256_claim(&floor_data->log, &me, 100, &grant, 0) != SHMGEN_OK) _exit(9);
  if (shmgen_messages_256_consumer(&floor_data->log, &me, &hearer) != SHMGEN_OK) _exit(9);
  if (shmgen_broadcast_Sample_16_writer(&floor_data->ticks, &me, &writer) != SHMGEN_OK) _exit(9);
}
static void check_mutex_is_usable(unsigned long steps, shmgen_mutex *mutex) {
  int result = shmgen_mutex_lock(mutex, &checker, 0);
  if (result == SHMGEN_E_ABANDONED) result = shmgen_mutex_take_abandoned(mutex, &checker);
  CHECK(result == SHMGEN_OK);
  CHECK(shmgen_mutex_unlock(mutex, &checker) == SHMGEN_OK);
}
static void check_everything(unsigned long steps, pid_t pid) {
  uint32_t permits[3];
  check_mutex_is_usable(steps, &floor_data->door);
  check_mutex_is_usable(steps, &floor_data->rooms[2][1].door);
  check_seats(steps, pid);
  for (int at = 0; at < 3; at += 1) {
    CHECK(shmgen_semaphore_3_acquire(&floor_data->rooms[0][0].seats, &checker, &permits[at], 0) == SHMGEN_OK);
  }
  for (int at = 0; at < 3; at += 1) {
    CHECK(shmgen_semaphore_3_release(&floor_data->rooms[0][0].seats, &checker, permits[at]) == SHMGEN_OK);
  }
  check_frames(steps, pid);
  {
    /* Of each one that had everything. */
    shmgen_job job;
    Order *data = NULL;
    CHECK(shmgen_workQueue_Order_4_lease(&floor_data->work, &checker, &job, &data) == SHMGEN_OK && is_order(data, data->id));
    CHECK(shmgen_workQueue_Order_4_done(&floor_data->work, &checker, &job) == SHMGEN_OK);
    CHECK(shmgen_workQueue_Order_4_lease(&floor_data->work, &checker, &job, &data) == SHMGEN_E_EMPTY);
  }
  check_sample(steps, pid);
  CHECK(shmgen_ring_Order_16_producer(&floor_data->orders, &checker, &producer) == SHMGEN_OK);
  CHECK(shmgen_ring_Order_16_consumer(&floor_data->orders, &checker, &consumer) == SHMGEN_OK);
  CHECK(shmgen_ring_Order_16_producer_close(&floor_data->orders, &producer) == SHMGEN_OK);
  CHECK(shmgen_ring_Order_16_consumer_close(&floor_data->orders, &consumer) == SHMGEN_OK);
  put_piece(&checker, 5);
  CHECK(get_piece(&checker, 5) == 1);
  say_message(&checker, 6);
  CHECK(hear_message(&checker, 6) == 1);
  CHECK(shmgen_broadcast_Sample_16_writer(&floor_data->ticks, &checker, &writer) == SHMGEN_OK);
  CHECK(shmgen_broadcast_Sample_16_writer_close(&floor_data->ticks, &writer) == SHMGEN_OK);
}
static void leave(void) {
  shmgen_participant_leave(&me);
}

/* A third one that has everything dies first, and the child recovers it. */
static uint32_t victim;
static void let_somebody_die(void) {
  int pipes[2];
  pid_t child;
  if (pipe(pipes) != 0) _exit(9);
  child = fork();
  if (child == 0) {
    if (join_region() != SHMGEN_OK) _exit(9);
    take_everything();
    if (write(pipes[1], &me.number, sizeof me.number) != (ssize_t)sizeof me.number) _exit(9);
    kill(getpid(), SIGKILL);
  }
  if (read(pipes[0], &victim, sizeof victim) != (ssize_t)sizeof victim) _exit(9);
  while (waitpid(child, NULL, 0) < 0) {
  }
  close(pipes[0]);
  close(pipes[1]);
}
static void recover_victim(void) {
  if (shmgen_participant_recover(&me, victim) != SHMGEN_OK) _exit(9);
}

static void join(void) {
  if (join_region() != SHMGEN_OK) _exit(9);
}
static void check_nothing(unsigned long steps, pid_t pid) {
  (void)steps;
  (void)pid;
}

typedef struct operation {
  const char *name;
  int joins;              /* the child joins before it is stepped */
  void (*prepare)(void);
  void (*run)(void);
  void (*check)(unsigned long steps, pid_t pid);
} operation;

static const operation operations[] = {
    {"lock", 1, no_prepare, lock_and_count, check_lock},
    {"write", 1, no_prepare, write_sample, check_sample},
    {"push", 1, no_prepare, produce_and_push, check_push},
    {"pop", 1, no_prepare, consume_and_pop, check_pop},
    {"put", 1, no_prepare, put_one, check_put},
    {"get", 1, no_prepare, get_one, check_get},
    {"say", 1, no_prepare, say_one, check_say},
    {"hear", 1, no_prepare, hear_one, check_hear},
    {"publish", 1, no_prepare, write_and_publish, check_publish},
    {"set", 1, no_prepare, set_sample, check_samples},
    {"add", 1, no_prepare, add_sample, check_samples},
    {"drop", 1, no_prepare, drop_sample, check_samples},
    {"series", 1, no_prepare, count_series, check_series},
    {"acquire", 1, no_prepare, acquire_and_release, check_seats},
    {"push-task", 1, no_prepare, push_task, check_tasks},
    {"pop-task", 1, no_prepare, pop_task, check_popped},
    {"frame", 1, no_prepare, alloc_and_free, check_frames},
    {"work", 1, no_prepare, work_once, check_work},
    {"leave", 1, take_everything, leave, check_everything},
    {"recover", 1, let_somebody_die, recover_victim, check_everything},
    {"join", 0, no_prepare, join, check_nothing},
};

/* ---- Stepping ---- */

/* Starts a child that waits before the operation, traced. */
static pid_t start(const operation *does) {
  const pid_t pid = fork();
  int status = 0;
  if (pid == 0) {
    if (does->joins && join_region() != SHMGEN_OK) _exit(8);
    does->prepare();
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(7);
    raise(SIGSTOP);
    does->run();
    _exit(0);
  }
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) FAIL("%s: the child did not begin: %x", does->name, (unsigned)status);
  return pid;
}

/* 1: it was killed. 0: it had ended before. */
static int kill_after(const operation *does, pid_t pid, unsigned long steps) {
  int status = 0;
  for (unsigned long at = 0; at < steps; at += 1) {
    if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0) FAIL("%s: ptrace: %s", does->name, strerror(errno));
    if (waitpid(pid, &status, 0) != pid) FAIL("%s: waitpid", does->name);
    if (WIFEXITED(status)) {
      if (WEXITSTATUS(status) != 0) FAIL("%s ended with %d", does->name, WEXITSTATUS(status));
      return 0;
    }
  }
  kill(pid, SIGKILL);
  if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) FAIL("%s: it did not die", does->name);
  return 1;
}

static uint32_t taken(void) {
  uint32_t found = 0;
  for (uint32_t number = 1; number <= checker.count; number += 1) found += floor_data->_participants.entries[number - 1].state != 0;
  return found;
}

/* What it leaves is the next one's. */
static int kill_once(const operation *does, const char *first, const char *steps) {
  expected = strtoull(first, NULL, 10);
  printf("%s\n", kill_after(does, start(does), strtoul(steps, NULL, 10)) ? "killed" : "ended");
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}

int main(int count, char **arguments) {
  unsigned long kills = 0;
  const operation *does = NULL;
  for (size_t at = 0; count >= 4 && at < sizeof operations / sizeof *operations; at += 1) {
    if (strcmp(operations[at].name, arguments[2]) == 0) does = &operations[at];
  }
  if (does == NULL || open_region(arguments[1]) != SHM_REGION_OK) return 2;
  if (count == 5) return kill_once(does, arguments[3], arguments[4]);
  if (Floor_join(&checker, region.memory, region.fd) != SHMGEN_OK) return 3;
  lives = taken();
  if (does->check == check_pop) fill(0);
  if (does->check == check_popped) prepare_tasks(0);
  if (does->check == check_get) put_piece(&checker, expected);
  if (does->check == check_hear) say_message(&checker, expected);
  if (does->check == check_publish) fill_broadcast();
  if (does->check == check_samples) fill_samples(0);
  char *from;
  const unsigned long stride = strtoul(arguments[3], &from, 10);
  for (unsigned long steps = strtoul(from, NULL, 10);; steps += stride) {
    const pid_t pid = start(does);
    if (!kill_after(does, pid, steps)) break;
    kills += 1;
    (void)shmgen_participant_recover_dead(&checker);
    does->check(steps, pid);
    if (taken() != lives) FAIL("after %lu instructions of %s: %u numbers are taken", steps, does->name, taken());
  }
  printf("%lu kills\n", kills);
  shmgen_participant_leave(&checker);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
