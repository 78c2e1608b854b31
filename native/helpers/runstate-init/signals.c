/* What a session, its terminal and its signals are before and after runstate-init. */
#include "init.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* What the kernel sends to who gives up its terminal is not the program's: what is ignored is no longer pending. */
static void forget(int signo) {
  struct sigaction before, ignore = {.sa_handler = SIG_IGN};
  sigaction(signo, &ignore, &before);
  sigaction(signo, &before, NULL);
}

/* Only a session without a terminal's leader can lead another to it: two sessions never share one. */
static bool leave_terminal(void) {
  pid_t session;
  if (ioctl(0, TIOCGSID, &session) != 0) return false;
  if (ioctl(0, TIOCNOTTY) != 0) return false;
  forget(SIGHUP);
  forget(SIGCONT);
  return true;
}

void take_over(struct given *given) {
  sigset_t all;
  /* Blocked, a signal stays pending even for pid 1, which has no default actions (pid_namespaces(7)). */
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &given->mask);
  /* Where it is ignored the kernel reaps children, and no status is to be had. */
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(SIGCHLD, &usual, &given->on_child);
  given->had_terminal = leave_terminal();
}

void give_back(const struct given *given) {
  sigaction(SIGCHLD, &given->on_child, NULL);
  sigprocmask(SIG_SETMASK, &given->mask, NULL);
}
