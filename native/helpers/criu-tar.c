/*
 * tar, as CRIU runs it to save and restore what is in a tmpfs (criu/filesystems.c): most of those of a container are
 * empty, and the container stands still meanwhile. Of an empty directory this writes and reads the archive itself,
 * a gzip'ed tar with the one entry "./" like any; whatever else there is, it leaves to the tar that comes next in PATH.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512, TAR = 3 * BLOCK, HEAD = 10 + 5, TAIL = 8, ARCHIVE = HEAD + TAR + TAIL };

/* ustar of POSIX.1-1988. */
struct entry {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct entry) == BLOCK, "a block");

static uint32_t crc32(const unsigned char *bytes, size_t length)
{
	uint32_t crc = ~0U;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

static void little(unsigned char *to, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = value >> 8 * i;
}

static unsigned int sumOf(const struct entry *entry)
{
	struct entry copy = *entry;
	unsigned int sum = 0;

	memset(copy.checksum, ' ', sizeof(copy.checksum));
	for (size_t i = 0; i < sizeof(copy); i++)
		sum += ((unsigned char *)&copy)[i];
	return sum;
}

/* A gzip member with one stored block (RFC 1951, RFC 1952). */
static void wrap(const struct entry *entry, unsigned char archive[ARCHIVE])
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1};
	unsigned char *tar = archive + HEAD;

	memset(archive, 0, ARCHIVE);
	memcpy(archive, head, sizeof(head));
	little(archive + 11, TAR, 2);
	little(archive + 13, ~TAR, 2);
	memcpy(tar, entry, sizeof(*entry));
	little(tar + TAR, crc32(tar, TAR), 4);
	little(tar + TAR + 4, TAR, 4);
}

static int isEmpty(const char *path)
{
	struct dirent *one;
	int empty = 1;
	DIR *directory = opendir(path);

	if (directory == NULL)
		return 0;
	while (empty && (errno = 0, one = readdir(directory)) != NULL)
		empty = strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0;
	empty = empty && errno == 0;
	closedir(directory);
	return empty;
}

/* True when that was all there was to do. */
static int create(const char *path)
{
	struct stat status;
	struct entry entry = {.name = "./", .type = '5', .magic = "ustar", .version = {'0', '0'}};
	unsigned char archive[ARCHIVE];

	if (!isEmpty(path) || stat(path, &status) != 0 || status.st_uid > 07777777 || status.st_gid > 07777777 ||
	    status.st_mtime < 0 || status.st_mtime > 077777777777)
		return 0;
	snprintf(entry.mode, sizeof(entry.mode), "%07o", status.st_mode & 07777U);
	snprintf(entry.uid, sizeof(entry.uid), "%07o", status.st_uid);
	snprintf(entry.gid, sizeof(entry.gid), "%07o", status.st_gid);
	snprintf(entry.size, sizeof(entry.size), "%011o", 0U);
	snprintf(entry.mtime, sizeof(entry.mtime), "%011llo", (unsigned long long)status.st_mtime);
	snprintf(entry.checksum, sizeof(entry.checksum), "%06o", sumOf(&entry));
	wrap(&entry, archive);
	if (write(STDOUT_FILENO, archive, ARCHIVE) == ARCHIVE)
		return 1;
	perror("tar: write");
	exit(2);
}

/* True when that was all there was to do. Nothing has been read from the standard input otherwise. */
static int extract(const char *path)
{
	unsigned char found[ARCHIVE + 1], expected[ARCHIVE];
	struct entry entry;
	off_t here = lseek(STDIN_FILENO, 0, SEEK_CUR);

	if (here < 0 || pread(STDIN_FILENO, found, sizeof(found), here) != ARCHIVE)
		return 0;
	memcpy(&entry, found + HEAD, sizeof(entry));
	wrap(&entry, expected);
	if (memcmp(found, expected, ARCHIVE) != 0 || strcmp(entry.name, "./") != 0 || entry.type != '5' ||
	    strtoul(entry.checksum, NULL, 8) != sumOf(&entry))
		return 0;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = strtoll(entry.mtime, NULL, 8)}};
	if (chown(path, strtoul(entry.uid, NULL, 8), strtoul(entry.gid, NULL, 8)) != 0 ||
	    chmod(path, strtoul(entry.mode, NULL, 8) & 07777) != 0 || utimensat(AT_FDCWD, path, times, 0) != 0) {
		perror("tar");
		exit(2);
	}
	return 1;
}

/* The next of that name in PATH that is not this one. */
static void other(char *argv[])
{
	struct stat own, one;
	char file[PATH_MAX];
	char *paths = strdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin"), *rest = paths;

	if (paths == NULL || stat("/proc/self/exe", &own) != 0)
		return;
	for (char *path; (path = strsep(&rest, ":")) != NULL;) {
		if (snprintf(file, sizeof(file), "%s/tar", path) >= (int)sizeof(file) || stat(file, &one) != 0)
			continue;
		if (one.st_dev != own.st_dev || one.st_ino != own.st_ino)
			execv(file, argv);
	}
}

int main(int argc, char *argv[])
{
	const char *path = NULL;
	int creates = 0, extracts = 0;

	for (int i = 1; i < argc; i++) {
		creates |= strcmp(argv[i], "--create") == 0;
		extracts |= strcmp(argv[i], "--extract") == 0;
		if (strcmp(argv[i], "--directory") == 0 && i + 1 < argc)
			path = argv[i + 1];
	}
	if (path != NULL && ((creates && create(path)) || (extracts && extract(path))))
		return 0;
	other(argv);
	fprintf(stderr, "tar: there is no other in PATH: %s\n", strerror(errno));
	return 127;
}
