/*
 * Random bytes in every word of every container, and of the table of participants but for our own entry: each function has to return one
 * of its results, soon, and to touch nothing outside of the payload. `hostile REGION SEED ROUNDS` prints how often there was each result.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "common.h"

static shmgen_ring_producer producer;
static shmgen_ring_consumer consumer;
static shmgen_broadcast_writer writer;
static shmgen_broadcast_reader reader;
static unsigned long counts[64];
static uint64_t state;

static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

/* Mostly what could be an owner, a counter that is a little off, or a flag. */
static uint32_t word(void) {
  static const uint32_t odd[] = {0, 1, 2, 6, 15, 16, 17, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000u, 0x80000001u, 0x8000ffffu, 0xffffffffu};
  return next() % 4 == 0 ? next() : odd[next() % (sizeof odd / sizeof *odd)];
}

static void note(int result) {
  const int known = result == 0 || (result >= SHMGEN_E_BUSY && result <= SHMGEN_E_NO_KEY && result != SHMGEN_E_SYSCALL);
  if (!known) {
    printf("an unknown result: %d\n", result);
    exit(1);
  }
  counts[result] += 1;
}

static void scribble(void) {
  uint32_t *words = (uint32_t *)(void *)floor_data;
  const size_t own = (64 + (size_t)(me.number - 1) * 64) / 4;
  const size_t count = sizeof *floor_data / 4;
  for (size_t at = 0; at < count; at += 1) {
    if (at < own || at >= own + 16) __atomic_store_n(&words[at], word(), __ATOMIC_RELAXED);
  }
}

static void lock_all(void) {
  uint32_t permit = 0;
  note(shmgen_mutex_lock(&floor_data->door, &me, (int)(next() % 2)));
  note(shmgen_mutex_take_abandoned(&floor_data->door, &me));
  note(shmgen_mutex_unlock(&floor_data->door, &me));
  note(shmgen_semaphore_2_acquire(&floor_data->seats, &me, &permit, (int)(next() % 2)));
  note(shmgen_semaphore_2_release(&floor_data->seats, &me, next() % 3));
  if (shmgen_semaphore_2_free(&floor_data->seats) > 2) note(-1);
  shmgen_event_set(&floor_data->bell);
  shmgen_event_reset(&floor_data->bell);
  note(shmgen_event_wait(&floor_data->bell, 1));
}

static void value(void) {
  Sample sample;
  uint8_t level = 0;
  memset(&sample, 0, sizeof sample);
  note(shmgen_seqlock_Sample_read(&floor_data->sample, &sample));
  note(shmgen_seqlock_Sample_changed(&floor_data->sample, shmgen_seqlock_Sample_sequence(&floor_data->sample), 1));
  if (shmgen_seqlock_Sample_begin(&floor_data->sample, &me, &sample, 0) == SHMGEN_OK) {
    note(shmgen_seqlock_Sample_commit(&floor_data->sample, &me, &sample));
  }
  note(shmgen_seqlock_Sample_cancel(&floor_data->sample, &me));
  note(shmgen_seqlock_u8_read(&floor_data->level, &level));
  note(shmgen_seqlock_u8_write(&floor_data->level, &me, &level, 0));
}

static void stream(void) {
  shmgen_ring_Order_16 *orders = &floor_data->orders;
  Order order = order_of(next());
  note(shmgen_ring_Order_16_producer(orders, &me, &producer));
  note(shmgen_ring_Order_16_consumer(orders, &me, &consumer));
  for (int turn = 0; turn < 4; turn += 1) {
    Order *slot = shmgen_ring_Order_16_claim(orders, &producer, next() % 20);
    if (slot != NULL) *slot = order;
    note(shmgen_ring_Order_16_publish(orders, &producer, next() % 20));
    note(shmgen_ring_Order_16_push(orders, &producer, &order));
    if (shmgen_ring_Order_16_peek(orders, &consumer, next() % 20) == NULL) counts[0] += 1;
    note(shmgen_ring_Order_16_release(orders, &consumer, next() % 20));
    note(shmgen_ring_Order_16_pop(orders, &consumer, &order));
    __atomic_store_n(&orders->tail, word(), __ATOMIC_RELAXED);
    __atomic_store_n(&orders->head, word(), __ATOMIC_RELAXED);
  }
  if (producer.participant != NULL) note(shmgen_ring_Order_16_wait_room(orders, &producer, 1));
  if (consumer.participant != NULL) note(shmgen_ring_Order_16_wait(orders, &consumer, 1));
  note(shmgen_ring_Order_16_producer_close(orders, &producer));
  note(shmgen_ring_Order_16_consumer_close(orders, &consumer));
}

