/*
 * Looks a program up as runc does, by Go's exec.LookPath, and becomes it. Not execvp(3), which would run a text without
 * a first line as a shell script.
 */
#include "init.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 when it may be tried, else why not. */
static int examine(const char *file) {
  struct stat found;
  if (stat(file, &found) != 0) return errno;
  return S_ISDIR(found.st_mode) || (found.st_mode & 0111) == 0 ? EACCES : 0;
}

int become(char **argv, const char **step) {
  const char *name = argv[0];
  *step = "exec";
  if (strchr(name, '/') != NULL) {
    int number = examine(name);
    if (number != 0) return number;
    execv(name, argv);
    return errno;
  }
  const char *dir = getenv("PATH");
  while (dir != NULL && name[0] != 0) {
    size_t length = strcspn(dir, ":");
    char file[PATH_MAX];
    /* What is found by a relative entry is refused, as Go does. */
    if (dir[0] == '/' && (size_t)snprintf(file, sizeof(file), "%.*s/%s", (int)length, dir, name) < sizeof(file) &&
        examine(file) == 0) {
      execv(file, argv);
      return errno;
    }
    dir = dir[length] == 0 ? NULL : dir + length + 1;
  }
  *step = "search";
  return ENOENT;
}
