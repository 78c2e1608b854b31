/*
 * The first process of a container, and what starts others in it.
 *
 *   runstate-init run FD -- PROGRAM [ARGUMENT]...
 *     As pid 1: starts PROGRAM as its child in a session of its own, reaps whatever is orphaned, forwards signals, and
 *     ends as PROGRAM ends. As pid 1 it cannot die by a signal of its own: it ends with 128 + the signal, and leaves
 *     the true wait status in its name, `rs-exit:STATUS`, where its parent can read it before it reaps it.
 *   runstate-init exec [-t] FD -- PROGRAM [ARGUMENT]...
 *     Starts PROGRAM the same way and ends at once, so that it becomes a child of the container's pid 1: a checkpoint
 *     saves only what is below that. -t: with standard input as its controlling terminal.
 *   runstate-init pause
 *     As pid 1 without a program: waits and reaps, and ends at SIGTERM, SIGINT or SIGHUP.
 *
 * FD is one end of a Unix stream socket: see talk.c. Static, so that it runs in any root file system.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void misused(void) {
  fputs("usage: runstate-init run FD -- PROGRAM [ARGUMENT]...\n"
        "       runstate-init exec [-t] FD -- PROGRAM [ARGUMENT]...\n"
        "       runstate-init pause\n",
        stderr);
  exit(2);
}

/* Not to be the program's; read and written with waiting. */
static int open_socket(const char *text) {
  char *end;
  errno = 0;
  long fd = strtol(text, &end, 10);
  if (errno != 0 || *end != 0 || end == text || fd < 3 || fd > 1 << 20) misused();
  int flags = fcntl((int)fd, F_GETFL);
  if (flags < 0 || fcntl((int)fd, F_SETFL, flags & ~O_NONBLOCK) != 0 || fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0) {
    fprintf(stderr, "runstate-init: descriptor %ld: %s\n", fd, strerror(errno));
    exit(2);
  }
  return (int)fd;
}

int main(int argc, char **argv) {
  struct given given;
  if (argc == 2 && strcmp(argv[1], "pause") == 0) {
    take_over(&given);
    live(-1);
  }
  bool is_run = argc > 2 && strcmp(argv[1], "run") == 0;
  bool is_exec = argc > 2 && strcmp(argv[1], "exec") == 0;
  int at = 2;
  struct order order = {.needs_word = is_exec};
  if (is_exec && strcmp(argv[at], "-t") == 0) {
    order.wants_terminal = true;
    at++;
  }
  if (!(is_run || is_exec) || argc < at + 3 || strcmp(argv[at + 1], "--") != 0) misused();
  order.talk = open_socket(argv[at]);
  order.argv = argv + at + 2;
  take_over(&given);
  pid_t child = start(&order, &given);
  if (child < 0) return 126;
  if (is_exec) return 0;
  live(child);
}
