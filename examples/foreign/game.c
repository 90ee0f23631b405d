/*
 * A racing game, as far as its shared page goes: makes it, and writes a session that goes on, for `race-page.ts` and `dashboard.ts` to read.
 * Linux:   cc -O2 -o game game.c                            ./game FILE LAPS
 * Windows: x86_64-w64-mingw32-gcc -O2 -o game.exe game.c    game.exe Local\\shmgen-race LAPS
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "generated/race-page.h"

#ifdef _WIN32
#include <windows.h>

/* Memory that has a name, and goes with the last program that has it open. */
static RacePage *make_page(const char *name) {
  wchar_t wide[MAX_PATH];
  if (MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, MAX_PATH) == 0) return NULL;
  HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(RacePage), wide);
  return section == NULL ? NULL : MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, sizeof(RacePage));
}

static void stay(void) { Sleep(INFINITE); }
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static RacePage *make_page(const char *path) {
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(RacePage)) != 0) return NULL;
  void *page = mmap(NULL, sizeof(RacePage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return page == MAP_FAILED ? NULL : page;
}

static void stay(void) { pause(); }
#endif

static void text(uint16_t *to, const char *from) {
  while (*from != 0) *to++ = (uint8_t)*from++;
}

/* What a game computes meanwhile: a reader may well look between two stores. */
static void work(int steps) {
  for (volatile int step = 0; step < steps; step += 1) continue;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: game FILE LAPS, and on Windows game NAME LAPS\n"), 2;
  const int laps = atoi(argv[2]);
  RacePage *page = make_page(argv[1]);
  if (page == NULL) return fprintf(stderr, "game: cannot make %s\n", argv[1]), 1;
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
  stay();
  return 0;
}
