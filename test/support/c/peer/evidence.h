/*
 * What a peer of a soak checks and notes in the ledger. The kernel's locks decide who owns a region; the ledger shows
 * independently of them who thinks so. It is written after a region was got and erased before it is given up, so whoever
 * finds another one there has caught a mistake: unless that one is dead, whose notes nobody erases.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared.h"

enum { SLOTS = 8, WORKERS = 32, PF_EXITING = 4 };

static Ledger *ledger;
static int violations_log = -1;

static inline void violation(const char *format, ...) {
  char line[512];
  va_list arguments;
  int length = snprintf(line, sizeof line, "pid %d: ", (int)getpid());
  va_start(arguments, format);
  length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
  va_end(arguments);
  line[length] = '\n';
  Ledger_violations_add(ledger, 1);
  if (write(violations_log, line, (size_t)length + 1) < 0) abort();
}

/* Fields of /proc/PID/stat. 0 when there is no such process. */
static inline int process_of(pid_t pid, char *state, unsigned *flags, uint64_t *start) {
  char path[64];
  char text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *field = strrchr(text, ')');
  unsigned long long ticks = 0;
  if (field == NULL || sscanf(field + 2, "%c %*s %*s %*s %*s %*s %u", state, flags) != 2) return 0;
  for (int at = 2; field != NULL && at < 22; at += 1) field = strchr(field + 1, ' ');
  if (field == NULL || sscanf(field, "%llu", &ticks) != 1) return 0;
  *start = ticks;
  return 1;
}

/* A process for ever: process ids come again within seconds. */
static inline uint64_t token_of(pid_t pid) {
  char state;
  unsigned flags;
  uint64_t start;
  return process_of(pid, &state, &flags, &start) ? start << 22 | (uint64_t)pid : 0;
}

/* A dying process gives up its locks after it has got PF_EXITING and before it is a zombie. A stopped one is alive. */
static inline int is_alive(uint64_t token) {
  char state;
  unsigned flags;
  uint64_t start;
  if (!process_of((pid_t)(token & 0x3fffff), &state, &flags, &start) || start != token >> 22) return 0;
  return state != 'Z' && state != 'X' && (flags & PF_EXITING) == 0;
}

/* Called by whoever holds the region's file exclusively and is about to give it its first values. */
static inline void note_initialiser(unsigned number, uint64_t token, uint64_t inode, uint32_t generation) {
  Slot *slot = &ledger->slots[number];
  const uint64_t before = Slot_initialiser_exchange(slot, token);
  if (before != 0 && is_alive(before)) {
    violation("slot %u: two initialisers, the other one is pid %d", number, (int)(before & 0x3fffff));
  }
  for (unsigned worker = 0; worker < WORKERS; worker += 1) {
    Holder *holder = &ledger->holders[worker * SLOTS + number];
    if (Holder_inode_load(holder) != inode) continue;
    const uint64_t owner = Holder_token_load(holder);
    /* Looked at again: the worker may be a new process by now, which has erased what the old one left. */
    if (is_alive(owner) && Holder_inode_load(holder) == inode) {
      violation("slot %u: inode %llu is stolen from worker %u, pid %d", number, (unsigned long long)inode, worker,
                (int)(owner & 0x3fffff));
    }
  }
  const uint64_t last = Slot_generation_load(slot);
  if (Slot_inode_load(slot) == inode && last >= generation) {
    violation("slot %u: generation %u after %llu", number, (unsigned)generation, (unsigned long long)last);
  }
  /* In this order: whoever is killed on the way must not leave this inode beside the generation of another one. */
  Slot_inode_store(slot, 0);
  Slot_generation_store(slot, generation);
  Slot_inode_store(slot, inode);
}

static inline void note_initialised(unsigned number, uint64_t token) {
  if (Slot_initialiser_compare_exchange(&ledger->slots[number], token, 0) != token) {
    violation("slot %u: another initialiser came before this one had finished", number);
  }
}

#endif
