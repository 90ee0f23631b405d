/*
 * A racing game, as far as its shared page goes: maps a file, and writes a session that goes on, for `race-page.ts` to read.
 * Build: cc -O2 -o game game.c; run: ./game FILE LAPS
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "generated/race-page.h"

static void text(uint16_t *to, const char *from) {
  while (*from != 0) *to++ = (uint8_t)*from++;
}

/* What a game computes meanwhile: a reader may well look between two stores. */
static void work(int steps) {
  for (volatile int step = 0; step < steps; step += 1) continue;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: game FILE LAPS\n"), 2;
  const int laps = atoi(argv[2]);
  const int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(RacePage)) != 0) return perror(argv[1]), 1;
  RacePage *page = mmap(NULL, sizeof(RacePage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return perror("mmap"), 1;
  text(page->track, "Nordschleife");
  /* A character beyond 16 bits takes two units. */
  text(page->driver, "Zo");
  page->driver[2] = 0xEB;
  page->driver[3] = 0xD83C;
  page->driver[4] = 0xDFCE;
  page->lastLapMs = -1;
  page->status = 2;
  puts("ready");
  fflush(stdout);
  for (int lap = 1; lap <= laps; lap += 1) {
    /* What belongs together stands between two counters: a reader trusts it when they are equal. */
    __atomic_fetch_add(&page->updateBegin, 1, __ATOMIC_SEQ_CST);
    page->lap = lap;
    work(1000);
    page->lastLapMs = 400000 + lap;
    page->speedKmh = (float)lap;
    for (int tyre = 0; tyre < 4; tyre += 1) page->tyrePressure[tyre] = (float)lap;
    work(1000);
    page->isInPit = lap % 2;
    __atomic_fetch_add(&page->updateEnd, 1, __ATOMIC_SEQ_CST);
    work(20000);
  }
  pause();
  return 0;
}
