/*
 * Connects to a receiver and breaks one rule of docs/PROTOCOL.md: rude-sender PATH MAGIC STATUS LENGTH-ERROR DESCRIPTORS PAYLOAD.
 * Prints what comes back: "status payload-begins descriptors", or "closed". STATUS -1 says nothing and stays for a second.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 7) return 1;
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) return 2;
  int status = atoi(argv[3]), extra = atoi(argv[4]), count = atoi(argv[5]);
  if (status < 0) return sleep(1) ? 3 : 0;
  static unsigned char message[65536];
  size_t payload = strlen(argv[6]);
  if (payload == 5 && !strcmp(argv[6], "large")) payload = 20000;
  memcpy(message, argv[2], 4);
  message[4] = 1;
  message[5] = (unsigned char)status;
  message[6] = (unsigned char)((payload + (size_t)extra) & 255);
  message[7] = (unsigned char)((payload + (size_t)extra) >> 8 & 255);
  memcpy(message + 8, argv[6], strlen(argv[6]));
  union {
    struct cmsghdr header;
    unsigned char bytes[CMSG_SPACE(64 * sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec iov = {.iov_base = message, .iov_len = 8 + payload};
  struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
  if (count > 0) {
    header.msg_control = &control;
    header.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
    struct cmsghdr *first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
    for (int index = 0; index < count; index += 1) {
      int given = open("/dev/null", O_RDONLY | O_CLOEXEC);
      memcpy(CMSG_DATA(first) + (size_t)index * sizeof(int), &given, sizeof given);
    }
  }
  if (sendmsg(fd, &header, MSG_NOSIGNAL) < 0) return 4;
  header.msg_control = &control;
  header.msg_controllen = sizeof control;
  iov.iov_len = sizeof message - 1;
  ssize_t size = recvmsg(fd, &header, 0);
  if (size < 8) {
    puts("closed");
    return 0;
  }
  message[size] = 0;
  printf("%d %.60s descriptors=%d\n", message[5], message + 8, header.msg_controllen > 0);
  return 0;
}
