/* Descriptors: what Node's fs does not do with them. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static napi_value make_pipe(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  bool non_blocking;
  int fds[2];
  if (!get_args(env, info, 1, argv) || !get_bool(env, argv[0], &non_blocking)) return NULL;
  if (pipe2(fds, O_CLOEXEC | (non_blocking ? O_NONBLOCK : 0)) != 0) return throw_errno(env, errno, "pipe2");
  return make_pair(env, fds[0], fds[1]);
}

/* Links are followed as if the directory were the root: none leads out of it. */
static napi_value open_in(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int directory;
  char path[PATH_MAX];
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &directory) ||
      !get_path(env, argv[1], path, sizeof(path)))
    return NULL;
  long fd;
  /*
   * EAGAIN: something was renamed on the machine while `..` was walked (openat2(2)). Who renames without end would keep
   * this thread at it for as long as they like: after some tries it is told.
   */
  int tries = 32;
  do fd = syscall(SYS_openat2, directory, path, &how, sizeof(how));
  while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries > 0)));
  if (fd < 0) return throw_errno(env, errno, "openat2");
  return make_int(env, (int)fd);
}

static napi_value duplicate(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return throw_errno(env, errno, "fcntl");
  return make_int(env, copy);
}

static napi_value close_file(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  /* On Linux the descriptor is gone even when close says EINTR: never again. */
  if (close(fd) != 0 && errno != EINTR) return throw_errno(env, errno, "close");
  return make_undefined(env);
}

static napi_value read_file(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  uint8_t *data;
  size_t length;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd) || !get_bytes(env, argv[1], &data, &length))
    return NULL;
  if (length > INT32_MAX) length = INT32_MAX;
  ssize_t got;
  do got = read(fd, data, length);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno != EAGAIN) return throw_errno(env, errno, "read");
  return make_int(env, (int)got);
}

static napi_value write_file(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int fd, offset;
  uint8_t *data;
  size_t length;
  if (!get_args(env, info, 3, argv) || !get_int(env, argv[0], &fd) ||
      !get_bytes(env, argv[1], &data, &length) || !get_int(env, argv[2], &offset))
    return NULL;
  if (offset < 0 || (size_t)offset > length) return throw_errno(env, EINVAL, "write");
  length -= (size_t)offset;
  if (length > INT32_MAX) length = INT32_MAX;
  ssize_t put;
  do put = write(fd, data + offset, length);
  while (put < 0 && errno == EINTR);
  if (put < 0 && errno != EAGAIN) return throw_errno(env, errno, "write");
  return make_int(env, (int)put);
}

static napi_value set_non_blocking(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  bool on;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd) || !get_bool(env, argv[1], &on)) return NULL;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) != 0)
    return throw_errno(env, errno, "fcntl");
  return make_undefined(env);
}

static napi_value status_flags(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return throw_errno(env, errno, "fcntl");
  return make_int(env, flags);
}

static napi_value file_type(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  struct stat found;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (fstat(fd, &found) != 0) return throw_errno(env, errno, "fstat");
  return make_int(env, (int)(found.st_mode & S_IFMT));
}

static napi_value make_eventfd(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int initial;
  bool non_blocking;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &initial) || !get_bool(env, argv[1], &non_blocking))
    return NULL;
  int fd = eventfd((unsigned)initial, EFD_CLOEXEC | (non_blocking ? EFD_NONBLOCK : 0));
  if (fd < 0) return throw_errno(env, errno, "eventfd");
  return make_int(env, fd);
}

static napi_value lock_file(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd, kind, done;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd) || !get_int(env, argv[1], &kind)) return NULL;
  do done = flock(fd, kind | LOCK_NB);
  while (done != 0 && errno == EINTR);
  if (done != 0 && errno != EWOULDBLOCK) return throw_errno(env, errno, "flock");
  return make_bool(env, done == 0);
}

bool export_files(napi_env env, napi_value exports) {
  return export_function(env, exports, "pipe", make_pipe) &&
         export_function(env, exports, "openIn", open_in) &&
         export_function(env, exports, "duplicate", duplicate) &&
         export_function(env, exports, "close", close_file) &&
         export_function(env, exports, "read", read_file) &&
         export_function(env, exports, "write", write_file) &&
         export_function(env, exports, "setNonBlocking", set_non_blocking) &&
         export_function(env, exports, "statusFlags", status_flags) &&
         export_function(env, exports, "fileType", file_type) &&
         export_function(env, exports, "eventFd", make_eventfd) &&
         export_function(env, exports, "lock", lock_file);
}
