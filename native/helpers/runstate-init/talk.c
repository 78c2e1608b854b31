/*
 * What is said over the socket. The child is held back until the supervisor has sent a byte: by then it has a handle of
 * it, however soon it ends. The end of the stream tells that the program runs, since the socket is closed by its exec.
 *
 *   < pid N\n, with a pidfd where the kernel and the seccomp profile let one be opened; N is the container's numbering
 *   > one byte: go on
 *   < failed STEP ERRNO\n, or the end
 */
#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void say(int talk, const char *text, int file) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec piece = {.iov_base = (void *)text, .iov_len = strlen(text)};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  if (file >= 0) {
    memset(&control, 0, sizeof(control));
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &file, sizeof(file));
  }
  /* Nobody to be told: the supervisor has gone, and hear_word says what then. */
  while (sendmsg(talk, &message, MSG_NOSIGNAL) < 0 && errno == EINTR)
    ;
}

void tell_started(int talk, pid_t child) {
  char text[32];
  snprintf(text, sizeof(text), "pid %d\n", (int)child);
  int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
  say(talk, text, pidfd);
  if (pidfd >= 0) close(pidfd);
}

void tell_failed(int talk, const char *step, int number) {
  char text[64];
  snprintf(text, sizeof(text), "failed %s %d\n", step, number);
  say(talk, text, -1);
}

bool hear_word(int talk) {
  char word;
  ssize_t got;
  do got = read(talk, &word, 1);
  while (got < 0 && errno == EINTR);
  return got == 1;
}
