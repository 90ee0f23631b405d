/*
 * Containers in C, by the header that c-containers.mjs generates: `containers WORK` prints the ns of one operation, `containers` the figures of all
 * works as JSON. Works with two processes fork; the region is a file in SHMGEN_DIR.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include "yard.h"
#include "shm-region.h"

static shm_region region;
static Yard *yard;
static shmgen_participant me;
static pid_t other;

#define MUST(condition)                                       \
  do {                                                        \
    if (!(condition)) {                                       \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      if (other > 0) kill(other, SIGKILL);                    \
      exit(1);                                                \
    }                                                         \
  } while (0)

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ns for one call, the best of 20 batches. */
#define BEST_OF(times, call)                             \
  double best = 1e18;                                    \
  for (int batch = 0; batch < 20; batch += 1) {          \
    const double begun = now_ns();                       \
    for (int at = 0; at < (times); at += 1) { call; }    \
    const double ns = (now_ns() - begun) / (times);      \
    if (ns < best) best = ns;                            \
  }                                                      \
  return best

/* Another process, which takes part and works until it is killed, or ends. Both begin at once. */
static void fork_off(void (*work)(void)) {
  __atomic_store_n(&yard->go, 0, __ATOMIC_SEQ_CST);
  other = fork();
  MUST(other >= 0);
  if (other == 0) {
    MUST(Yard_join(&me, region.memory, region.fd) == SHMGEN_OK);
    __atomic_store_n(&yard->go, 1, __ATOMIC_SEQ_CST);
    work();
    shmgen_participant_leave(&me);
    _exit(0);
  }
  while (__atomic_load_n(&yard->go, __ATOMIC_SEQ_CST) == 0) sched_yield();
}
static void gather(void) {
  int status = 0;
  MUST(waitpid(other, &status, 0) == other);
  other = 0;
  MUST(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
static void end_other(void) {
  kill(other, SIGKILL);
  MUST(waitpid(other, NULL, 0) == other);
  other = 0;
}

/* ---- Locks ---- */

static double mutex(void) {
  BEST_OF(100000, (void)shmgen_mutex_lock(&yard->door, &me, 5000); yard->count += 1; (void)shmgen_mutex_unlock(&yard->door, &me));
}
static double semaphore(void) {
  uint32_t permit = 0;
  BEST_OF(100000, (void)shmgen_semaphore_4_acquire(&yard->seats, &me, &permit, 5000); (void)shmgen_semaphore_4_release(&yard->seats, &me, permit));
}
enum { TURNS = 3000000 };
static void count_turns(void) {
  for (int at = 0; at < TURNS; at += 1) {
    MUST(shmgen_mutex_lock(&yard->door, &me, 20000) == SHMGEN_OK);
    yard->count += 1;
    MUST(shmgen_mutex_unlock(&yard->door, &me) == SHMGEN_OK);
  }
}
/* ns for a turn of either. */
static double mutex_contended(void) {
  const uint64_t before = yard->count;
  fork_off(count_turns);
  const double begun = now_ns();
  count_turns();
  gather();
  MUST(yard->count == before + 2 * TURNS);
  return (now_ns() - begun) / (2.0 * TURNS);
}
static void hold(void) {
  MUST(shmgen_mutex_lock(&yard->door, &me, 0) == SHMGEN_OK);
  __atomic_store_n(&yard->go, 2, __ATOMIC_SEQ_CST);
  for (;;) pause();
}
/* From the death of the owner until the next to come has it; median of 50. */
static int by_value(const void *a, const void *b) {
  return *(const double *)a < *(const double *)b ? -1 : 1;
}
static double takeover(void) {
  double times[50];
  for (size_t at = 0; at < 50; at += 1) {
    fork_off(hold);
    while (__atomic_load_n(&yard->go, __ATOMIC_SEQ_CST) != 2) sched_yield();
    end_other();
    const double begun = now_ns();
    MUST(shmgen_mutex_lock(&yard->door, &me, 5000) == SHMGEN_E_ABANDONED);
    MUST(shmgen_mutex_take_abandoned(&yard->door, &me) == SHMGEN_OK);
    times[at] = now_ns() - begun;
    MUST(shmgen_mutex_unlock(&yard->door, &me) == SHMGEN_OK);
  }
  qsort(times, 50, sizeof *times, by_value);
  return times[25];
}

/* ---- Values read whole ---- */

static Record64 small;
static Record1000 large;

static double read_64(void) {
  BEST_OF(100000, (void)shmgen_seqlock_Record64_read(&yard->small, &small));
}
static double read_1000(void) {
  BEST_OF(20000, (void)shmgen_seqlock_Record1000_read(&yard->large, &large));
}
static double copy_64(void) {
  volatile uint64_t sink;
  BEST_OF(100000, memcpy(&small, &yard->small.even, sizeof small); __asm__ volatile("" ::: "memory"); sink = small.id; (void)sink);
}
static double copy_1000(void) {
  volatile uint64_t sink;
  BEST_OF(20000, memcpy(&large, &yard->large.even, sizeof large); __asm__ volatile("" ::: "memory"); sink = large.words[0]; (void)sink);
}
static double write_64(void) {
  BEST_OF(100000, (void)shmgen_seqlock_Record64_write(&yard->small, &me, &small, 5000));
}
static double write_1000(void) {
  BEST_OF(20000, (void)shmgen_seqlock_Record1000_write(&yard->large, &me, &large, 5000));
}
static void keep_writing(void) {
  for (;;) {
    small.id += 1;
    MUST(shmgen_seqlock_Record64_write(&yard->small, &me, &small, 5000) == SHMGEN_OK);
  }
}
static double read_64_beside_writer(void) {
  fork_off(keep_writing);
  const double begun = now_ns();
  for (int at = 0; at < 5000000; at += 1) (void)shmgen_seqlock_Record64_read(&yard->small, &small);
  const double ns = (now_ns() - begun) / 5e6;
  end_other();
  (void)shmgen_participant_recover_dead(&me);
  return ns;
}

/* ---- Rings ---- */

enum { ELEMENTS = 10000000, TRIPS = 300000, SLEEPING_TRIPS = 30000, BATCH = 16 };
typedef shmgen_ring_Record64_1024 Ring;
static shmgen_ring_producer producer;
static shmgen_ring_consumer consumer;

static void pop_all(void) {
  Record64 record;
  MUST(shmgen_ring_Record64_1024_consumer(&yard->there, &me, &consumer) == SHMGEN_OK);
  for (uint64_t at = 0; at < ELEMENTS;) {
    if (shmgen_ring_Record64_1024_pop(&yard->there, &consumer, &record) == SHMGEN_OK) {
      MUST(record.id == at);
      at += 1;
    } else {
      MUST(shmgen_ring_Record64_1024_wait(&yard->there, &consumer, 20000) == SHMGEN_OK);
    }
  }
}
static double ring(void) {
  Record64 record;
  memset(&record, 0, sizeof record);
  MUST(shmgen_ring_Record64_1024_producer(&yard->there, &me, &producer) == SHMGEN_OK);
  fork_off(pop_all);
  const double begun = now_ns();
  for (uint64_t at = 0; at < ELEMENTS; at += 1) {
    record.id = at;
    while (shmgen_ring_Record64_1024_push(&yard->there, &producer, &record) != SHMGEN_OK) {
      MUST(shmgen_ring_Record64_1024_wait_room(&yard->there, &producer, 20000) == SHMGEN_OK);
    }
  }
  gather();
  const double ns = (now_ns() - begun) / ELEMENTS;
  MUST(shmgen_ring_Record64_1024_producer_close(&yard->there, &producer) == SHMGEN_OK);
  return ns;
}

static void drain_all(void) {
  MUST(shmgen_ring_Record64_1024_consumer(&yard->there, &me, &consumer) == SHMGEN_OK);
  for (uint64_t at = 0; at < ELEMENTS;) {
    const Record64 *record;
    uint32_t seen = 0;
    while (seen < BATCH && (record = shmgen_ring_Record64_1024_peek(&yard->there, &consumer, seen)) != NULL) {
      MUST(record->id == at + seen);
      seen += 1;
    }
    if (seen > 0) (void)shmgen_ring_Record64_1024_release(&yard->there, &consumer, seen);
    else MUST(shmgen_ring_Record64_1024_wait(&yard->there, &consumer, 20000) == SHMGEN_OK);
    at += seen;
  }
}
static double ring_batches(void) {
  MUST(shmgen_ring_Record64_1024_producer(&yard->there, &me, &producer) == SHMGEN_OK);
  fork_off(drain_all);
  const double begun = now_ns();
  for (uint64_t at = 0; at < ELEMENTS;) {
    Record64 *record;
    uint32_t claimed = 0;
    while (claimed < BATCH && at + claimed < ELEMENTS &&
           (record = shmgen_ring_Record64_1024_claim(&yard->there, &producer, claimed)) != NULL) {
      record->id = at + claimed;
      record->price = 1;
      for (size_t word = 0; word < 6; word += 1) record->words[word] = at;
      claimed += 1;
    }
    if (claimed > 0) (void)shmgen_ring_Record64_1024_publish(&yard->there, &producer, claimed);
    else MUST(shmgen_ring_Record64_1024_wait_room(&yard->there, &producer, 20000) == SHMGEN_OK);
    at += claimed;
  }
  gather();
  const double ns = (now_ns() - begun) / ELEMENTS;
  MUST(shmgen_ring_Record64_1024_producer_close(&yard->there, &producer) == SHMGEN_OK);
  return ns;
}

/* Takes the next one from `ring`, spinning or sleeping. */
static void next(Ring *from, int sleeps, Record64 *record) {
  while (shmgen_ring_Record64_1024_pop(from, &consumer, record) != SHMGEN_OK) {
    if (sleeps) MUST(shmgen_ring_Record64_1024_wait(from, &consumer, 20000) == SHMGEN_OK);
    else shmgen_spin();
  }
}
static int trips;
static int sleeps;
static void answer_all(void) {
  Record64 record;
  MUST(shmgen_ring_Record64_1024_consumer(&yard->there, &me, &consumer) == SHMGEN_OK);
  MUST(shmgen_ring_Record64_1024_producer(&yard->back, &me, &producer) == SHMGEN_OK);
  for (int at = 0; at < trips; at += 1) {
    next(&yard->there, sleeps, &record);
    MUST(shmgen_ring_Record64_1024_push(&yard->back, &producer, &record) == SHMGEN_OK);
  }
}
static double round_trips(int times, int sleeping) {
  Record64 record;
  memset(&record, 0, sizeof record);
  trips = times;
  sleeps = sleeping;
  MUST(shmgen_ring_Record64_1024_producer(&yard->there, &me, &producer) == SHMGEN_OK);
  MUST(shmgen_ring_Record64_1024_consumer(&yard->back, &me, &consumer) == SHMGEN_OK);
  fork_off(answer_all);
  const double begun = now_ns();
  for (int at = 0; at < times; at += 1) {
    record.id = (uint64_t)at;
    MUST(shmgen_ring_Record64_1024_push(&yard->there, &producer, &record) == SHMGEN_OK);
    next(&yard->back, sleeping, &record);
    MUST(record.id == (uint64_t)at);
  }
  const double ns = (now_ns() - begun) / times;
  gather();
  MUST(shmgen_ring_Record64_1024_producer_close(&yard->there, &producer) == SHMGEN_OK);
  MUST(shmgen_ring_Record64_1024_consumer_close(&yard->back, &consumer) == SHMGEN_OK);
  return ns;
}
static double round_trip_spinning(void) {
  return round_trips(TRIPS, 0);
}
static double round_trip_sleeping(void) {
  return round_trips(SLEEPING_TRIPS, 1);
}

/* ---- Bytes and messages ---- */

static shmgen_bip_producer writer;
static shmgen_bip_consumer reader;
static shmgen_messages_consumer hearer;
static uint32_t piece;
static uint64_t pieces;

static void read_stream(void) {
  uint64_t left = pieces * piece;
  MUST(shmgen_bipBuffer_1048576_consumer(&yard->stream, &me, &reader) == SHMGEN_OK);
  while (left > 0) {
    uint32_t size = 0;
    const unsigned char *bytes = shmgen_bipBuffer_1048576_peek(&yard->stream, &reader, &size);
    if (bytes == NULL) {
      MUST(shmgen_bipBuffer_1048576_wait(&yard->stream, &reader, 20000) == SHMGEN_OK);
      continue;
    }
    if (size > 65536) size = 65536;
    MUST(bytes[0] == 7);
    (void)shmgen_bipBuffer_1048576_release(&yard->stream, &reader, size);
    left -= size;
  }
}
static double stream(uint32_t size) {
  static unsigned char bytes[65536];
  memset(bytes, 7, sizeof bytes);
  piece = size;
  pieces = size > 1000 ? 20000 : 3000000;
  MUST(shmgen_bipBuffer_1048576_producer(&yard->stream, &me, &writer) == SHMGEN_OK);
  fork_off(read_stream);
  const double begun = now_ns();
  for (uint64_t at = 0; at < pieces; at += 1) {
    while (shmgen_bipBuffer_1048576_push(&yard->stream, &writer, bytes, size) != SHMGEN_OK) {
      MUST(shmgen_bipBuffer_1048576_wait_room(&yard->stream, &writer, size, 20000) == SHMGEN_OK);
    }
  }
  gather();
  const double ns = (now_ns() - begun) / (double)pieces;
  MUST(shmgen_bipBuffer_1048576_producer_close(&yard->stream, &writer) == SHMGEN_OK);
  return ns;
}
static double stream_64(void) {
  return stream(64);
}
static double stream_65536(void) {
  return stream(65536);
}

static void hear_all(void) {
  static unsigned char copy[65536];
  MUST(shmgen_messages_1048576_consumer(&yard->log, &me, &hearer) == SHMGEN_OK);
  for (uint64_t at = 0; at < pieces;) {
    shmgen_message message;
    if (shmgen_messages_1048576_peek(&yard->log, &hearer, &message) != SHMGEN_OK) {
      MUST(shmgen_messages_1048576_wait(&yard->log, &hearer, 20000) == SHMGEN_OK);
      continue;
    }
    memcpy(copy, message.bytes, message.length);
    MUST(copy[0] == 'a' && message.length == piece);
    MUST(shmgen_messages_1048576_release(&yard->log, &hearer) == SHMGEN_OK);
    at += 1;
  }
}
static double messages(uint32_t size) {
  static unsigned char bytes[65536];
  memset(bytes, 'a', sizeof bytes);
  piece = size;
  pieces = size > 10000 ? 20000 : 1000000;
  fork_off(hear_all);
  const double begun = now_ns();
  for (uint64_t at = 0; at < pieces; at += 1) {
    while (shmgen_messages_1048576_push(&yard->log, &me, SHMGEN_MESSAGE_TEXT, bytes, size, 20000) != SHMGEN_OK) {
      MUST(shmgen_messages_1048576_wait_room(&yard->log, &me, size, 20000) == SHMGEN_OK);
    }
  }
  gather();
  return (now_ns() - begun) / (double)pieces;
}
static double messages_16(void) {
  return messages(16);
}
static double messages_1024(void) {
  return messages(1024);
}
static double messages_65536(void) {
  return messages(65536);
}

/* ---- Participants ---- */

/* Keys of maps, looked for in an order that no cache foresees. */
enum { SESSIONS = 10000 };
static char session_keys[SESSIONS][33];
static const char *session_key(uint32_t turn) {
  return session_keys[(turn * 7919u) % SESSIONS];
}
static void fill_map(void) {
  for (uint32_t at = 0; at < SESSIONS; at += 1) {
    const Session session = {at, 1.5};
    (void)snprintf(session_keys[at], sizeof session_keys[at], "session-%x", at * 2654435761u);
    MUST(shmgen_map_utf8_32_Session_10000_set(&yard->sessions, &me, session_keys[at], &session, NULL, 0) == SHMGEN_OK);
  }
}
static double gets(void) {
  uint32_t turn = 0;
  Session session;
  BEST_OF(100000, MUST(shmgen_map_utf8_32_Session_10000_get(&yard->sessions, session_key(turn++), &session) == SHMGEN_OK));
}
static double map_get(void) {
  fill_map();
  return gets();
}
static void set_sessions(void) {
  for (uint32_t turn = 0;; turn += 1) {
    const Session session = {turn, 1.5};
    MUST(shmgen_map_utf8_32_Session_10000_set(&yard->sessions, &me, session_key(turn), &session, NULL, 1000) == SHMGEN_OK);
  }
}
static double map_get_beside_writer(void) {
  double ns;
  fill_map();
  fork_off(set_sessions);
  ns = gets();
  kill(other, SIGKILL);
  MUST(waitpid(other, NULL, 0) == other);
  return ns;
}
static double map_set(void) {
  const Session session = {1, 1.5};
  uint32_t turn = 0;
  fill_map();
  BEST_OF(100000, MUST(shmgen_map_utf8_32_Session_10000_set(&yard->sessions, &me, session_key(turn++), &session, NULL, 0) == SHMGEN_OK));
}

static double alive(void) {
  fork_off(hold);
  while (__atomic_load_n(&yard->go, __ATOMIC_SEQ_CST) != 2) sched_yield();
  const double begun = now_ns();
  for (int at = 0; at < 100000; at += 1) (void)shmgen_participant_alive(&me, me.number == 1 ? 2 : 1);
  const double ns = (now_ns() - begun) / 1e5;
  end_other();
  (void)shmgen_participant_recover_dead(&me);
  MUST(shmgen_mutex_take_abandoned(&yard->door, &me) == SHMGEN_OK);
  MUST(shmgen_mutex_unlock(&yard->door, &me) == SHMGEN_OK);
  return ns;
}

static const struct {
  const char *name;
  double (*run)(void);
} works[] = {
    {"mutex", mutex},
    {"mutex-contended", mutex_contended},
    {"mutex-takeover", takeover},
    {"semaphore", semaphore},
    {"seqlock-read-64", read_64},
    {"copy-64", copy_64},
    {"seqlock-read-1000", read_1000},
    {"copy-1000", copy_1000},
    {"seqlock-read-64-beside-writer", read_64_beside_writer},
    {"seqlock-write-64", write_64},
    {"seqlock-write-1000", write_1000},
    {"ring-64", ring},
    {"ring-64-batches", ring_batches},
    {"round-trip-spinning", round_trip_spinning},
    {"round-trip-sleeping", round_trip_sleeping},
    {"bytes-64", stream_64},
    {"bytes-65536", stream_65536},
    {"messages-16", messages_16},
    {"messages-1024", messages_1024},
    {"messages-65536", messages_65536},
    {"map-get", map_get},
    {"map-get-beside-writer", map_get_beside_writer},
    {"map-set", map_set},
    {"alive", alive},
};
enum { WORKS = sizeof works / sizeof *works };

int main(int count, char **arguments) {
  const shm_region_type type = SHM_REGION_TYPE(Yard);
  shm_region_options options;
  char name[32];
  int found = 0;
  memset(&options, 0, sizeof options);
  (void)snprintf(name, sizeof name, "yard-%d", getpid());
  if (shm_region_open(&region, &type, name, &options) != SHM_REGION_OK) {
    fprintf(stderr, "open: %s\n", region.what);
    return 2;
  }
  yard = Yard_data(region.memory);
  MUST(Yard_join(&me, region.memory, region.fd) == SHMGEN_OK);
  if (count < 2) printf("{");
  for (int at = 0; at < WORKS; at += 1) {
    if (count > 1 && strcmp(works[at].name, arguments[1]) != 0) continue;
    const double ns = works[at].run();
    if (count > 1) printf("%.2f\n", ns);
    else printf("%s\"%s\": %.2f", found > 0 ? ", " : "", works[at].name, ns);
    fflush(stdout);
    found += 1;
  }
  if (count < 2) printf("}\n");
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return found > 0 ? 0 : 2;
}
