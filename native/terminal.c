/* Pseudo terminals and their settings: pty(7), termios(3). */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static napi_value open_terminal(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int rows, columns;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &rows) || !get_int(env, argv[1], &columns))
    return NULL;
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return throw_errno(env, errno, "posix_openpt");
  char path[PATH_MAX];
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  const char *step = "grantpt";
  int slave = -1;
  if (grantpt(master) == 0 && (step = "unlockpt", unlockpt(master) == 0) &&
      (step = "ptsname_r", (errno = ptsname_r(master, path, sizeof(path))) == 0) &&
      (step = "open", (slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) >= 0) &&
      (step = "ioctl(TIOCSWINSZ)", ioctl(slave, TIOCSWINSZ, &size) == 0)) {
    napi_value result = make_pair(env, master, slave), name;
    if (result != NULL && napi_create_string_utf8(env, path, NAPI_AUTO_LENGTH, &name) == napi_ok &&
        napi_set_element(env, result, 2, name) == napi_ok)
      return result;
    errno = ENOMEM;
  }
  int number = errno;
  if (slave >= 0) close(slave);
  close(master);
  return throw_errno(env, number, step);
}

static napi_value is_terminal(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  bool is = isatty(fd) == 1;
  if (!is && errno == EBADF) return throw_errno(env, EBADF, "isatty");
  return make_bool(env, is);
}

static napi_value get_window_size(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  struct winsize size;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return throw_errno(env, errno, "ioctl(TIOCGWINSZ)");
  return make_pair(env, size.ws_row, size.ws_col);
}

static napi_value set_window_size(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int fd, rows, columns;
  if (!get_args(env, info, 3, argv) || !get_int(env, argv[0], &fd) || !get_int(env, argv[1], &rows) ||
      !get_int(env, argv[2], &columns))
    return NULL;
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  if (ioctl(fd, TIOCSWINSZ, &size) != 0) return throw_errno(env, errno, "ioctl(TIOCSWINSZ)");
  return make_undefined(env);
}

static napi_value make_raw(napi_env env, napi_callback_info info) {
  napi_value argv[1], buffer, result;
  int fd;
  void *memory;
  struct termios saved, raw;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (tcgetattr(fd, &saved) != 0) return throw_errno(env, errno, "tcgetattr");
  if (napi_create_arraybuffer(env, sizeof(saved), &memory, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_uint8_array, sizeof(saved), buffer, 0, &result) != napi_ok)
    return NULL;
  memcpy(memory, &saved, sizeof(saved));
  raw = saved;
  cfmakeraw(&raw);
  if (tcsetattr(fd, TCSANOW, &raw) != 0) return throw_errno(env, errno, "tcsetattr");
  return result;
}

static napi_value restore_terminal(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  uint8_t *data;
  size_t length;
  struct termios saved;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd) || !get_bytes(env, argv[1], &data, &length))
    return NULL;
  if (length != sizeof(saved)) return throw_errno(env, EINVAL, "tcsetattr");
  memcpy(&saved, data, sizeof(saved));
  if (tcsetattr(fd, TCSADRAIN, &saved) != 0) return throw_errno(env, errno, "tcsetattr");
  return make_undefined(env);
}

bool export_terminal(napi_env env, napi_value exports) {
  return export_function(env, exports, "openTerminal", open_terminal) &&
         export_function(env, exports, "isTerminal", is_terminal) &&
         export_function(env, exports, "getWindowSize", get_window_size) &&
         export_function(env, exports, "setWindowSize", set_window_size) &&
         export_function(env, exports, "makeRaw", make_raw) &&
         export_function(env, exports, "restoreTerminal", restore_terminal);
}
