/* The loop of access-contender.mjs in C: ns per record on stdout. The argument is how many records are visited in turn. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct sample {
  uint32_t id;
  uint16_t kind;
  float temperature;
  double x;
  double y;
  int32_t count;
};
static struct sample records[64];

static double run(long n, long mask) {
  struct timespec start, end;
  double sum = 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long i = 0; i < n; i++) {
    struct sample *r = &records[i & mask];
    sum += r->id + r->x + r->temperature;
    r->count = (int32_t)i;
    r->y = (double)i;
    r->kind = (uint16_t)(i & 0xff);
    __asm__ volatile("" ::: "memory"); /* each record is read and written, as in JavaScript */
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (sum == -1) puts(""); /* the sum is used */
  return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / (double)n;
}

int main(int count, char **arguments) {
  long mask = (count > 1 ? atol(arguments[1]) : 1) - 1;
  double best = run(1000000, mask);
  for (int round = 0; round < 7; round++) {
    double time = run(10000000, mask);
    if (time < best) best = time;
  }
  printf("%f\n", best);
  return 0;
}
