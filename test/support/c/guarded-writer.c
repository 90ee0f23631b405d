/*
 * Writes a file of WORDS equal words as other programs do, guarded by counters of its own. argv: file, "pair" | "even" | "newest", and the number of the
 * write in whose middle it kills itself, 0 for never. Ends when its standard input does.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define WORDS 64
#define SLOTS 3

struct pair { uint32_t begin, end; uint64_t words[WORDS]; };
struct even { uint32_t filler, sequence; uint64_t words[WORDS]; };
struct slot { int32_t tick; uint32_t number; uint64_t words[WORDS]; };
struct newest { uint32_t in_use, filler; struct slot slots[4]; };

static uint64_t die_at;

static void fill(uint64_t *words, uint64_t n) {
  for (int at = 0; at < WORDS; at += 1) {
    if (n == die_at && at == WORDS / 2) raise(SIGKILL);
    __atomic_store_n(&words[at], n, __ATOMIC_RELEASE);
  }
}

/* Some writes come at once, others after up to 40 us. */
static void rest(uint64_t n) {
  struct timespec from, now;
  clock_gettime(CLOCK_MONOTONIC, &from);
  long ns = (long)(n * 2654435761u % 40000u);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - from.tv_sec) * 1000000000L + now.tv_nsec - from.tv_nsec < ns);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  die_at = strtoull(argv[3], NULL, 10);
  int fd = open(argv[1], O_RDWR);
  if (fd < 0) return 1;
  void *memory = mmap(NULL, sizeof(struct newest), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return 1;
  for (uint64_t n = 1;; n += 1) {
    if (strcmp(argv[2], "pair") == 0) {
      struct pair *page = memory;
      __atomic_store_n(&page->begin, (uint32_t)n, __ATOMIC_SEQ_CST);
      __atomic_thread_fence(__ATOMIC_SEQ_CST);
      fill(page->words, n);
      __atomic_store_n(&page->end, (uint32_t)n, __ATOMIC_RELEASE);
    } else if (strcmp(argv[2], "even") == 0) {
      struct even *page = memory;
      __atomic_store_n(&page->sequence, (uint32_t)(2 * n - 1), __ATOMIC_SEQ_CST);
      __atomic_thread_fence(__ATOMIC_SEQ_CST);
      fill(page->words, n);
      __atomic_store_n(&page->sequence, (uint32_t)(2 * n), __ATOMIC_RELEASE);
    } else {
      struct newest *page = memory;
      struct slot *slot = &page->slots[n % SLOTS];
      __atomic_store_n(&page->in_use, SLOTS, __ATOMIC_RELAXED);
      fill(slot->words, n);
      slot->number = (uint32_t)n;
      __atomic_store_n(&slot->tick, (int32_t)n, __ATOMIC_RELEASE);
    }
    rest(n);
    if (n % 256 == 0) {
      struct pollfd input = {.fd = 0, .events = POLLIN};
      if (poll(&input, 1, 0) > 0) return 0;
    }
  }
}
