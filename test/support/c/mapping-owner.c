/*
 * Makes named memory of Windows with a page in it, says so, does what its lines say, and ends with them. argv: name, size, and "denied" for memory that
 * nobody may open, "reserved" for pages that are committed later, "event" for something else of that name.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

struct page {
  char magic[8];
  uint32_t count;
  uint32_t filler;
  uint64_t big;
};

static void say(unsigned long long word) {
  printf("%llu\n", word);
  fflush(stdout);
}

static void fill(struct page *page) {
  memcpy(page->magic, "FOREIGN", 8);
  page->count = 7;
  page->big = 1;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  wchar_t name[MAX_PATH];
  MultiByteToWideChar(CP_UTF8, 0, argv[1], -1, name, MAX_PATH);
  const DWORD size = (DWORD)strtoul(argv[2], NULL, 0);
  const char *kind = argv[3];
  /* An access list without an entry lets nobody in, but for its owner's right to change it. */
  ACL nobody;
  SECURITY_DESCRIPTOR descriptor;
  InitializeAcl(&nobody, sizeof nobody, ACL_REVISION);
  InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
  SetSecurityDescriptorDacl(&descriptor, TRUE, &nobody, FALSE);
  SECURITY_ATTRIBUTES denied = {sizeof denied, &descriptor, FALSE};
  if (strcmp(kind, "event") == 0) {
    if (CreateEventW(NULL, TRUE, FALSE, name) == NULL) return 1;
    say(0);
    return getchar() == EOF ? 0 : 1;
  }
  const int reserved = strcmp(kind, "reserved") == 0;
  HANDLE section = CreateFileMappingW(
    INVALID_HANDLE_VALUE,
    strcmp(kind, "denied") == 0 ? &denied : NULL,
    PAGE_READWRITE | (reserved ? SEC_RESERVE : 0),
    0,
    size,
    name
  );
  const int existed = GetLastError() == ERROR_ALREADY_EXISTS;
  struct page *page = section == NULL ? NULL : MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
  if (page == NULL) return 1;
  if (!reserved) fill(page);
  /* Whether somebody else kept memory of that name. */
  say((unsigned long long)existed);
  char line[64];
  /* Each line is a question: "commit", "add" (to count), "close" (our handle, while our mapping stays), "count". */
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strncmp(line, "commit", 6) == 0) {
      if (VirtualAlloc(page, 4096, MEM_COMMIT, PAGE_READWRITE) == NULL) return 1;
      fill(page);
    }
    if (strncmp(line, "add", 3) == 0) page->count += 1;
    if (strncmp(line, "close", 5) == 0) CloseHandle(section);
    say(page->count);
  }
  return 0;
}