static void lists(void) {
  Order order = order_of(next());
  Order *data = NULL;
  shmgen_job job = {next() % 5, 0};
  uint64_t handle = (uint64_t)word() << 32 | next() % 5;
  note(shmgen_queue_Order_4_push(&floor_data->tasks, &me, &order));
  note(shmgen_queue_Order_4_pop(&floor_data->tasks, &me, &order));
  note(shmgen_queue_Order_4_push_wait(&floor_data->tasks, &me, &order, 1));
  note(shmgen_queue_Order_4_pop_wait(&floor_data->tasks, &me, &order, 1));
  note(shmgen_slotPool_Order_3_take(&floor_data->frames, &me, handle));
  shmgen_slotPool_Order_3_lend(&floor_data->frames, &me, handle);
  note(shmgen_slotPool_Order_3_free(&floor_data->frames, &me, handle));
  for (int turn = 0; turn < 3; turn += 1) {
    note(shmgen_slotPool_Order_3_alloc(&floor_data->frames, &me, &handle));
    data = shmgen_slotPool_Order_3_at(&floor_data->frames, handle);
    if (data != NULL) *data = order;
    note(shmgen_workQueue_Order_4_done(&floor_data->work, &me, &job));
    note(shmgen_workQueue_Order_4_push(&floor_data->work, &me, &order));
    note(shmgen_workQueue_Order_4_retry(&floor_data->work, &me, &job));
    if (shmgen_workQueue_Order_4_lease(&floor_data->work, &me, &job, &data) == SHMGEN_OK) *data = order;
  }
  note(shmgen_slotPool_Order_3_alloc_wait(&floor_data->frames, &me, &handle, 1));
  note(shmgen_workQueue_Order_4_push_wait(&floor_data->work, &me, &order, 1));
  note(shmgen_workQueue_Order_4_lease_wait(&floor_data->work, &me, &job, &data, 1));
}

static void bytes(void) {
  static shmgen_bip_producer bytes_in;
  static shmgen_bip_consumer bytes_out;
  shmgen_bipBuffer_192 *buffer = &floor_data->bytes;
  unsigned char copy[256];
  uint32_t size = 0;
  memset(copy, 7, sizeof copy);
  note(shmgen_bipBuffer_192_producer(buffer, &me, &bytes_in));
  note(shmgen_bipBuffer_192_consumer(buffer, &me, &bytes_out));
  for (int turn = 0; turn < 6; turn += 1) {
    const uint32_t wanted = next() % 256;
    unsigned char *claimed = shmgen_bipBuffer_192_claim(buffer, &bytes_in, wanted);
    const unsigned char *shown;
    if (claimed != NULL) memset(claimed, 9, wanted);
    note(shmgen_bipBuffer_192_publish(buffer, &bytes_in, next() % 256));
    note(shmgen_bipBuffer_192_push(buffer, &bytes_in, copy, next() % 256));
    shown = shmgen_bipBuffer_192_peek(buffer, &bytes_out, &size);
    if (shown != NULL) memcpy(copy, shown, size);
    note(shmgen_bipBuffer_192_release(buffer, &bytes_out, next() % 256));
    __atomic_store_n(&buffer->write, next() % 2 == 0 ? word() : next() % 384, __ATOMIC_RELAXED);
    __atomic_store_n(&buffer->read, next() % 2 == 0 ? word() : next() % 384, __ATOMIC_RELAXED);
    __atomic_store_n(&buffer->watermark, next() % 256, __ATOMIC_RELAXED);
  }
  if (bytes_in.participant != NULL) note(shmgen_bipBuffer_192_wait_room(buffer, &bytes_in, 192, 1));
  if (bytes_out.participant != NULL) note(shmgen_bipBuffer_192_wait(buffer, &bytes_out, 1));
  note(shmgen_bipBuffer_192_producer_close(buffer, &bytes_in));
  note(shmgen_bipBuffer_192_consumer_close(buffer, &bytes_out));
}

