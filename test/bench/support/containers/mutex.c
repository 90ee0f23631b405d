/* What the mutexes of the runtime are measured beside: `mutex raw|word|pthread alone|contended` prints ns for a turn. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 20000, BATCHES = 100, TURNS = 10000000, SPINS = 100 };
#define SLEEPERS 0x80000000u

struct shared {
  _Atomic uint32_t word;
  _Atomic uint32_t ready;
  _Alignas(64) pthread_mutex_t mutex;
  _Alignas(64) volatile uint32_t total;
  volatile uint32_t half;
};
static struct shared *shared;
static uint32_t me = 1;

static void raw_turn(void) {
  uint32_t expected = 0;
  atomic_compare_exchange_strong(&shared->word, &expected, me);
  shared->total += 1;
  shared->half += 1;
  atomic_exchange(&shared->word, 0);
}

/* The steps of runtime/containers/parts/owner-word.ts, without the question who lives. */
static void word_lock(void) {
  uint32_t expected = 0;
  if (atomic_compare_exchange_strong(&shared->word, &expected, me)) return;
  for (int spins = 0; spins < SPINS && atomic_load(&shared->word) != 0; spins++);
  for (uint32_t mine = me;;) {
    uint32_t word = atomic_load(&shared->word);
    if ((word & 0xffff) == 0) {
      if (atomic_compare_exchange_strong(&shared->word, &word, mine | (word & SLEEPERS))) return;
      continue;
    }
    if (!(word & SLEEPERS) && !atomic_compare_exchange_strong(&shared->word, &word, word | SLEEPERS)) continue;
    syscall(SYS_futex, &shared->word, FUTEX_WAIT, word | SLEEPERS, NULL, NULL, 0);
    mine = me | SLEEPERS;
  }
}

static void word_turn(void) {
  word_lock();
  shared->total += 1;
  shared->half += 1;
  uint32_t expected = me;
  if (atomic_compare_exchange_strong(&shared->word, &expected, 0)) return;
  atomic_exchange(&shared->word, 0);
  syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void pthread_turn(void) {
  if (pthread_mutex_lock(&shared->mutex) == EOWNERDEAD) pthread_mutex_consistent(&shared->mutex);
  shared->total += 1;
  shared->half += 1;
  pthread_mutex_unlock(&shared->mutex);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static double turns(void (*turn)(void), int count) {
  double begun = now();
  for (int index = 0; index < count; index++) turn();
  return (now() - begun) / count;
}

int main(int argc, char **argv) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (argc != 3 || shared == MAP_FAILED) return 2;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared->mutex, &attributes);
  void (*turn)(void) = strcmp(argv[1], "pthread") == 0 ? pthread_turn : strcmp(argv[1], "word") == 0 ? word_turn : raw_turn;
  double best = 1e9;
  if (strcmp(argv[2], "contended") != 0) {
    for (int batch = 0; batch < BATCHES; batch++) {
      double ns = turns(turn, BATCH);
      if (ns < best) best = ns;
    }
    printf("%f\n", best);
    return 0;
  }
  pid_t child = fork();
  if (child == 0) me = 2;
  atomic_fetch_add(&shared->ready, 1);
  while (atomic_load(&shared->ready) < 2);
  double ns = turns(turn, TURNS) / 2;
  if (child == 0) return 0;
  waitpid(child, NULL, 0);
  if (shared->total != 2 * TURNS) return 1;
  printf("%f\n", ns);
  return 0;
}
