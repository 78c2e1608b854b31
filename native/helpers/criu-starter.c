/*
 * criu-starter CRIU CACHE PROGRAM ARGUMENT...
 *
 * Has CRIU find out what this kernel can do, and keeps that in the file CACHE; then runs a program. CRIU keeps it in
 * /run/criu.kdat, but only on a tmpfs (kerndat_save_cache of criu/kerndat.c). Where /run is none, this gives it one in
 * a mount namespace of its own, which shows all that is in /run. When anything of this is not possible the program is
 * run all the same.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char found[] = "/run/criu.kdat";

/* Copies a small file; the target is whole or not there. 0, or -1 with errno. */
static int copy(const char *from, const char *to)
{
	char part[PATH_MAX], bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (in < 0)
		return -1;
	ssize_t length = read(in, bytes, sizeof(bytes));
	close(in);
	if (length < 0 || snprintf(part, sizeof(part), "%s.%d", to, (int)getpid()) >= (int)sizeof(part))
		return -1;
	int out = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return -1;
	int written = write(out, bytes, length) == length;
	if (close(out) == 0 && written && rename(part, to) == 0)
		return 0;
	unlink(part);
	return -1;
}

/* Shows one thing of the old /run in the new one. */
static int show(int old, const char *name)
{
	char source[PATH_MAX], target[PATH_MAX], link[PATH_MAX];
	struct stat status;

	if (fstatat(old, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	snprintf(source, sizeof(source), "/proc/self/fd/%d/%s", old, name);
	snprintf(target, sizeof(target), "/run/%s", name);
	if (S_ISLNK(status.st_mode)) {
		ssize_t length = readlinkat(old, name, link, sizeof(link) - 1);
		if (length < 0)
			return -1;
		link[length] = 0;
		return symlink(link, target);
	}
	if (S_ISDIR(status.st_mode) ? mkdir(target, 0700) : mknod(target, S_IFREG | 0600, 0))
		return -1;
	return mount(source, target, NULL, MS_BIND | MS_REC, NULL);
}

/* Shows all of it. */
static int showAll(int old)
{
	struct dirent *entry;
	DIR *directory = fdopendir(old);
	int failed = 0;

	if (directory == NULL) {
		close(old);
		return -1;
	}
	while (!failed && (entry = readdir(directory)) != NULL) {
		const char *name = entry->d_name;
		/* Neither what CRIU keeps there nor what one that was killed left of it. */
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strncmp(name, "criu.kdat", 9) != 0)
			failed = show(old, name) != 0;
	}
	closedir(directory);
	return failed ? -1 : 0;
}

/* Puts a tmpfs on /run that shows what was there. */
static int coverRun(void)
{
	/* Mounts that are made here are not seen elsewhere; those that go elsewhere go here. */
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) != 0)
		return -1;
	/* Not before: what another namespace has mounted cannot be bound in this one. */
	int old = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old < 0)
		return -1;
	if (mount("runstate", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") != 0) {
		close(old);
		return -1;
	}
	if (showAll(old) == 0)
		return 0;
	/* Rather slow than with half of what is there. */
	umount2("/run", MNT_DETACH);
	return -1;
}

/* Has CRIU find out and keeps that. An empty file says that it did not keep anything: it is not asked again. */
static void fill(const char *criu, const char *cache)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		int nothing = open("/dev/null", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			dup2(nothing, fd);
		/* The program's descriptors are not this one's business. */
		close_range(3, ~0U, 0);
		execl(criu, criu, "check", (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	/* `criu check` fails where something is missing that need not be there: what it kept counts. */
	if (child > 0 && copy(found, cache) != 0 && errno == ENOENT && WIFEXITED(status))
		copy("/dev/null", cache);
}

int main(int argc, char **argv)
{
	struct stat status;

	if (argc < 4) {
		fprintf(stderr, "usage: criu-starter CRIU CACHE PROGRAM ARGUMENT...\n");
		return 127;
	}
	const char *criu = argv[1], *cache = argv[2];
	int isThere = stat(cache, &status) == 0;
	if (!(isThere && status.st_size == 0) && coverRun() == 0) {
		if (isThere)
			copy(cache, found);
		else
			fill(criu, cache);
	}
	execvp(argv[3], argv + 3);
	fprintf(stderr, "criu-starter: %s: %s\n", argv[3], strerror(errno));
	return 127;
}
