/*
 * One who works in a depot, as depot-child.mjs in Node, which says what becomes of elements: `depot-child REGION ROLE FIELD MOST`. Says that
 * it is at work by a line.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "depot.h"
#include "shm-region.h"

enum { WAIT_MS = 50, PUSHED = 0x10000, CROSSED = 0x20000, THREADS_MAX = 4096, PRODUCERS_MAX = 4096 };

static shm_region region;
static Depot *depot;
static shmgen_participant me;
static uint32_t most;

static void fail(const char *what, uint32_t one, uint32_t other) {
  fprintf(stderr, "%s: %u %u, errno=%d\n", what, one, other, errno);
  exit(1);
}

/* Whether a call has done it; not, when it has waited in vain. */
static int in_time(int result) {
  if (result != SHMGEN_OK && result != SHMGEN_E_TIMEOUT && result != SHMGEN_E_BUSY) fail("a call", (uint32_t)result, 0);
  return result == SHMGEN_OK;
}

static uint32_t sum_of(uint32_t id, uint32_t by) {
  return id * 0x9e3779b1u ^ by * 0x85ebca6bu;
}
/* Of one life, and no thread's in Node. */
static uint32_t own_name(void) {
  return (uint32_t)getpid() * THREADS_MAX + THREADS_MAX - 1;
}
static Job job_of(uint32_t id) {
  Job job;
  memset(&job, 0, sizeof job);
  job.id = id;
  job.by = own_name();
  job.sum = sum_of(job.id, job.by);
  return job;
}
static uint32_t checked(const Job *job) {
  if (job->sum != sum_of(job->id, job->by)) fail("torn", job->id, job->by);
  return job->id;
}
static void count_taken(uint32_t id, uint32_t by) {
  Depot_ledger_add(depot, id, 1);
  if (by % THREADS_MAX != THREADS_MAX - 1) Depot_ledger_or(depot, id, CROSSED);
}

/* The last id of each producer that this consumer has seen. */
static struct { uint32_t by; uint32_t id; } last[PRODUCERS_MAX];
static void in_order(const Job *job) {
  for (size_t at = 0; at < PRODUCERS_MAX; at += 1) {
    if (last[at].by == job->by && last[at].id >= job->id) fail("out of order", last[at].id, job->id);
    if (last[at].by != job->by && last[at].by != 0) continue;
    last[at].by = job->by;
    last[at].id = job->id;
    return;
  }
  fail("too many producers", job->id, job->by);
}

/* What is done with a field of each type, whose functions have its name. */
#define QUEUE(FIELD, NAME)                                                                                       \
  static int push_##FIELD(const Job *job) { return NAME##_push_wait(&depot->FIELD, &me, job, WAIT_MS); }        \
  static int pop_##FIELD(Job *job) { return NAME##_pop_wait(&depot->FIELD, &me, job, WAIT_MS); }
#define WORK_QUEUE(FIELD, NAME)                                                                                  \
  static int push_##FIELD(const Job *job) { return NAME##_push_wait(&depot->FIELD, &me, job, WAIT_MS); }        \
  static int lease_##FIELD(shmgen_job *lease, Job **job) {                                                       \
    return NAME##_lease_wait(&depot->FIELD, &me, lease, job, WAIT_MS);                                           \
  }                                                                                                              \
  static int done_##FIELD(const shmgen_job *lease) { return NAME##_done(&depot->FIELD, &me, lease); }
QUEUE(jobs, shmgen_queue_Job_4)
QUEUE(one, shmgen_queue_Job_1)
QUEUE(wide, shmgen_queue_Job_64)
WORK_QUEUE(work, shmgen_workQueue_Job_4)
WORK_QUEUE(many, shmgen_workQueue_Job_48)

static const struct field {
  const char *name;
  int (*push)(const Job *job);
  int (*pop)(Job *job);
  int (*lease)(shmgen_job *lease, Job **job);
  int (*done)(const shmgen_job *lease);
} FIELDS[] = {
  {"jobs", push_jobs, pop_jobs, NULL, NULL},          {"one", push_one, pop_one, NULL, NULL},
  {"wide", push_wide, pop_wide, NULL, NULL},          {"work", push_work, NULL, lease_work, done_work},
  {"many", push_many, NULL, lease_many, done_many},
};
static const struct field *field;

