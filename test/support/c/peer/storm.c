/*
 * Opens, kills and stops peers in C: storm LEDGER-DIRECTORY LOG SEED FIRST-WORKER WORKERS KILLS SECONDS
 *
 * The regions are slot-0 to slot-7 in $SHMGEN_DIR. Half of the peers die before a step of the protocol that the seed chooses,
 * the others at an instant that nobody chooses; some are stopped for a while, and nothing of theirs may change meanwhile.
 * Prints its counts as a line of JSON when so many were killed or the time is over.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "steps.h"

#include "shared.h"

#include "shm-region.h"

#include "evidence.h"

enum { OPEN_TIMEOUT_MS = 20000, STEPS_OF_A_LIFE = 120 };

static uint64_t random_state;

/* xorshift64*, seeded anew in each process by what it is: the same seed gives every process the same intentions. */
static uint32_t random_bits(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (uint32_t)((random_state * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

static void seed_random(uint64_t seed, uint64_t who) {
  random_state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) ^ (who + 1) * UINT64_C(0xBF58476D1CE4E5B9);
  if (random_state == 0) random_state = 1;
  for (int round = 0; round < 4; round += 1) random_bits();
}

static void sleep_us(uint32_t us) {
  nanosleep(&(struct timespec){us / 1000000, (long)(us % 1000000) * 1000}, NULL);
}

typedef struct attempt {
  const shm_region *region;
  uint64_t token;
  unsigned slot;
} attempt;

static int initialise(void *payload, void *context) {
  const attempt *now = context;
  Shared *shared = payload;
  const uint64_t stamp = (Ledger_stamps_add(ledger, 1) + 1) << 8;
  note_initialiser(now->slot, now->token, now->region->ino, now->region->generation);
  for (size_t at = 0; at < 64; at += 1) {
    if (shared->words[at] != 0) violation("slot %u: word %zu is not zero before initialise", now->slot, at);
    shared->words[at] = stamp + at;
    if (at == 32 && random_bits() % 4 == 0) sched_yield();
  }
  Shared_stamp_store(shared, stamp);
  note_initialised(now->slot, now->token);
  return 0;
}

static void check_whole(const Shared *shared, unsigned slot, uint64_t stamp, const char *when) {
  if (Shared_stamp_load(shared) != stamp || stamp == 0) violation("slot %u: another stamp %s", slot, when);
  for (size_t at = 0; at < 64; at += 1) {
    if (shared->words[at] != stamp + at) {
      violation("slot %u: word %zu is torn %s", slot, at, when);
      return;
    }
  }
}

static void use(shm_region *region, Holder *holder, unsigned slot) {
  const shmgen_header *header = region->memory;
  Shared *shared = Shared_data(region->memory);
  const uint64_t stamp = Shared_stamp_load(shared);
  struct stat now;
  char path[PATH_MAX + SHM_REGION_NAME_MAX + 2];
  snprintf(path, sizeof path, "%s/%s", region->directory, region->name);
  Holder_inode_store(holder, region->ino);
  check_whole(shared, slot, stamp, "after opening");
  if (random_bits() % 3 == 0) sleep_us(random_bits() % (random_bits() % 8 == 0 ? 3000 : 200));
  Shared_counter_add(shared, 1);
  check_whole(shared, slot, stamp, "while open");
  if (__atomic_load_n(&header->state, __ATOMIC_SEQ_CST) != SHMGEN_STATE_READY ||
      __atomic_load_n(&header->generation, __ATOMIC_SEQ_CST) != region->generation) {
    violation("slot %u: it was made anew while open", slot);
  }
  if (lstat(path, &now) != 0 || now.st_ino != region->ino) violation("slot %u: it lost its name while open", slot);
  Holder_inode_store(holder, 0);
}

static void live(unsigned worker, uint64_t seed, uint64_t life) {
  const shm_region_type type = SHM_REGION_TYPE(Shared);
  const uint64_t token = token_of(getpid());
  seed_random(seed, life << 8 | worker);
  for (unsigned slot = 0; slot < SLOTS; slot += 1) Holder_token_store(&ledger->holders[worker * SLOTS + slot], token);
  if (random_bits() % 2 == 0) {
    strcpy(armed.name, "*");
    armed.skip = random_bits() % STEPS_OF_A_LIFE;
  }
  for (;;) {
    static shm_region region;
    /* Few regions are wanted by many. */
    const unsigned slot = random_bits() % (1 + random_bits() % SLOTS);
    attempt now = {&region, token, slot};
    const uint32_t how = random_bits() % 10;
    const shm_region_options options = {
        .mode = how == 0 ? SHM_REGION_CREATE : how == 1 ? SHM_REGION_OPEN : SHM_REGION_CREATE_OR_OPEN,
        .on_stale = random_bits() % 3 == 0 ? SHM_REGION_KEEP : SHM_REGION_REINITIALISE,
        .timeout_ms = OPEN_TIMEOUT_MS,
        .initialise = initialise,
        .context = &now,
    };
    char name[16];
    snprintf(name, sizeof name, "slot-%u", slot);
    const int result = shm_region_open(&region, &type, name, &options);
    if (result == SHM_REGION_OK) {
      if (region.outcome == SHM_REGION_OPENED) Ledger_opened_add(ledger, 1);
      else if (region.outcome == SHM_REGION_CREATED) Ledger_created_add(ledger, 1);
      else Ledger_reinitialised_add(ledger, 1);
      use(&region, &ledger->holders[worker * SLOTS + slot], slot);
      shm_region_close(&region, random_bits() % 6 == 0 ? SHM_REGION_KEEP_FILE : SHM_REGION_LAST_CLOSE);
    } else if ((how == 0 && result == SHM_REGION_E_EXISTS) ||
               (how == 1 && (result == SHM_REGION_E_NOT_FOUND || result == SHM_REGION_E_STALE))) {
      Ledger_refused_add(ledger, 1);
    } else {
      violation("%s: %s %s errno=%d", name, shm_region_code(result), region.what, region.system_errno);
    }
  }
}

static struct {
  pid_t pid;
  uint64_t life;
} workers[WORKERS];

static void start(unsigned worker, uint64_t seed) {
  const pid_t parent = getpid();
  workers[worker].life += 1;
  /* What the last one has noted and could not erase. */
  for (unsigned slot = 0; slot < SLOTS; slot += 1) Holder_inode_store(&ledger->holders[worker * SLOTS + slot], 0);
  const pid_t pid = fork();
  if (pid < 0) {
    perror("fork");
    exit(4);
  }
  if (pid != 0) {
    workers[worker].pid = pid;
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent) live(worker, seed, workers[worker].life);
  _exit(0);
}

/* Slot and inode of what a worker has open, as far as it has noted it. 0 for nothing. */
static uint64_t held_by(unsigned worker, unsigned *slot) {
  for (*slot = 0; *slot < SLOTS; *slot += 1) {
    const uint64_t inode = Holder_inode_load(&ledger->holders[worker * SLOTS + *slot]);
    if (inode != 0) return inode;
  }
  return 0;
}

/* Stops a worker for a while. What it has open stays its own: named, locked, unchanged. 1 when it had something open. */
static int stop_for_a_while(unsigned worker, const char *directory) {
  int status = 0;
  unsigned slot = 0;
  kill(workers[worker].pid, SIGSTOP);
  if (waitpid(workers[worker].pid, &status, WUNTRACED) < 0 || !WIFSTOPPED(status)) {
    workers[worker].pid = 0; /* it died of a step first */
    return 0;
  }
  const uint64_t inode = held_by(worker, &slot);
  sleep_us(random_bits() % 4000);
  if (inode != 0) {
    char path[PATH_MAX + 16];
    struct stat now = {0};
    snprintf(path, sizeof path, "%s/slot-%u", directory, slot);
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 || fstat(file, &now) != 0 || now.st_ino != inode) {
      violation("slot %u: it lost its name while its holder was stopped", slot);
    }
    /* Nobody can have it exclusively. Asked for SH, which others have as well, so that nobody is disturbed. */
    if (file >= 0 && flock(file, LOCK_SH | LOCK_NB) != 0) violation("slot %u: initialised while its holder was stopped", slot);
    if (file >= 0) close(file);
  }
  kill(workers[worker].pid, SIGCONT);
  return inode != 0;
}

int main(int argc, char **argv) {
  const shm_region_type type = SHM_REGION_TYPE(Ledger);
  const char *regions = getenv("SHMGEN_DIR");
  static shm_region region;
  if (argc != 8 || regions == NULL) {
    fprintf(stderr, "usage: SHMGEN_DIR=... storm LEDGER-DIRECTORY LOG SEED FIRST-WORKER WORKERS KILLS SECONDS\n");
    return 2;
  }
  const uint64_t seed = strtoull(argv[3], NULL, 10);
  const unsigned first = (unsigned)atoi(argv[4]);
  const unsigned count = (unsigned)atoi(argv[5]);
  const uint64_t kills_wanted = strtoull(argv[6], NULL, 10);
  const int64_t end_us = shm_region_now_us() + atoi(argv[7]) * INT64_C(1000000);
  uint64_t kills = 0, at_steps = 0, pauses = 0, held_pauses = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  violations_log = open(argv[2], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const shm_region_options options = {.directory = argv[1], .mode = SHM_REGION_OPEN};
  const int result = shm_region_open(&region, &type, "ledger", &options);
  if (result != SHM_REGION_OK || violations_log < 0 || first + count > WORKERS || count == 0) {
    fprintf(stderr, "storm: %s\n", shm_region_code(result));
    return 1;
  }
  ledger = Ledger_data(region.memory);
  const int64_t begin_us = shm_region_now_us();
  for (unsigned at = 0; at < count; at += 1) start(first + at, seed);
  seed_random(seed, UINT64_MAX);
  while (kills + at_steps < kills_wanted && shm_region_now_us() < end_us && Ledger_violations_load(ledger) == 0) {
    for (unsigned worker = first; worker < first + count; worker += 1) {
      if (workers[worker].pid != 0 && waitpid(workers[worker].pid, NULL, WNOHANG) <= 0) continue;
      at_steps += 1;
      start(worker, seed);
    }
    const unsigned worker = first + random_bits() % count;
    sleep_us(random_bits() % 200);
    if (random_bits() % 16 == 0) {
      held_pauses += (uint64_t)stop_for_a_while(worker, regions);
      pauses += 1;
      continue;
    }
    int status = 0;
    kill(workers[worker].pid, SIGKILL);
    waitpid(workers[worker].pid, &status, 0);
    kills += 1;
    start(worker, seed);
  }
  for (unsigned worker = first; worker < first + count; worker += 1) {
    kill(workers[worker].pid, SIGKILL);
    waitpid(workers[worker].pid, NULL, 0);
  }
  Ledger_resumed_add(ledger, held_pauses);
  printf("{\"kills\":%llu,\"killsAtSteps\":%llu,\"pauses\":%llu,\"pausesOfHolders\":%llu,\"seconds\":%.1f}\n",
         (unsigned long long)(kills + at_steps), (unsigned long long)at_steps, (unsigned long long)pauses,
         (unsigned long long)held_pauses, (double)(shm_region_now_us() - begin_us) / 1e6);
  return 0;
}
