/*
 * Peers in C for tests: `serve` starts a process for each one and passes commands on. Lines on standard input:
 *
 *   ID start | kill | reap | stop | continue        what happens to the process of this peer
 *   ID at STEP kill|hang                            arms the next passage of a step; a hanging peer says "at STEP"
 *   ID open NAME MODE STALE TIMEOUT_MS STAMP CLEANUP
 *        MODE createOrOpen|create|open, STALE reinitialise|keep|throw, CLEANUP keep|stay|last-close; stay says at once what keep says at the close
 *   ID add N | see | close                          on the open region
 *   ID cycle NAME STAMP                             opens, checks and closes until it is killed
 *   ID fork                                         Linux: a child that inherits the region's descriptor; says its process id
 *   ID bounce N                                     Linux, N times: waits until the ball is odd, adds one, wakes
 *   ID pid                                          Windows: says its process id
 *   ID await PID                                    Windows: until that process has ended and its locks are free
 *   ID lose STEP                                    Windows: as `at STEP hang`, after it has lost its lifecycle lock and no other
 *   ID mark NAME PID                                Windows: how that process says that it has the file: shared, exclusive, none
 *
 * Every line is answered with one line, "ID ...". Whoever dies of a step does not answer; `ID reap` says "died" then.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "steps.h"

#include "shared.h"

#include "shm-region.h"

enum { PEERS = 256, LINE = 512 };

static int self = -1;
static shm_region region = {.fd = SHM_REGION_NO_FILE};
static shm_region_cleanup cleanup = SHM_REGION_LAST_CLOSE;

static void live(int id, FILE *commands);
static void hang(const char *step);

#ifdef _WIN32
#include "processes-windows.h"
#else
#include "processes-linux.h"
#endif

static void say(int id, const char *text) {
  char line[LINE];
  const int length = snprintf(line, sizeof line, "%d %s\n", id, text);
  put(line, (size_t)length);
}

static void rest_for_ever(void) {
  for (;;) shm_system_sleep(100000);
}

static void hang(const char *step) {
  char text[LINE];
  snprintf(text, sizeof text, "at %s", step);
  say(self, text);
  rest_for_ever();
}

static int initialise(void *payload, void *context) {
  Shared *shared = payload;
  const uint64_t stamp = *(const uint64_t *)context;
  for (size_t at = 0; at < 64; at += 1) {
    if (shared->words[at] != 0) return 1;
    shared->words[at] = stamp + at;
  }
  Shared_stamp_store(shared, stamp);
  return 0;
}

static int is_whole(const Shared *shared) {
  const uint64_t stamp = Shared_stamp_load(shared);
  for (size_t at = 0; at < 64; at += 1) {
    if (shared->words[at] != stamp + at) return 0;
  }
  return stamp != 0;
}

static int open_shared(const char *name, const char *mode, const char *stale, int timeout_ms, uint64_t stamp, int keep) {
  const shm_region_type type = SHM_REGION_TYPE(Shared);
  const shm_region_options options = {
      .mode = strcmp(mode, "create") == 0 ? SHM_REGION_CREATE
              : strcmp(mode, "open") == 0 ? SHM_REGION_OPEN
                                          : SHM_REGION_CREATE_OR_OPEN,
      .on_stale = strcmp(stale, "keep") == 0    ? SHM_REGION_KEEP
                  : strcmp(stale, "throw") == 0 ? SHM_REGION_THROW
                                                : SHM_REGION_REINITIALISE,
      .timeout_ms = timeout_ms,
      .initialise = initialise,
      .context = &stamp,
      .keep = keep,
  };
  return shm_region_open(&region, &type, name, &options);
}

static void see(char *text, const char *outcome) {
  Shared *shared = Shared_data(region.memory);
  int ignored = 0;
  const shm_region_file directory = shm_system_directory(&region, 0, &ignored);
  const int current = directory != SHM_REGION_NO_FILE && shm_region_named(directory, &region);
  if (directory != SHM_REGION_NO_FILE) shm_system_close(directory);
  snprintf(text, LINE, "%s %u %llu %llu %s %s", outcome, (unsigned)region.generation,
           (unsigned long long)Shared_stamp_load(shared), (unsigned long long)Shared_counter_load(shared),
           is_whole(shared) ? "whole" : "torn", current ? "current" : "replaced");
}

static void cycle(const char *name, uint64_t stamp) {
  for (;; stamp += 1) {
    const int result = open_shared(name, "createOrOpen", stamp % 3 == 0 ? "keep" : "reinitialise", 20000, stamp, 0);
    if (result != SHM_REGION_OK || !is_whole(Shared_data(region.memory))) {
      say(self, result != SHM_REGION_OK ? shm_region_code(result) : "torn");
      rest_for_ever();
    }
    shm_region_close(&region, stamp % 5 == 0 ? SHM_REGION_KEEP_FILE : SHM_REGION_LAST_CLOSE);
  }
}

static void command(char *line) {
  char text[LINE] = "ok";
  char a[LINE] = "", b[LINE] = "", c[LINE] = "", d[32] = "";
  unsigned long long number = 0;
  int timeout_ms = 0;
  if (sscanf(line, "open %511s %511s %511s %d %llu %31s", a, b, c, &timeout_ms, &number, d) == 6) {
    static const char *const outcomes[] = {"opened", "created", "reinitialised"};
    const int result = open_shared(a, b, c, timeout_ms, number, strcmp(d, "stay") == 0);
    cleanup = strcmp(d, "last-close") != 0 ? SHM_REGION_KEEP_FILE : SHM_REGION_LAST_CLOSE;
    if (result == SHM_REGION_OK) see(text, outcomes[region.outcome]);
    else snprintf(text, sizeof text, "%s", shm_region_code(result));
  } else if (sscanf(line, "at %63s %511s", a, b) == 2) {
    memcpy(armed.name, a, sizeof armed.name);
    armed.reached = strcmp(b, "hang") == 0 ? hang : NULL;
  } else if (sscanf(line, "add %llu", &number) == 1) {
    Shared_counter_add(Shared_data(region.memory), number);
  } else if (strcmp(line, "see") == 0) {
    see(text, "seen");
  } else if (strcmp(line, "close") == 0) {
    shm_region_close(&region, cleanup);
  } else if (sscanf(line, "cycle %511s %llu", a, &number) == 2) {
    say(self, text);
    cycle(a, number);
  } else if (!system_command(line, text)) {
    snprintf(text, sizeof text, "unknown command: %.400s", line);
  }
  say(self, text);
}

static int next_line(FILE *from, char *line) {
  if (fgets(line, LINE, from) == NULL) return 0;
  line[strcspn(line, "\r\n")] = '\0';
  return 1;
}

/* The life of a peer. */
static void live(int id, FILE *commands) {
  char line[LINE];
  self = id;
  while (next_line(commands, line)) command(line);
}

int main(int argc, char **argv) {
  char line[LINE];
  if (argc == 2) {
    live(atoi(argv[1]), stdin);
    return 0;
  }
  serve_begins();
  while (next_line(stdin, line)) {
    char *rest = strchr(line, ' ');
    const int id = atoi(line);
    if (rest == NULL || id < 0 || id >= PEERS) return 2;
    rest += 1;
    if (strcmp(rest, "start") == 0) {
      peer_start(id);
      say(id, "started");
    } else if (strcmp(rest, "kill") == 0) {
      peer_kill(id);
      peer_reap(id);
      say(id, "killed");
    } else if (strcmp(rest, "reap") == 0) {
      peer_reap(id); /* of one that was told to die at a step */
      say(id, "died");
    } else if (strcmp(rest, "stop") == 0 || strcmp(rest, "continue") == 0) {
      peer_stop(id, rest[0] == 's');
      say(id, "ok");
    } else {
      strcat(rest, "\n");
      if (!peer_send(id, rest, strlen(rest))) say(id, "gone");
    }
  }
  for (int id = 0; id < PEERS; id += 1) {
    if (peer_runs(id)) peer_kill(id);
  }
  return 0;
}
