/* Stream sockets of the Unix family: unix(7). */
#include "addon.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define STREAM (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

/* An abstract name is its bytes, all of them; a path ends with a NUL that must fit too. */
static bool get_address(napi_env env, napi_value value, struct sockaddr_un *address, socklen_t *length) {
  uint8_t *name;
  size_t size;
  if (!get_bytes(env, value, &name, &size)) return false;
  bool is_abstract = size > 0 && name[0] == 0;
  if (size == 0 || (!is_abstract && memchr(name, 0, size) != NULL)) {
    throw_errno(env, EINVAL, "socket name");
    return false;
  }
  if (size + (is_abstract ? 0 : 1) > sizeof(address->sun_path)) {
    throw_errno(env, ENAMETOOLONG, "socket name");
    return false;
  }
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, name, size);
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (is_abstract ? 0 : 1));
  return true;
}

static napi_value fail_closing(napi_env env, int fd, const char *syscall) {
  int number = errno;
  close(fd);
  return throw_errno(env, number, syscall);
}

static napi_value listen_unix(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  struct sockaddr_un address;
  socklen_t length;
  int backlog;
  if (!get_args(env, info, 2, argv) || !get_address(env, argv[0], &address, &length) ||
      !get_int(env, argv[1], &backlog))
    return NULL;
  int fd = socket(AF_UNIX, STREAM, 0);
  if (fd < 0) return throw_errno(env, errno, "socket");
  /* Before bind, so that the file never exists with wider permissions. */
  if (fchmod(fd, 0600) != 0) return fail_closing(env, fd, "fchmod");
  if (bind(fd, (struct sockaddr *)&address, length) != 0) return fail_closing(env, fd, "bind");
  if (listen(fd, backlog) != 0) return fail_closing(env, fd, "listen");
  return make_int(env, fd);
}

static napi_value connect_unix(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  struct sockaddr_un address;
  socklen_t length;
  if (!get_args(env, info, 1, argv) || !get_address(env, argv[0], &address, &length)) return NULL;
  int fd = socket(AF_UNIX, STREAM, 0);
  if (fd < 0) return throw_errno(env, errno, "socket");
  int done;
  do done = connect(fd, (struct sockaddr *)&address, length);
  while (done != 0 && errno == EINTR);
  if (done != 0) return fail_closing(env, fd, "connect");
  return make_int(env, fd);
}

static napi_value accept_client(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int listener;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &listener)) return NULL;
  int fd;
  do fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0 && errno != EAGAIN) return throw_errno(env, errno, "accept4");
  return make_int(env, fd);
}

static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  napi_value argv[1], result;
  int fd;
  struct ucred peer;
  socklen_t length = sizeof(peer);
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    return throw_errno(env, errno, "getsockopt");
  if (napi_create_array_with_length(env, 3, &result) != napi_ok) return NULL;
  /* User and group ids are unsigned: 65534 of an unmapped one must not turn negative. */
  const int64_t fields[3] = {peer.pid, peer.uid, peer.gid};
  for (uint32_t i = 0; i < 3; i++) {
    napi_value field;
    if (napi_create_int64(env, fields[i], &field) != napi_ok) return NULL;
    napi_set_element(env, result, i, field);
  }
  return result;
}

/* Linux 6.5; Debian 12's headers lack it. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* -1: this kernel has no such thing. */
static napi_value peer_pidfd(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd, pidfd;
  socklen_t length = sizeof(pidfd);
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) == 0) return make_int(env, pidfd);
  if (errno == ENOPROTOOPT) return make_int(env, -1);
  return throw_errno(env, errno, "getsockopt");
}

static napi_value socket_pair(napi_env env, napi_callback_info info) {
  (void)info;
  int fds[2];
  if (socketpair(AF_UNIX, STREAM, 0, fds) != 0) return throw_errno(env, errno, "socketpair");
  return make_pair(env, fds[0], fds[1]);
}

static napi_value shutdown_socket(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd, how;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd) || !get_int(env, argv[1], &how)) return NULL;
  if (shutdown(fd, how) != 0) return throw_errno(env, errno, "shutdown");
  return make_undefined(env);
}

static napi_value hung_up(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd, done;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  struct pollfd state = {.fd = fd}; /* POLLHUP and POLLERR are always told */
  do done = poll(&state, 1, 0);
  while (done < 0 && errno == EINTR);
  if (done < 0) return throw_errno(env, errno, "poll");
  return make_bool(env, (state.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0);
}

bool export_sockets(napi_env env, napi_value exports) {
  return export_function(env, exports, "listenUnix", listen_unix) &&
         export_function(env, exports, "connectUnix", connect_unix) &&
         export_function(env, exports, "accept", accept_client) &&
         export_function(env, exports, "peerCredentials", peer_credentials) &&
         export_function(env, exports, "peerPidfd", peer_pidfd) &&
         export_function(env, exports, "socketPair", socket_pair) &&
         export_function(env, exports, "shutdown", shutdown_socket) &&
         export_function(env, exports, "hungUp", hung_up);
}
