/* Bytes with descriptors riding on them: SCM_RIGHTS of unix(7), cmsg(3). */
#include "addon.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool get_files(napi_env env, napi_value value, int *files, uint32_t *count) {
  bool is_array = false;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, value, count) != napi_ok) {
    throw_type(env, "an array of descriptors is wanted");
    return false;
  }
  if (*count > SEND_FILES_MAX) {
    throw_errno(env, E2BIG, "sendmsg");
    return false;
  }
  for (uint32_t i = 0; i < *count; i++) {
    napi_value element;
    if (napi_get_element(env, value, i, &element) != napi_ok || !get_int(env, element, &files[i])) return false;
  }
  return true;
}

static napi_value send_message(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  int fd, offset, files[SEND_FILES_MAX];
  uint8_t *data;
  size_t length;
  uint32_t count;
  if (!get_args(env, info, 4, argv) || !get_int(env, argv[0], &fd) ||
      !get_bytes(env, argv[1], &data, &length) || !get_int(env, argv[2], &offset) ||
      !get_files(env, argv[3], files, &count))
    return NULL;
  /* Without a byte to ride on the kernel would drop the descriptors and report success. */
  if (offset < 0 || (size_t)offset > length || (count > 0 && (size_t)offset == length))
    return throw_errno(env, EINVAL, "sendmsg");

  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int) * SEND_FILES_MAX)];
  } control;
  struct iovec piece = {.iov_base = data + offset, .iov_len = length - (size_t)offset};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  if (count > 0) {
    memset(&control, 0, sizeof(control));
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), files, sizeof(int) * count);
  }
  ssize_t sent;
  do sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) return throw_errno(env, errno, "sendmsg");
  return make_int(env, (int)sent);
}

static napi_value receive_message(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int fd;
  uint8_t *data;
  size_t length;
  if (!get_args(env, info, 3, argv) || !get_int(env, argv[0], &fd) || !get_bytes(env, argv[1], &data, &length))
    return NULL;
  if (length == 0) return throw_errno(env, EINVAL, "recvmsg");
  if (length > INT32_MAX) length = INT32_MAX;

  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int) * RECEIVE_FILES_MAX)];
  } control;
  struct iovec piece = {.iov_base = data, .iov_len = length};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
  ssize_t got;
  do got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno != EAGAIN) return throw_errno(env, errno, "recvmsg");
  if (got < 0) return make_int(env, -1);

  int files[RECEIVE_FILES_MAX];
  size_t count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (here > RECEIVE_FILES_MAX - count) here = RECEIVE_FILES_MAX - count;
    memcpy(files + count, CMSG_DATA(header), here * sizeof(int));
    count += here;
  }
  bool kept = (message.msg_flags & MSG_CTRUNC) == 0;
  uint32_t end = 0;
  if (kept && count > 0) kept = napi_get_array_length(env, argv[2], &end) == napi_ok;
  size_t given = 0;
  while (kept && given < count) {
    napi_value number = make_int(env, files[given]);
    kept = number != NULL && napi_set_element(env, argv[2], end + (uint32_t)given, number) == napi_ok;
    if (kept) given++;
  }
  if (!kept) {
    for (size_t i = given; i < count; i++) close(files[i]);
    return make_int(env, -2);
  }
  return make_int(env, (int)got);
}

bool export_messages(napi_env env, napi_value exports) {
  return export_function(env, exports, "send", send_message) &&
         export_function(env, exports, "receive", receive_message);
}