static void messages(void) {
  static shmgen_messages_consumer hearer;
  shmgen_messages_256 *log = &floor_data->log;
  unsigned char copy[256];
  memset(copy, 7, sizeof copy);
  note(shmgen_messages_256_consumer(log, &me, &hearer));
  for (int turn = 0; turn < 6; turn += 1) {
    shmgen_message_grant grant;
    shmgen_message message;
    const uint32_t size = next() % 256;
    note(shmgen_messages_256_push(log, &me, next() % 4, copy, next() % 256, 0));
    if (shmgen_messages_256_claim(log, &me, size, &grant, 0) == SHMGEN_OK) {
      memset(grant.bytes, 9, size);
      note(shmgen_messages_256_publish(log, &me, &grant, next() % 4, next() % 256));
      note(shmgen_messages_256_discard(log, &me, &grant));
    }
    if (shmgen_messages_256_peek(log, &hearer, &message) == SHMGEN_OK) memcpy(copy, message.bytes, message.length);
    note(shmgen_messages_256_release(log, &hearer));
    __atomic_store_n(&log->write, next() % 2 == 0 ? word() : next() % 64 * 8, __ATOMIC_RELAXED);
    __atomic_store_n(&log->read, next() % 2 == 0 ? word() : next() % 64 * 8, __ATOMIC_RELAXED);
    for (int at = 0; at < 32; at += 1) {
      const uint32_t head[2] = {next() % 2 == 0 ? word() : next() % 300, next() % 5};
      memcpy(log->frames + 8 * at, head, sizeof head);
    }
  }
  note(shmgen_messages_256_wait_room(log, &me, next() % 300, 1));
  if (hearer.participant != NULL) note(shmgen_messages_256_wait(log, &hearer, 1));
  note(shmgen_messages_256_consumer_close(log, &hearer));
}

static void broadcast(void) {
  shmgen_broadcast_Sample_16 *ticks = &floor_data->ticks;
  char name[5];
  Sample sample = sample_of(next());
  note(next() % 2 == 0 ? shmgen_broadcast_Sample_16_reader_newest(ticks, &reader) : shmgen_broadcast_Sample_16_reader_oldest(ticks, &reader));
  (void)shmgen_broadcast_Sample_16_published(ticks);
  note(shmgen_broadcast_Sample_16_writer(ticks, &me, &writer));
  for (int turn = 0; turn < 4; turn += 1) {
    note(shmgen_broadcast_Sample_16_publish(ticks, &writer, &sample));
    note(shmgen_broadcast_Sample_16_read(ticks, &reader, &sample));
    ((uint32_t *)(void *)&ticks->tail)[next() % 2] = word();
    ticks->slots[next() % 16].stamp = next() % 20;
  }
  note(shmgen_broadcast_Sample_16_wait(ticks, &reader, 1));
  note(shmgen_broadcast_Sample_16_wait_read_only(ticks, &reader, 1));
  note(shmgen_broadcast_Sample_16_writer_close(ticks, &writer));
  note(shmgen_broadcast_utf8_5_2_reader_oldest(&floor_data->names, &reader));
  note(shmgen_broadcast_utf8_5_2_read(&floor_data->names, &reader, name));
}

