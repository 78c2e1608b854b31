/*
 * The first process of a sandbox that has no program of its own: waits, reaps orphans, and ends at SIGTERM, SIGINT or
 * SIGHUP. Static, so that it runs in any root file system. Pid 1 of a pid namespace has no default actions for
 * signals (pid_namespaces(7)): those that are to end it must be taken.
 */
#include <signal.h>
#include <sys/wait.h>

int main(void)
{
	sigset_t set;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, 0) != 0)
		return 1;
	for (;;) {
		if (sigwait(&set, &signo) != 0)
			return 1;
		if (signo != SIGCHLD)
			return 0;
		while (waitpid(-1, 0, WNOHANG) > 0)
			;
	}
}