static int push(void) {
  const uint32_t id = Depot_next_add(depot, 1);
  const Job job = job_of(id);
  if (id >= most) return 0;
  while (!in_time(field->push(&job))) continue;
  Depot_ledger_add(depot, id, PUSHED);
  return 1;
}

static int pop(void) {
  Job job;
  if (!in_time(field->pop(&job))) return Depot_isOver_load(depot) == 0;
  count_taken(checked(&job), job.by);
  in_order(&job);
  return 1;
}

static int work(void) {
  shmgen_job lease;
  Job *job = NULL;
  if (!in_time(field->lease(&lease, &job))) return Depot_isOver_load(depot) == 0;
  count_taken(checked(job), job->by);
  while (!in_time(field->done(&lease))) continue;
  return 1;
}

/* Fills a slot of the pool, and passes its handle on. */
static int fill(void) {
  const uint32_t id = Depot_next_add(depot, 1);
  uint64_t handle = 0;
  Frame *frame;
  if (id >= most) return 0;
  while (!in_time(shmgen_slotPool_Frame_3_alloc_wait(&depot->frames, &me, &handle, WAIT_MS))) continue;
  frame = shmgen_slotPool_Frame_3_at(&depot->frames, handle);
  frame->owner = id;
  frame->hits = own_name();
  memset(frame->pixels, (int)(id & 0xff), sizeof frame->pixels);
  while (!in_time(shmgen_workQueue_u64_8_push_wait(&depot->lent, &me, &handle, WAIT_MS))) continue;
  shmgen_slotPool_Frame_3_lend(&depot->frames, &me, handle);
  Depot_ledger_add(depot, id, PUSHED);
  return 1;
}

/* Takes the slots of handles, and frees them. A handle is stale when who took its slot before has died with it. */
static int drain(void) {
  shmgen_job lease;
  uint64_t *shown = NULL;
  uint64_t handle;
  const Frame *frame;
  int result;
  if (!in_time(shmgen_workQueue_u64_8_lease_wait(&depot->lent, &me, &lease, &shown, WAIT_MS))) return Depot_isOver_load(depot) == 0;
  handle = *shown;
  do result = shmgen_slotPool_Frame_3_take(&depot->frames, &me, handle);
  while (result != SHMGEN_E_STALE && !in_time(result));
  if (result == SHMGEN_OK) {
    frame = shmgen_slotPool_Frame_3_at(&depot->frames, handle);
    for (size_t at = 0; at < sizeof frame->pixels; at += 1) {
      if (frame->pixels[at] != (frame->owner & 0xff)) fail("another frame", frame->owner, frame->pixels[at]);
    }
    count_taken(frame->owner, frame->hits);
  }
  while (!in_time(shmgen_workQueue_u64_8_done(&depot->lent, &me, &lease))) continue;
  if (result == SHMGEN_OK) {
    while (!in_time(shmgen_slotPool_Frame_3_free(&depot->frames, &me, handle))) continue;
  }
  return 1;
}

static const struct role {
  const char *name;
  int (*turn)(void);
} ROLES[] = {{"push", push}, {"pop", pop}, {"work", work}, {"fill", fill}, {"drain", drain}};

int main(int count, char **arguments) {
  const shm_region_type type = SHM_REGION_TYPE(Depot);
  shm_region_options options;
  int (*turn)(void) = NULL;
  if (count != 5) return 2;
  for (size_t at = 0; at < sizeof ROLES / sizeof ROLES[0]; at += 1) {
    if (strcmp(ROLES[at].name, arguments[2]) == 0) turn = ROLES[at].turn;
  }
  for (size_t at = 0; at < sizeof FIELDS / sizeof FIELDS[0]; at += 1) {
    if (strcmp(FIELDS[at].name, arguments[3]) == 0) field = &FIELDS[at];
  }
  most = (uint32_t)strtoul(arguments[4], NULL, 10);
  memset(&options, 0, sizeof options);
  options.mode = SHM_REGION_OPEN;
  if (turn == NULL || shm_region_open(&region, &type, arguments[1], &options) != SHM_REGION_OK) fail("open", 0, 0);
  depot = Depot_data(region.memory);
  while (!in_time(Depot_join(&me, region.memory, region.fd))) continue;
  printf("at work\n");
  fflush(stdout);
  while (Depot_isOn_load(depot) == 0) usleep(1000);
  while (turn()) continue;
  shmgen_participant_leave(&me);
  shm_region_close(&region, SHM_REGION_LAST_CLOSE);
  return 0;
}
