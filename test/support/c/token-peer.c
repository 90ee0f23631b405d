/* A peer that knows tokens by docs/PROTOCOL.md alone: decodes one, opens what it names, and reads the first word of the payload. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t number(const unsigned char *at, int size) {
  uint64_t value = 0;
  for (int index = size - 1; index >= 0; index -= 1) value = value << 8 | at[index];
  return value;
}

static uint32_t crc32c(const unsigned char *bytes, size_t size) {
  uint32_t value = 0xffffffffu;
  for (size_t at = 0; at < size; at += 1) {
    value ^= bytes[at];
    for (int bit = 0; bit < 8; bit += 1) value = value & 1 ? value >> 1 ^ 0x82f63b78u : value >> 1;
  }
  return ~value;
}

/* base64url without padding; the number of bytes, or -1. */
static long decode(const char *text, unsigned char *bytes) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  uint32_t bits = 0;
  int count = 0;
  long size = 0;
  for (; *text; text += 1) {
    const char *found = strchr(alphabet, *text);
    if (!found) return -1;
    bits = (bits << 6 | (uint32_t)(found - alphabet)) & 0xffffffu;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[size] = (unsigned char)(bits >> count);
    size += 1;
  }
  return count >= 6 || (bits & ((1u << count) - 1)) ? -1 : size;
}

int main(int argc, char **argv) {
  static unsigned char token[8192], header[132];
  if (argc != 2 || strlen(argv[1]) > 8192 || strncmp(argv[1], "shmgen1-", 8)) return 1;
  long size = decode(argv[1], token);
  if (size < 80 || number(token + size - 4, 4) != crc32c(token, (size_t)size - 4)) return 2;
  int lengths[4], sum = 76;
  for (int index = 0; index < 4; index += 1) sum += lengths[index] = (int)number(token + 52 + 2 * index, 2);
  if (sum != size - 4) return 3;
  const char *struct_name = (const char *)token + 76, *directory = struct_name + lengths[0];
  const char *folder = directory + lengths[1], *name = folder + lengths[2];
  char path[9000];
  if (token[6] == 1)
    snprintf(path, sizeof path, "%.*s/%.*s%s%.*s", lengths[1], directory, lengths[2], folder, lengths[2] ? "/" : "", lengths[3], name);
  else
    snprintf(path, sizeof path, "/proc/%u/fd/%u", (unsigned)number(token + 60, 4), (unsigned)number(token + 72, 4));
  printf("where=%d flags=%d type=%u version=%u fingerprint=%016llx size=%llu generation=%u\n", token[6], token[7],
         (unsigned)number(token + 8, 4), (unsigned)number(token + 12, 4), (unsigned long long)number(token + 16, 8),
         (unsigned long long)number(token + 24, 8), (unsigned)number(token + 48, 4));
  printf("struct=%.*s path=%s\n", lengths[0], struct_name, path);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) return 4;
  if (st.st_dev != number(token + 32, 8) || st.st_ino != number(token + 40, 8)) return 5;
  if (pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header || number(header + 68, 4) != number(token + 48, 4)) return 6;
  printf("count=%u\n", (unsigned)number(header + 128, 4));
  close(fd);
  return 0;
}
