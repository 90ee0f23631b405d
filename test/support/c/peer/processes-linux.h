/* The processes of serve.c on Linux: each peer is a fork of the server, and its commands come through a pipe. */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <linux/futex.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct {
  pid_t pid;
  int commands;
} peers[PEERS];

static void put(const char *text, size_t length) {
  if (write(1, text, length) != (ssize_t)length) _exit(3);
}

static void serve_begins(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
}

static void peer_start(int id) {
  int ends[2];
  if (pipe(ends) != 0) exit(4);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) {
    close(ends[0]);
    peers[id].pid = pid;
    peers[id].commands = ends[1];
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  close(ends[1]);
  close(0);
  live(id, fdopen(ends[0], "r"));
  _exit(0);
}

static int peer_runs(int id) { return peers[id].pid != 0; }

/* 0 when there is nobody to read it. */
static int peer_send(int id, const char *text, size_t length) { return write(peers[id].commands, text, length) >= 0; }

static void peer_kill(int id) { kill(peers[id].pid, SIGKILL); }

/* Gone, and seen to be gone: its locks are free. */
static void peer_reap(int id) {
  waitpid(peers[id].pid, NULL, 0);
  close(peers[id].commands);
  peers[id].pid = 0;
}

static void peer_stop(int id, int stops) {
  kill(peers[id].pid, stops ? SIGSTOP : SIGCONT);
  if (stops) waitpid(peers[id].pid, NULL, WUNTRACED);
}

/* The other side adds one when the ball is even. Shared futexes: no FUTEX_PRIVATE_FLAG. */
static void bounce(Shared *shared, uint64_t times) {
  for (uint64_t at = 0; at < times; at += 1) {
    for (;;) {
      const uint32_t seen = Shared_ball_load(shared);
      if (seen % 2 == 1) break;
      syscall(SYS_futex, &shared->ball, FUTEX_WAIT, seen, NULL, NULL, 0);
    }
    Shared_ball_add(shared, 1);
    syscall(SYS_futex, &shared->ball, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
  }
}

/* What only peers of this system can do. 0 for what is none of it. */
static int system_command(const char *line, char *text) {
  unsigned long long number = 0;
  if (strcmp(line, "fork") == 0) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      for (;;) pause();
    }
    snprintf(text, LINE, "%d", (int)child);
  } else if (sscanf(line, "bounce %llu", &number) == 1) {
    bounce(Shared_data(region.memory), number);
  } else {
    return 0;
  }
  return 1;
}

#endif
