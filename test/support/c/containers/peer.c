/*
 * A peer that does with the containers of a region what it is told: one command a line, one answer each. Answers begin with the
 * name of a result, see common.h. peer.mjs is the same in Node.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "common.h"

static shmgen_ring_producer producer;
static shmgen_ring_consumer consumer;
static shmgen_broadcast_writer writer;
static shmgen_broadcast_reader reader;
static char words[4][64];

static unsigned long long number(int at) {
  return strtoull(words[at], NULL, 10);
}
static int is(const char *command) {
  return strcmp(words[0], command) == 0;
}
static int ms(int at) {
  return (int)number(at);
}

static int count_up(unsigned long long times) {
  for (unsigned long long at = 0; at < times; at += 1) {
    int result = shmgen_mutex_lock(&floor_data->door, &me, 20000);
    if (result == SHMGEN_E_ABANDONED) result = shmgen_mutex_take_abandoned(&floor_data->door, &me);
    if (result != SHMGEN_OK) return result;
    floor_data->count += 1;
    result = shmgen_mutex_unlock(&floor_data->door, &me);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/* Each value is the one before and 1. */
static int write_up(unsigned long long times) {
  for (unsigned long long at = 0; at < times; at += 1) {
    Sample sample;
    int result = shmgen_seqlock_Sample_begin(&floor_data->sample, &me, &sample, 20000);
    if (result != SHMGEN_OK) return result;
    if (!is_whole(&sample)) return -1;
    sample = sample_of(sample.words[0] + 1);
    result = shmgen_seqlock_Sample_commit(&floor_data->sample, &me, &sample);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

static void read_many(unsigned long long times) {
  unsigned long long torn = 0;
  unsigned long long back = 0;
  uint64_t last = 0;
  for (unsigned long long at = 0; at < times; at += 1) {
    Sample sample;
    if (shmgen_seqlock_Sample_read(&floor_data->sample, &sample) != SHMGEN_OK || !is_whole(&sample)) torn += 1;
    if (sample.words[0] < last) back += 1;
    last = sample.words[0];
  }
  printf("ok torn %llu back %llu\n", torn, back);
}

static int push_many(unsigned long long from, unsigned long long times) {
  for (unsigned long long at = from; at < from + times; at += 1) {
    const Order order = order_of(at);
    int result;
    while ((result = shmgen_ring_Order_16_push(&floor_data->orders, &producer, &order)) == SHMGEN_E_FULL) {
      result = shmgen_ring_Order_16_wait_room(&floor_data->orders, &producer, 20000);
      if (result != SHMGEN_OK) return result;
    }
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/* In batches of up to 5, in place. */
static int push_batches(unsigned long long from, unsigned long long times) {
  unsigned long long at = from;
  while (at < from + times) {
    uint32_t claimed = 0;
    Order *slot;
    int result;
    while (claimed < 5 && at < from + times && (slot = shmgen_ring_Order_16_claim(&floor_data->orders, &producer, claimed)) != NULL) {
      *slot = order_of(at);
      at += 1;
      claimed += 1;
    }
    result = claimed > 0 ? shmgen_ring_Order_16_publish(&floor_data->orders, &producer, claimed)
                         : shmgen_ring_Order_16_wait_room(&floor_data->orders, &producer, 20000);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/* All have to be the next one; says where it ended. */
static int pop_many(unsigned long long from, unsigned long long times, unsigned long long *end) {
  for (*end = from; *end < from + times;) {
    Order order;
    int result = shmgen_ring_Order_16_pop(&floor_data->orders, &consumer, &order);
    if (result == SHMGEN_OK) {
      if (!is_order(&order, *end)) return -1;
      *end += 1;
    } else if (result == SHMGEN_E_EMPTY) {
      result = shmgen_ring_Order_16_wait(&floor_data->orders, &consumer, 20000);
      if (result != SHMGEN_OK) return result;
    } else {
      return result;
    }
  }
  return SHMGEN_OK;
}

/* Tasks in a queue: pushes those of `from` on; takes some, whole and in their order. */
static int enqueue(unsigned long long from, unsigned long long times) {
  for (unsigned long long at = from; at < from + times; at += 1) {
    const Order order = order_of(at);
    const int result = shmgen_queue_Order_4_push_wait(&floor_data->tasks, &me, &order, 20000);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}
static int dequeue(unsigned long long times, unsigned long long *sum) {
  *sum = 0;
  for (unsigned long long at = 0; at < times; at += 1) {
    Order order;
    const int result = shmgen_queue_Order_4_pop_wait(&floor_data->tasks, &me, &order, 20000);
    if (result != SHMGEN_OK) return result;
    if (!is_order(&order, order.id)) return -1;
    *sum += order.id;
  }
  return SHMGEN_OK;
}

/* Jobs: adds those of `from` on; does some. */
static int add_jobs(unsigned long long from, unsigned long long times) {
  for (unsigned long long at = from; at < from + times; at += 1) {
    const Order order = order_of(at);
    const int result = shmgen_workQueue_Order_4_push_wait(&floor_data->work, &me, &order, 20000);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}
static int do_jobs(unsigned long long times, unsigned long long *sum) {
  *sum = 0;
  for (unsigned long long at = 0; at < times; at += 1) {
    shmgen_job job;
    Order *order = NULL;
    int result = shmgen_workQueue_Order_4_lease_wait(&floor_data->work, &me, &job, &order, 20000);
    if (result != SHMGEN_OK) return result;
    if (!is_order(order, order->id)) return -1;
    *sum += order->id;
    result = shmgen_workQueue_Order_4_done(&floor_data->work, &me, &job);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}
/* Leases one and keeps it. */
static void keep_job(void) {
  shmgen_job job = {0, 0};
  Order *order = NULL;
  const int result = shmgen_workQueue_Order_4_lease(&floor_data->work, &me, &job, &order);
  printf("%s %llu %u\n", result_name(result), order == NULL ? 0 : (unsigned long long)order->id, job.attempts);
}

/* Frames in a pool: by their handles. */
static int frame(void) {
  const uint64_t handle = number(1);
  if (strcmp(words[0], "alloc") == 0) {
    uint64_t given = 0;
    const int result = shmgen_slotPool_Order_3_alloc_wait(&floor_data->frames, &me, &given, ms(2));
    if (result == SHMGEN_OK) *shmgen_slotPool_Order_3_at(&floor_data->frames, given) = order_of(number(1));
    printf("%s %llu\n", result_name(result), (unsigned long long)given);
  } else if (strcmp(words[0], "take-frame") == 0) {
    const int result = shmgen_slotPool_Order_3_take(&floor_data->frames, &me, handle);
    const Order *order = shmgen_slotPool_Order_3_at(&floor_data->frames, handle);
    printf("%s %llu\n", result_name(result), order == NULL ? 0 : (unsigned long long)order->id);
  } else if (strcmp(words[0], "lend") == 0) {
    shmgen_slotPool_Order_3_lend(&floor_data->frames, &me, handle);
    printf("ok\n");
  } else if (strcmp(words[0], "free-frame") == 0) {
    printf("%s\n", result_name(shmgen_slotPool_Order_3_free(&floor_data->frames, &me, handle)));
  } else {
    return 0;
  }
  return 1;
}

/* Pieces of bytes; the one of a number is as long as this says, and each byte says which number it has. */
static shmgen_bip_producer bytes_in;
static shmgen_bip_consumer bytes_out;
static uint32_t piece_size(unsigned long long at) {
  return at % 50 == 0 ? 192 : 1 + (uint32_t)(at * 7 % 60);
}
static unsigned char piece_byte(unsigned long long at, uint32_t index) {
  return (unsigned char)(at * 31 + index);
}

static int put_many(unsigned long long from, unsigned long long times) {
  for (unsigned long long at = from; at < from + times; at += 1) {
    unsigned char piece[192];
    const uint32_t size = piece_size(at);
    int result;
    for (uint32_t index = 0; index < size; index += 1) piece[index] = piece_byte(at, index);
    if (at % 3 == 0) {
      unsigned char *claimed;
      result = shmgen_bipBuffer_192_wait_room(&floor_data->bytes, &bytes_in, size, 20000);
      claimed = shmgen_bipBuffer_192_claim(&floor_data->bytes, &bytes_in, size);
      if (result != SHMGEN_OK || claimed == NULL) return result;
      memcpy(claimed, piece, size);
      result = shmgen_bipBuffer_192_publish(&floor_data->bytes, &bytes_in, size);
    } else {
      while ((result = shmgen_bipBuffer_192_push(&floor_data->bytes, &bytes_in, piece, size)) == SHMGEN_E_FULL) {
        result = shmgen_bipBuffer_192_wait_room(&floor_data->bytes, &bytes_in, size, 20000);
        if (result != SHMGEN_OK) return result;
      }
    }
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/* All have to be whole, and the next one. */
static int get_many(unsigned long long from, unsigned long long times, unsigned long long *end) {
  for (*end = from; *end < from + times;) {
    uint32_t size = 0;
    const unsigned char *bytes = shmgen_bipBuffer_192_peek(&floor_data->bytes, &bytes_out, &size);
    if (bytes == NULL) {
      const int result = shmgen_bipBuffer_192_wait(&floor_data->bytes, &bytes_out, 20000);
      if (result != SHMGEN_OK) return result;
      continue;
    }
    while (size > 0 && *end < from + times) {
      const uint32_t next = piece_size(*end);
      if (next > size) return -1;
      for (uint32_t index = 0; index < next; index += 1) {
        if (bytes[index] != piece_byte(*end, index)) return -1;
      }
      if (shmgen_bipBuffer_192_release(&floor_data->bytes, &bytes_out, next) != SHMGEN_OK) return -1;
      bytes += next;
      size -= next;
      *end += 1;
    }
  }
  return SHMGEN_OK;
}

/* Messages of several: the text "who number xxx", or bytes that begin with it. */
static shmgen_messages_consumer hearer;
static uint32_t message_of(char *text, unsigned long long who, unsigned long long at) {
  const int head = sprintf(text, "%llu %llu ", who, at);
  const uint32_t size = (uint32_t)head + (at % 50 == 0 ? 200 : (uint32_t)(at * 7 % 60));
  memset(text + head, 'a' + (int)(at % 26), size - (uint32_t)head);
  return size;
}
static int say_many(unsigned long long who, unsigned long long from, unsigned long long times) {
  char text[256];
  for (unsigned long long at = from; at < from + times; at += 1) {
    const uint32_t size = message_of(text, who, at);
    const uint32_t kind = (uint32_t)(at % 3);
    int result = SHMGEN_E_FULL;
    while (result == SHMGEN_E_FULL) {
      if (at % 4 == 0) {
        shmgen_message_grant grant;
        result = shmgen_messages_256_claim(&floor_data->log, &me, 240, &grant, 20000);
        if (result == SHMGEN_OK) {
          memcpy(grant.bytes, text, size);
          result = shmgen_messages_256_publish(&floor_data->log, &me, &grant, kind, size);
        }
      } else {
        result = shmgen_messages_256_push(&floor_data->log, &me, kind, text, size, 20000);
      }
      if (result == SHMGEN_E_FULL && shmgen_messages_256_wait_room(&floor_data->log, &me, 240, 20000) != SHMGEN_OK) return result;
    }
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/*
 * Of each, all have to be the next one, or one that was heard before and not released. Those that are new count; ends when there are
 * none for `patience` ms.
 */
static int hear_many(unsigned long long times, int patience, unsigned long long *end) {
  for (*end = 0; *end < times;) {
    shmgen_message message;
    char text[256];
    unsigned long long who;
    unsigned long long at;
    uint32_t before;
    const int result = shmgen_messages_256_wait(&floor_data->log, &hearer, patience);
    if (result == SHMGEN_E_TIMEOUT && patience < 1000) return SHMGEN_OK;
    if (result != SHMGEN_OK) return result;
    if (shmgen_messages_256_peek(&floor_data->log, &hearer, &message) != SHMGEN_OK || message.length > 255) return -1;
    memcpy(text, message.bytes, message.length);
    text[message.length] = 0;
    if (sscanf(text, "%llu %llu", &who, &at) != 2 || who > 1023) return -1;
    before = __atomic_load_n(&floor_data->heard[who], __ATOMIC_SEQ_CST);
    if (at > before || message.kind != at % 3 || message.length != message_of(text, who, at)) return -1;
    if (memcmp(text, message.bytes, message.length) != 0) return -1;
    if (at == before) __atomic_store_n(&floor_data->heard[who], before + 1, __ATOMIC_SEQ_CST);
    *end += at == before;
    if (shmgen_messages_256_release(&floor_data->log, &hearer) != SHMGEN_OK) return -1;
  }
  return SHMGEN_OK;
}

/* Each element is its number. */
static int publish_many(unsigned long long times) {
  for (unsigned long long at = 0; at < times; at += 1) {
    const Sample sample = sample_of(writer.next);
    const int result = shmgen_broadcast_Sample_16_publish(&floor_data->ticks, &writer, &sample);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/* Another mapping, in which every store is the end. */
static const Floor *read_only(void) {
  static const unsigned char *memory;
#ifdef _WIN32
  const HANDLE section = CreateFileMappingW((HANDLE)region.fd, NULL, PAGE_READONLY, 0, 0, NULL);
  if (memory == NULL) memory = (const unsigned char *)MapViewOfFile(section, FILE_MAP_READ, 0, 0, region.size);
  CloseHandle(section);
  if (memory == NULL) exit(3);
#else
  if (memory == NULL) memory = (const unsigned char *)mmap(NULL, region.size, PROT_READ, MAP_SHARED, region.fd, 0);
  if (memory == MAP_FAILED) exit(3);
#endif
  return (const Floor *)(const void *)(memory + Floor_PAYLOAD_OFFSET);
}

/* Until it is there, without the right to write. */
static void follow(uint64_t until, int timeout_ms) {
  const shmgen_broadcast_Sample_16 *ticks = &read_only()->ticks;
  const uint64_t missed = reader.missed_in_all;
  unsigned long long read = 0;
  unsigned long long torn = 0;
  int result = SHMGEN_OK;
  while (result == SHMGEN_OK && reader.position < until) {
    Sample sample;
    result = shmgen_broadcast_Sample_16_read(ticks, &reader, &sample);
    if (result == SHMGEN_OK) {
      read += 1;
      if (!is_whole(&sample) || sample.words[0] != reader.position - 1) torn += 1;
    } else if (result == SHMGEN_E_EMPTY) {
      result = read % 2 == 0 ? shmgen_broadcast_Sample_16_wait(&floor_data->ticks, &reader, timeout_ms)
                             : shmgen_broadcast_Sample_16_wait_read_only(ticks, &reader, timeout_ms);
    }
  }
  printf("%s read %llu missed %llu torn %llu\n", result_name(result), read, (unsigned long long)(reader.missed_in_all - missed), torn);
}

static const char *key_of(unsigned long long at, char *key) {
  (void)snprintf(key, 9, "key %llu", at % 10000);
  return key;
}

/* Raises the samples of so many keys in turn, each as one change; every third is removed and added again. */
static int raise_many(unsigned long long keys, unsigned long long times) {
  const shmgen_map_options options = {0, 1};
  for (unsigned long long at = 0; at < times; at += 1) {
    char key[10];
    Sample sample;
    uint64_t next = 1;
    int result = shmgen_map_utf8_9_Sample_4_begin(&floor_data->samples, &me, key_of(at % keys, key), &sample, 20000);
    if (result == SHMGEN_OK) {
      if (!is_whole(&sample)) return -1;
      next = sample.words[0] + 1;
    } else if (result != SHMGEN_E_EMPTY) {
      return result;
    }
    sample = sample_of(next);
    result = shmgen_map_utf8_9_Sample_4_commit(&floor_data->samples, &me, key, &sample, &options);
    if (result != SHMGEN_OK) return result;
  }
  return SHMGEN_OK;
}

/* How often a sample was torn, or older than one before. */
static void look_many(unsigned long long keys, unsigned long long times) {
  unsigned long long torn = 0;
  unsigned long long back = 0;
  unsigned long long missed = 0;
  uint64_t last[16] = {0};
  for (unsigned long long at = 0; at < times; at += 1) {
    char key[10];
    Sample sample = sample_of(0);
    const int result = shmgen_map_utf8_9_Sample_4_get(&floor_data->samples, key_of(at % keys, key), &sample);
    if (result == SHMGEN_E_EMPTY) missed += 1;
    if (result == SHMGEN_E_EMPTY) continue;
    if (result != SHMGEN_OK || !is_whole(&sample)) torn += 1;
    if (sample.words[0] < last[at % keys]) back += 1;
    last[at % keys] = sample.words[0];
  }
  printf("ok torn %llu back %llu missed %d\n", torn, back, missed == times);
}

static int by_text(const void *one, const void *other) {
  return strcmp((const char *)one, (const char *)other);
}

/* All entries by an iteration, in the order of their texts. */
static void print_entries(void) {
  shmgen_map_cursor cursor;
  char found[5][40];
  char key[10];
  size_t count = 0;
  Sample sample = sample_of(0);
  int result;
  memset(&cursor, 0, sizeof cursor);
  while ((result = shmgen_map_utf8_9_Sample_4_next(&floor_data->samples, &cursor, key, &sample)) == SHMGEN_OK && count < 5) {
    (void)snprintf(found[count], sizeof found[count], "%s=%llu", key, (unsigned long long)sample.words[0]);
    count += 1;
  }
  qsort(found, count, sizeof found[0], by_text);
  printf("%s ", result == SHMGEN_E_EMPTY ? "ok" : result_name(result));
  for (size_t at = 0; at < count; at += 1) printf("%s%s", at == 0 ? "" : ",", found[at]);
  printf("\n");
}

/* Iterates again and again: entries that are torn, go back or come twice, and keys that do not come. */
static void walk_many(unsigned long long keys, unsigned long long times) {
  unsigned long long torn = 0;
  unsigned long long back = 0;
  unsigned long long twice = 0;
  unsigned long long missed = 0;
  uint64_t last[16] = {0};
  for (unsigned long long at = 0; at < times; at += 1) {
    int has_come[16] = {0};
    shmgen_map_cursor cursor;
    char key[10];
    Sample sample = sample_of(0);
    int result;
    memset(&cursor, 0, sizeof cursor);
    while ((result = shmgen_map_utf8_9_Sample_4_next(&floor_data->samples, &cursor, key, &sample)) == SHMGEN_OK) {
      const unsigned long long which = strtoull(key + 4, NULL, 10) % 16;
      if (!is_whole(&sample)) torn += 1;
      if (sample.words[0] < last[which]) back += 1;
      last[which] = sample.words[0];
      twice += (unsigned long long)has_come[which];
      has_come[which] = 1;
    }
    if (result != SHMGEN_E_EMPTY) torn += 1;
    for (unsigned long long which = 0; which < keys; which += 1) missed += has_come[which] == 0;
  }
  printf("ok torn %llu twice %llu back %llu missed %llu\n", torn, twice, back, missed);
}

/* One series of each kind by its key; answers what it says then. */
static int count_in(int kind) {
  shmgen_series series;
  const int result = shmgen_counters_3_series(&floor_data->stats, &me, kind, words[1], "Of the peers", &series);
  if (result == SHMGEN_OK && is("count-in")) {
    for (unsigned long long at = 0; at < number(2); at += 1) shmgen_series_add(series, 1);
  } else if (result == SHMGEN_OK && is("set-in")) {
    shmgen_series_set(series, (double)number(2) / 2);
  } else if (result == SHMGEN_OK && is("observe-in")) {
    shmgen_series_observe(series, (double)number(2) / 2);
  } else if (result == SHMGEN_OK) {
    return shmgen_counters_3_remove(&floor_data->stats, &me, series);
  }
  printf("%s %g\n", result_name(result), result == SHMGEN_OK ? shmgen_series_value(series) : 0);
  return -1;
}

static const char *counting(void) {
  const int kind = is("count-in") || is("remove-in") ? SHMGEN_COUNTER : is("set-in") ? SHMGEN_GAUGE : is("observe-in") ? SHMGEN_HISTOGRAM : 0;
  const int result = kind == 0 ? 0 : count_in(kind);
  return kind == 0 ? NULL : result < 0 ? "" : result_name(result);
}

static const char *locking(void) {
  if (is("lock")) return result_name(shmgen_mutex_lock(&floor_data->door, &me, ms(1)));
  if (is("take")) return result_name(shmgen_mutex_take_abandoned(&floor_data->door, &me));
  if (is("unlock")) return result_name(shmgen_mutex_unlock(&floor_data->door, &me));
  if (is("count")) return result_name(count_up(number(1)));
  if (is("room")) return result_name(shmgen_mutex_lock(&floor_data->rooms[2][1].door, &me, ms(1)));
  return NULL;
}

static const char *waking(void) {
  if (is("wait")) return result_name(shmgen_event_wait(&floor_data->bell, ms(1)));
  if (is("release")) return result_name(shmgen_semaphore_2_release(&floor_data->seats, &me, (uint32_t)number(1)));
  if (is("changed")) return result_name(shmgen_seqlock_Sample_changed(&floor_data->sample, (uint32_t)number(1), ms(2)));
  if (is("set") || is("reset")) {
    (is("set") ? shmgen_event_set : shmgen_event_reset)(&floor_data->bell);
    return "ok";
  }
  return NULL;
}

static const char *streaming(void) {
  Orders *orders = &floor_data->orders;
  if (is("write")) return result_name(write_up(number(1)));
  if (is("produce")) return result_name(shmgen_ring_Order_16_producer(orders, &me, &producer));
  if (is("consume")) return result_name(shmgen_ring_Order_16_consumer(orders, &me, &consumer));
  if (is("push")) return result_name(push_many(number(1), number(2)));
  if (is("batches")) return result_name(push_batches(number(1), number(2)));
  if (is("enqueue")) return result_name(enqueue(number(1), number(2)));
  if (is("add-jobs")) return result_name(add_jobs(number(1), number(2)));
  if (is("write-bytes")) return result_name(shmgen_bipBuffer_192_producer(&floor_data->bytes, &me, &bytes_in));
  if (is("read-bytes")) return result_name(shmgen_bipBuffer_192_consumer(&floor_data->bytes, &me, &bytes_out));
  if (is("put")) return result_name(put_many(number(1), number(2)));
  if (is("listen")) return result_name(shmgen_messages_256_consumer(&floor_data->log, &me, &hearer));
  if (is("say")) return result_name(say_many(number(1), number(2), number(3)));
  if (is("close-producer")) return result_name(shmgen_ring_Order_16_producer_close(orders, &producer));
  if (is("raise")) return result_name(raise_many(number(1), number(2)));
  if (is("drop")) return result_name(shmgen_map_utf8_9_Sample_4_delete(&floor_data->samples, &me, words[1], 20000));
  if (is("clear")) return result_name(shmgen_map_utf8_9_Sample_4_clear(&floor_data->samples, &me, 20000));
  if (is("close-consumer")) return result_name(shmgen_ring_Order_16_consumer_close(orders, &consumer));
  return NULL;
}

static const char *broadcasting(void) {
  shmgen_broadcast_Sample_16 *ticks = &floor_data->ticks;
  if (is("broadcast")) return result_name(shmgen_broadcast_Sample_16_writer(ticks, &me, &writer));
  if (is("publish")) return result_name(publish_many(number(1)));
  if (is("close-writer")) return result_name(shmgen_broadcast_Sample_16_writer_close(ticks, &writer));
  if (is("tune")) return result_name(shmgen_broadcast_Sample_16_reader_newest(ticks, &reader));
  if (is("rewind")) return result_name(shmgen_broadcast_Sample_16_reader_oldest(ticks, &reader));
  return NULL;
}

static void begin_sample(void) {
  Sample sample;
  const int result = shmgen_seqlock_Sample_begin(&floor_data->sample, &me, &sample, ms(1));
  printf("%s\n", result_name(result));
}

/* Answers of more than a result. */
static int telling(void) {
  unsigned long long end = 0;
  uint32_t permit = 99;
  int result;
  if (is("join")) {
    result = join_region();
    printf("%s %u\n", result_name(result), me.number);
  } else if (is("alive")) {
    printf("ok %d\n", shmgen_participant_alive(&me, (uint32_t)number(1)));
  } else if (is("counted")) {
    printf("ok %llu\n", (unsigned long long)floor_data->count);
  } else if (is("abandoned")) {
    printf("ok %u %d\n", shmgen_mutex_abandoned_by(&floor_data->door), shmgen_mutex_abandoned_at(&floor_data->door) > 0);
  } else if (is("acquire")) {
    result = shmgen_semaphore_2_acquire(&floor_data->seats, &me, &permit, ms(1));
    printf("%s %u\n", result_name(result), permit);
  } else if (is("free")) {
    printf("ok %u\n", shmgen_semaphore_2_free(&floor_data->seats));
  } else if (is("bell")) {
    printf("ok %d %u\n", shmgen_event_is_set(&floor_data->bell), shmgen_event_count(&floor_data->bell));
  } else if (is("sequence")) {
    printf("ok %u\n", shmgen_seqlock_Sample_sequence(&floor_data->sample));
  } else if (is("ring")) {
    printf("ok %u %u\n", __atomic_load_n(&floor_data->orders.tail, __ATOMIC_SEQ_CST),
           __atomic_load_n(&floor_data->orders.head, __ATOMIC_SEQ_CST));
  } else if (is("dequeue")) {
    result = dequeue(number(1), &end);
    printf("%s %llu\n", result_name(result), end);
  } else if (is("do-jobs")) {
    result = do_jobs(number(1), &end);
    printf("%s %llu\n", result_name(result), end);
  } else if (is("keep-job")) {
    keep_job();
  } else if (frame()) {
    return 1;
  } else if (is("read")) {
    read_many(number(1));
  } else if (is("entries")) {
    print_entries();
  } else if (is("walk")) {
    walk_many(number(1), number(2));
  } else if (is("look")) {
    look_many(number(1), number(2));
  } else if (is("keep")) {
    const Sample sample = sample_of(number(2));
    const shmgen_map_options options = {(int64_t)number(3), 0};
    result = shmgen_map_utf8_9_Sample_4_set(&floor_data->samples, &me, words[1], &sample, &options, 20000);
    printf("%s %u\n", result_name(result), shmgen_map_utf8_9_Sample_4_size(&floor_data->samples));
  } else if (is("find")) {
    Sample sample;
    memset(&sample, 0, sizeof sample);
    result = shmgen_map_utf8_9_Sample_4_get(&floor_data->samples, words[1], &sample);
    printf("%s %llu\n", result_name(result), result == SHMGEN_OK ? (unsigned long long)sample.words[0] : 0ull);
  } else if (is("visit")) {
    uint64_t visits = number(2);
    result = shmgen_map_u32_u64_3_set(&floor_data->visits, &me, (uint32_t)number(1), &visits, NULL, 0);
    visits = 0;
    if (shmgen_map_u32_u64_3_get(&floor_data->visits, (uint32_t)number(1), &visits) != SHMGEN_OK) visits = 0;
    printf("%s %llu\n", result_name(result), (unsigned long long)visits);
  } else if (is("change")) {
    Sample sample;
    printf("%s\n", result_name(shmgen_map_utf8_9_Sample_4_begin(&floor_data->samples, &me, words[1], &sample, 0)));
  } else if (is("begin")) {
    begin_sample();
  } else if (is("heard")) {
    printf("ok %u\n", __atomic_load_n(&floor_data->heard[number(1)], __ATOMIC_SEQ_CST));
  } else if (is("get")) {
    result = get_many(number(1), number(2), &end);
    printf("%s %llu\n", result_name(result), end);
  } else if (is("hear")) {
    result = hear_many(number(1), words[2][0] == 0 ? 20000 : ms(2), &end);
    printf("%s %llu\n", result_name(result), end);
  } else if (is("published")) {
    printf("ok %llu\n", (unsigned long long)shmgen_broadcast_Sample_16_published(&floor_data->ticks));
  } else if (is("follow")) {
    follow(number(1), ms(2));
  } else if (is("pop")) {
    result = pop_many(number(1), number(2), &end);
    printf("%s %llu\n", result_name(result), end);
  } else {
    return 0;
  }
  return 1;
}

int main(int count, char **arguments) {
  char line[256];
  const int opened = count == 2 ? open_region(arguments[1]) : 1;
  if (opened != SHM_REGION_OK) return 2;
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char *answer;
    memset(words, 0, sizeof words);
    if (sscanf(line, "%63s %63s %63s %63s", words[0], words[1], words[2], words[3]) < 1) continue;
    if (is("leave")) {
      shmgen_participant_leave(&me);
      answer = "ok";
    } else if (telling()) {
      answer = NULL;
    } else {
      answer = locking();
      if (answer == NULL) answer = waking();
      if (answer == NULL) answer = streaming();
      if (answer == NULL) answer = broadcasting();
      if (answer == NULL) answer = counting();
      if (answer == NULL) answer = "unknown";
    }
    if (answer != NULL && answer[0] != 0) printf("%s\n", answer);
    fflush(stdout);
  }
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
