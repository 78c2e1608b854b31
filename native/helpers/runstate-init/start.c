/* A program as a child, in a session of its own. */
#include "init.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

static _Noreturn void give_up(const struct order *order, const char *step, int number) {
  tell_failed(order->talk, step, number);
  _exit(number == ENOENT ? 127 : 126);
}

static _Noreturn void be_child(const struct order *order, const struct given *given) {
  if (setsid() < 0) give_up(order, "setsid", errno);
  bool wants = given->had_terminal || order->wants_terminal;
  /* 1: take it from another session that left it, which only root may. */
  if (wants && ioctl(0, TIOCSCTTY, 0) != 0 && ioctl(0, TIOCSCTTY, 1) != 0) give_up(order, "TIOCSCTTY", errno);
  own_null(order->talk);
  if (!hear_word(order->talk) && order->needs_word) _exit(126);
  give_back(given);
  const char *step;
  int number = become(order->argv, &step);
  give_up(order, step, number);
}

pid_t start(const struct order *order, const struct given *given) {
  pid_t child = fork();
  if (child == 0) be_child(order, given);
  if (child < 0)
    tell_failed(order->talk, "fork", errno);
  else
    tell_started(order->talk, child);
  return child;
}
