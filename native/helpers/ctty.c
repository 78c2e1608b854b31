/*
 * ctty PROGRAM [ARGUMENT]...
 *
 * Starts a session whose controlling terminal is standard input, then becomes PROGRAM. For a process that gets a
 * terminal's slave end as its standard input instead of asking its runtime for a terminal. Ends as a shell does:
 * 127 when there is no such program, 126 when it cannot be executed or standard input is no terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "ctty: a program is wanted\n");
    return 126;
  }
  /* EPERM: already a leader of its own session, which is as good. */
  if (setsid() < 0 && errno != EPERM) {
    fprintf(stderr, "ctty: setsid: %s\n", strerror(errno));
    return 126;
  }
  /* 1: take it from another session that left it, which only root may. */
  if (ioctl(0, TIOCSCTTY, 0) != 0 && ioctl(0, TIOCSCTTY, 1) != 0) {
    fprintf(stderr, "ctty: no controlling terminal from standard input: %s\n", strerror(errno));
    return 126;
  }
  execvp(argv[1], argv + 1);
  int number = errno;
  fprintf(stderr, "ctty: %s: %s\n", argv[1], strerror(number));
  return number == ENOENT ? 127 : 126;
}
