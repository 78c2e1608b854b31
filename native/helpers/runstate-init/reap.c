/* Pid 1: reaps, forwards, and ends as its program has. */
#include "init.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A reader of what the program wrote sees its end when the program is done with it, and no file is kept from going. */
static void let_go(void) {
  if (close_range(0, ~0U, 0) != 0)
    for (long fd = 0; fd < sysconf(_SC_OPEN_MAX) && fd < 65536; fd++) close((int)fd);
  if (chdir("/") != 0) return; /* then it stays where it is, which does no harm */
}

static _Noreturn void end_as(int status) {
  char name[16];
  snprintf(name, sizeof(name), "rs-exit:%d", status & 0xffff);
  prctl(PR_SET_NAME, name);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void reap(pid_t child) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == child) end_as(status);
}

_Noreturn void live(pid_t child) {
  sigset_t all;
  siginfo_t info;
  let_go();
  sigfillset(&all);
  for (;;) {
    int signo = sigwaitinfo(&all, &info);
    if (signo < 0) continue;
    if (signo == SIGCHLD) reap(child);
    /* Told by the kernel, an end of a child is not the program's. */
    if (signo == SIGCHLD && info.si_code > 0) continue;
    if (child > 0)
      kill(child, signo);
    else if (signo == SIGTERM || signo == SIGINT || signo == SIGHUP)
      _exit(0);
  }
}
