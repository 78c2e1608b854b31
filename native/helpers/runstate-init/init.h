/* The parts of runstate-init: see main.c. */
#ifndef RUNSTATE_INIT_H
#define RUNSTATE_INIT_H

#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* How it was started: what its program is to find again. */
struct given {
  sigset_t mask;
  struct sigaction on_child;
  /* Standard input was the controlling terminal. */
  bool had_terminal;
};

/* signals.c: no signal is lost or acted upon from here on; gives up the controlling terminal. */
void take_over(struct given *given);
/* In the child: all as it was. */
void give_back(const struct given *given);

struct order {
  /* A socket of the supervisor's. */
  int talk;
  /* Standard input is to be the controlling terminal, whatever it was before. */
  bool wants_terminal;
  /* The program is not started when nobody says so any more. */
  bool needs_word;
  char **argv;
};

/* start.c: starts the program in a session of its own and tells the supervisor; its pid, or -1. */
pid_t start(const struct order *order, const struct given *given);

/* talk.c: `pid N` with a pidfd, `failed STEP ERRNO`; and the word to go on. */
void tell_started(int talk, pid_t child);
void tell_failed(int talk, const char *step, int number);
bool hear_word(int talk);

/* null.c: the descriptors below that number which are a null device become the container's own. */
void own_null(int below);

/* program.c: becomes the program. Comes back with an errno, and in `step` what had it. */
int become(char **argv, const char **step);

/* reap.c: the life of pid 1. Ends when `child` has, as it has; without one (-1) at SIGTERM, SIGINT or SIGHUP. */
_Noreturn void live(pid_t child);

#endif
