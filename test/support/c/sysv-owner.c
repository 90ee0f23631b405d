/* Makes a segment of System V, writes a page into it, says its number, and removes it when told to. argv: key (0 for none), size. */
#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <stddef.h>

struct page {
  char magic[8];
  uint32_t count;
  uint32_t filler;
  uint64_t big;
};

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  key_t key = (key_t)strtoul(argv[1], NULL, 0);
  int id = shmget(key, (size_t)strtoul(argv[2], NULL, 0), IPC_CREAT | IPC_EXCL | 0600);
  if (id < 0) return perror("shmget"), 1;
  struct page *page = shmat(id, NULL, 0);
  if (page == (void *)-1) return perror("shmat"), 1;
  memcpy(page->magic, "FOREIGN", 8);
  page->count = 7;
  page->big = 1;
  struct shmid_ds status;
  printf("%d %zu %zu %zu\n", id, offsetof(struct shmid_ds, shm_segsz), offsetof(struct ipc_perm, mode), sizeof status);
  fflush(stdout);
  /* Each line is a question: "nattch", "add" (to count), "remove". */
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strncmp(line, "remove", 6) == 0) shmctl(id, IPC_RMID, NULL);
    if (strncmp(line, "add", 3) == 0) page->count += 1;
    if (shmctl(id, IPC_STAT, &status) < 0) status.shm_nattch = 0;
    printf("%lu %u\n", (unsigned long)status.shm_nattch, page->count);
    fflush(stdout);
  }
  shmctl(id, IPC_RMID, NULL);
  return 0;
}
