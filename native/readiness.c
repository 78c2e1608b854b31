/* Readiness of a descriptor whose open file is shared: through an epoll of ours, because libuv's watches set O_NONBLOCK. */
#include "addon.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static napi_value readiness_open(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) return throw_errno(env, errno, "epoll_create1");
  struct epoll_event nothing = {.events = 0};
  if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &nothing) != 0) {
    int number = errno;
    close(set);
    return throw_errno(env, number, "epoll_ctl");
  }
  return make_int(env, set);
}

static napi_value readiness_set(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  int set, fd;
  bool readable, writable;
  if (!get_args(env, info, 4, argv) || !get_int(env, argv[0], &set) || !get_int(env, argv[1], &fd) ||
      !get_bool(env, argv[2], &readable) || !get_bool(env, argv[3], &writable))
    return NULL;
  struct epoll_event wanted = {.events = (readable ? EPOLLIN | EPOLLRDHUP : 0) | (writable ? EPOLLOUT : 0)};
  if (epoll_ctl(set, EPOLL_CTL_MOD, fd, &wanted) != 0) return throw_errno(env, errno, "epoll_ctl");
  return make_undefined(env);
}

bool export_readiness(napi_env env, napi_value exports) {
  return export_function(env, exports, "readinessOpen", readiness_open) &&
         export_function(env, exports, "readinessSet", readiness_set);
}
