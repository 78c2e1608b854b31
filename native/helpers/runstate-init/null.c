/*
 * Where no file was passed the runtime's caller has put the host's /dev/null. The runtime opens the container's own in
 * its place, but only for a container's first process and only for the first three: whoever has a file of a mount that
 * the container does not have cannot be saved by a checkpoint.
 */
#include "init.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The null device's number, of the kernel's admin-guide/devices.txt. */
static bool is_null(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 && S_ISCHR(found.st_mode) && found.st_rdev == makedev(1, 3);
}

void own_null(int below) {
  for (int fd = 0; fd < below; fd++) {
    int flags = is_null(fd) ? fcntl(fd, F_GETFL) : -1;
    if (flags < 0 || (flags & O_PATH) != 0) continue;
    int own = open("/dev/null", (flags & O_ACCMODE) | O_NOCTTY | O_CLOEXEC);
    /* A container without one keeps what it was given, as with the runtime alone. */
    if (own < 0) continue;
    if (is_null(own)) dup2(own, fd);
    close(own);
  }
}
