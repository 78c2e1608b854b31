/*
 * sandbox-pid
 *
 * A process that stands for a sandbox, for clients of the original, which end a sandbox by killing its process and then
 * wait until that is gone (Sandbox.destroy of runsc/sandbox/sandbox.go). Prints its pid and waits. When it is killed the
 * line "killed" is printed; its pid stays taken, by a zombie, until standard input ends: so whoever waits for it waits
 * for the sandbox. When standard input ends first, as it does when the supervisor dies, it is ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Waits until standard input ends, or `other` (-1 for none) is readable. True: it has ended. */
static bool inputEnded(int other)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = other, .events = POLLIN } };
	char byte;

	for (;;) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return true;
		}
		if (fds[0].revents != 0 && read(STDIN_FILENO, &byte, 1) <= 0)
			return true;
		if (fds[1].revents != 0)
			return false;
	}
}

int main(void)
{
	/* A terminal's keys and its end are not meant for it. */
	setsid();
	pid_t keeper = getpid();
	/* It needs next to nothing, and a sandbox would be thought dead with it. Without the right to it goes on as it is. */
	int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (score >= 0) {
		(void)!write(score, "-1000", 5);
		close(score);
	}
	pid_t child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != keeper)
			return 1;
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		for (;;)
			pause();
	}
	int pidfd = syscall(SYS_pidfd_open, child, 0);
	printf("%d\n", (int)child);
	fflush(stdout);
	if (!inputEnded(pidfd)) {
		printf("killed\n");
		fflush(stdout);
		inputEnded(-1);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