static void entries(void) {
  static const char *const keys[] = {"one", "two", "three", "four", "five", "longer than nine"};
  const shmgen_map_options options = {(int64_t)(next() % 3), (int)(next() % 2)};
  shmgen_map_utf8_9_Sample_4 *samples = &floor_data->samples;
  Sample sample = sample_of(next());
  uint64_t visits = next();
  for (int turn = 0; turn < 4; turn += 1) {
    note(shmgen_map_utf8_9_Sample_4_get(samples, keys[next() % 6], turn % 2 == 0 ? &sample : NULL));
    note(shmgen_map_utf8_9_Sample_4_set(samples, &me, keys[next() % 6], &sample, turn % 2 == 0 ? &options : NULL, 0));
    note(shmgen_map_utf8_9_Sample_4_delete(samples, &me, keys[next() % 6], 0));
    if (shmgen_map_utf8_9_Sample_4_begin(samples, &me, keys[next() % 5], &sample, 0) == SHMGEN_OK) {
      note(shmgen_map_utf8_9_Sample_4_commit(samples, &me, keys[next() % 6], &sample, &options));
    }
    note(shmgen_map_utf8_9_Sample_4_cancel(samples, &me));
    note(shmgen_map_u32_u64_3_set(&floor_data->visits, &me, next() % 5, &visits, &options, 0));
    note(shmgen_map_u32_u64_3_get(&floor_data->visits, next() % 5, &visits));
    note(shmgen_map_u32_u64_3_delete(&floor_data->visits, &me, next() % 5, 0));
    /* Mostly free, so that what is behind the lock is tried as well. */
    if (next() % 4 != 0) __atomic_store_n(&samples->lock, 0u, __ATOMIC_RELAXED);
    if (next() % 4 != 0) __atomic_store_n(&floor_data->visits.lock, 0u, __ATOMIC_RELAXED);
  }
  for (uint32_t turn = 0, left = 20; turn < 2; turn += 1) {
    shmgen_map_cursor cursor;
    uint32_t visitor = 0;
    memset(&cursor, 0, sizeof cursor);
    while (left-- > 0 && shmgen_map_u32_u64_3_next(&floor_data->visits, &cursor, &visitor, &visits) == SHMGEN_OK) {
    }
    memset(&cursor, 0, sizeof cursor);
    note(shmgen_map_utf8_9_Sample_4_next(samples, &cursor, NULL, turn == 0 ? &sample : NULL));
  }
  note(shmgen_map_utf8_9_Sample_4_clear(samples, &me, 0));
  (void)shmgen_map_utf8_9_Sample_4_size(samples);
}

static void series(void) {
  static const char *const keys[] = {"one", "two{a=\"b\"}", "three{a=\"\\\\\",b=\"\"}", "four{", "five{a=\"1\",a=\"2\"}", "", "six{b=\"\",a=\"\"}", "7"};
  static const int kinds[] = {SHMGEN_COUNTER, SHMGEN_GAUGE, SHMGEN_HISTOGRAM};
  for (int turn = 0; turn < 6; turn += 1) {
    shmgen_series found;
    const int result = shmgen_counters_3_series(&floor_data->stats, &me, kinds[next() % 3], keys[next() % 8], turn % 2 == 0 ? "help" : NULL, &found);
    note(result);
    if (result == SHMGEN_OK) {
      shmgen_series_add(found, 1);
      shmgen_series_observe(found, (double)next() / (double)(1 + next() % 1000));
      if (turn % 2 == 0) note(shmgen_counters_3_remove(&floor_data->stats, &me, found));
    }
    if (next() % 4 != 0) __atomic_store_n(&floor_data->stats.lock, 0u, __ATOMIC_RELAXED);
    if (next() % 4 == 0) memset((void *)floor_data->stats.entries[next() % 3].key, 0, 8);
  }
}

int main(int count, char **arguments) {
  unsigned char *behind;
  unsigned char *kept;
  size_t rest;
  if (count != 4 || open_region(arguments[1]) != SHM_REGION_OK || join_region() != SHMGEN_OK) return 2;
  state = strtoull(arguments[2], NULL, 10) * 2 + 1;
  alarm(100);
  behind = (unsigned char *)floor_data + sizeof *floor_data;
  rest = region.size - sizeof *floor_data - (size_t)Floor_PAYLOAD_OFFSET;
  kept = (unsigned char *)malloc(region.size);
  if (kept == NULL) return 3;
  memcpy(kept, region.memory, region.size);
  for (unsigned long round = 0; round < strtoul(arguments[3], NULL, 10); round += 1) {
    scribble();
    lock_all();
    value();
    stream();
    scribble();
    lists();
    bytes();
    messages();
    broadcast();
    entries();
    series();
    note(shmgen_participant_recover(&me, word()));
    (void)shmgen_participant_alive(&me, word());
    (void)shmgen_participant_recover_dead(&me);
  }
  if (memcmp(kept, region.memory, Floor_PAYLOAD_OFFSET) != 0 ||
      memcmp(kept + (behind - (unsigned char *)region.memory), behind, rest) != 0) {
    printf("something outside of the payload was written\n");
    return 1;
  }
  printf("held:");
  for (int at = 0; at < 64; at += 1) {
    if (counts[at] != 0) printf(" %s %lu", result_name(at), counts[at]);
  }
  printf("\n");
  free(kept);
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
