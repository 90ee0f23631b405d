/*
 * Queues, queues of work and pools in C, by the header that lists.group.mjs generates: `lists WORK` prints the ns of one operation, or of a record.
 * Works of several processes fork; the region is a file in SHMGEN_DIR.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "lists.h"
#include "shm-region.h"

static shm_region region;
static Lists *lists;
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

static Task task;

static void push_and_pop(void) {
  MUST(shmgen_queue_Task_1024_push(&lists->tasks, &me, &task) == SHMGEN_OK);
  MUST(shmgen_queue_Task_1024_pop(&lists->tasks, &me, &task) == SHMGEN_OK);
}
static double queue(void) {
  BEST_OF(50000, push_and_pop());
}
static void push_lease_done(void) {
  shmgen_job job;
  Task *data = NULL;
  MUST(shmgen_workQueue_Task_1024_push(&lists->jobs, &me, &task) == SHMGEN_OK);
  MUST(shmgen_workQueue_Task_1024_lease(&lists->jobs, &me, &job, &data) == SHMGEN_OK);
  MUST(shmgen_workQueue_Task_1024_done(&lists->jobs, &me, &job) == SHMGEN_OK);
}
static double work(void) {
  BEST_OF(50000, push_lease_done());
}
static void alloc_and_free(void) {
  uint64_t handle = 0;
  MUST(shmgen_slotPool_Task_64_alloc(&lists->frames, &me, &handle) == SHMGEN_OK);
  shmgen_slotPool_Task_64_at(&lists->frames, handle)->id += 1;
  MUST(shmgen_slotPool_Task_64_free(&lists->frames, &me, handle) == SHMGEN_OK);
}
static double pool(void) {
  BEST_OF(50000, alloc_and_free());
}

/* ---- Four processes ---- */

enum { MANY = 500000 };

static void push_tasks(void) {
  for (uint32_t id = 0; id < MANY; id += 1) {
    task.id = id;
    MUST(shmgen_queue_Task_1024_push_wait(&lists->tasks, &me, &task, 20000) == SHMGEN_OK);
  }
}
static void pop_tasks(void) {
  for (uint32_t id = 0; id < MANY; id += 1) MUST(shmgen_queue_Task_1024_pop_wait(&lists->tasks, &me, &task, 20000) == SHMGEN_OK);
}
static void push_jobs(void) {
  for (uint32_t id = 0; id < MANY; id += 1) {
    task.id = id;
    MUST(shmgen_workQueue_Task_1024_push_wait(&lists->jobs, &me, &task, 20000) == SHMGEN_OK);
  }
}
static void do_jobs(void) {
  for (uint32_t id = 0; id < MANY; id += 1) {
    shmgen_job job;
    Task *data = NULL;
    MUST(shmgen_workQueue_Task_1024_lease_wait(&lists->jobs, &me, &job, &data, 20000) == SHMGEN_OK);
    MUST(shmgen_workQueue_Task_1024_done(&lists->jobs, &me, &job) == SHMGEN_OK);
  }
}

/* Two of each, who begin at once. */
static double four(void (*produce)(void), void (*consume)(void)) {
  double begun;
  for (int at = 0; at < 4; at += 1) {
    if (fork() != 0) continue;
    MUST(Lists_join(&me, region.memory, region.fd) == SHMGEN_OK);
    (void)__atomic_fetch_add(&lists->go, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&lists->go, __ATOMIC_SEQ_CST) < 5) sched_yield();
    (at % 2 == 0 ? produce : consume)();
    shmgen_participant_leave(&me);
    _exit(0);
  }
  while (__atomic_load_n(&lists->go, __ATOMIC_SEQ_CST) < 4) sched_yield();
  begun = now_ns();
  (void)__atomic_fetch_add(&lists->go, 1, __ATOMIC_SEQ_CST);
  for (int at = 0; at < 4; at += 1) {
    int status = 0;
    MUST(wait(&status) > 0);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  return (now_ns() - begun) / (2.0 * MANY);
}
static double queue_2x2(void) {
  return four(push_tasks, pop_tasks);
}
static double work_2x2(void) {
  return four(push_jobs, do_jobs);
}

static const struct {
  const char *name;
  double (*run)(void);
} works[] = {{"queue", queue}, {"work", work}, {"pool", pool}, {"queue-2x2", queue_2x2}, {"work-2x2", work_2x2}};

int main(int count, char **arguments) {
  const shm_region_type type = SHM_REGION_TYPE(Lists);
  shm_region_options options;
  char name[64];
  memset(&options, 0, sizeof options);
  snprintf(name, sizeof name, "bench-lists-%d", (int)getpid());
  MUST(count == 2);
  MUST(shm_region_open(&region, &type, name, &options) == SHM_REGION_OK);
  lists = Lists_data(region.memory);
  MUST(Lists_join(&me, region.memory, region.fd) == SHMGEN_OK);
  for (size_t at = 0; at < sizeof works / sizeof *works; at += 1) {
    if (strcmp(works[at].name, arguments[1]) == 0) printf("%.3f\n", works[at].run());
  }
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
