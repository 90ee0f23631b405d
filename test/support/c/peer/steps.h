/* Lets a process die, or stand still, just before a step of the protocol. Included before shm-region.h. */
#ifndef STEPS_H
#define STEPS_H

#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <signal.h>
#include <unistd.h>
#endif

typedef struct armed_step {
  char name[64];              /* "" for none; "*" for any */
  unsigned skip;              /* so many times nothing happens */
  void (*reached)(const char *); /* NULL: the process kills itself */
} armed_step;

static armed_step armed;

static inline void die(void) {
#ifdef _WIN32
  TerminateProcess(GetCurrentProcess(), 9);
  Sleep(INFINITE);
#else
  kill(getpid(), SIGKILL);
#endif
}

static inline void step_reached(const char *step) {
  if (armed.name[0] == '\0' || (armed.name[0] != '*' && strcmp(armed.name, step) != 0)) return;
  if (armed.skip > 0) {
    armed.skip -= 1;
    return;
  }
  armed.name[0] = '\0';
  if (armed.reached == NULL) die();
  else armed.reached(step);
}

#define SHM_REGION_STEP(step) step_reached(step)

#endif
