/* Processes by pidfd: pidfd_open(2), waitid(2), prctl(2), pidfd_getfd(2). */
#include "addon.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From the kernel's uapi/linux/pidfd.h of 6.15, which Debian 12's headers lack. */
struct pidfd_info_v1 {
  uint64_t mask, cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_info_v1) == 64, "PIDFD_INFO_SIZE_VER0");
#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info_v1)
#define INFO_EXIT (UINT64_C(1) << 3)
#define BY_PIDFD ((idtype_t)3) /* P_PIDFD */

static napi_value set_subreaper(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  bool on;
  if (!get_args(env, info, 1, argv) || !get_bool(env, argv[0], &on)) return NULL;
  if (prctl(PR_SET_CHILD_SUBREAPER, on ? 1UL : 0UL, 0UL, 0UL, 0UL) != 0) return throw_errno(env, errno, "prctl");
  return make_undefined(env);
}

static napi_value open_pidfd(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int pid;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &pid)) return NULL;
  int fd = (int)syscall(SYS_pidfd_open, pid, 0); /* always close-on-exec */
  if (fd < 0) return throw_errno(env, errno, "pidfd_open");
  return make_int(env, fd);
}

static napi_value signal_pidfd(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int pidfd, signo;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &pidfd) || !get_int(env, argv[1], &signo))
    return NULL;
  if (syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0) != 0)
    return throw_errno(env, errno, "pidfd_send_signal");
  return make_undefined(env);
}

static napi_value wait_pidfd(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int pidfd, done;
  bool leave;
  siginfo_t found;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &pidfd) || !get_bool(env, argv[1], &leave))
    return NULL;
  memset(&found, 0, sizeof(found));
  do done = waitid(BY_PIDFD, (id_t)pidfd, &found, WEXITED | WNOHANG | (leave ? WNOWAIT : 0));
  while (done != 0 && errno == EINTR);
  if (done != 0 && errno != EAGAIN) return throw_errno(env, errno, "waitid");
  if (done != 0 || found.si_pid == 0) return make_int(env, -1);
  switch (found.si_code) {
    case CLD_EXITED:
      return make_int(env, (found.si_status & 0xff) << 8);
    case CLD_DUMPED:
      return make_int(env, (found.si_status & 0x7f) | 0x80);
    default:
      return make_int(env, found.si_status & 0x7f);
  }
}

static napi_value pidfd_exit_status(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int pidfd;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &pidfd)) return NULL;
  struct pidfd_info_v1 found;
  memset(&found, 0, sizeof(found));
  found.mask = INFO_EXIT;
  if (ioctl(pidfd, GET_INFO, &found) != 0) {
    /* An older kernel, or one that keeps no such thing of this process. */
    if (errno == ENOTTY || errno == EINVAL || errno == ESRCH || errno == EREMOTE) return make_int(env, -1);
    return throw_errno(env, errno, "ioctl(PIDFD_GET_INFO)");
  }
  return make_int(env, (found.mask & INFO_EXIT) != 0 ? found.exit_code & 0xffff : -1);
}

static napi_value kill_process(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int pid, signo;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &pid) || !get_int(env, argv[1], &signo))
    return NULL;
  if (kill(pid, signo) != 0) return throw_errno(env, errno, "kill");
  return make_undefined(env);
}

/* True when that descriptor of the process was a TCP connection in repair (tcp(7) has no word of it; linux/tcp.h). */
static napi_value end_tcp_repair(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int pidfd, theirs;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &pidfd) || !get_int(env, argv[1], &theirs))
    return NULL;
  int fd = (int)syscall(SYS_pidfd_getfd, pidfd, theirs, 0); /* always close-on-exec */
  if (fd < 0) return throw_errno(env, errno, "pidfd_getfd");
  int protocol = 0, repair = 0, off = 0;
  socklen_t size = sizeof(int);
  bool is_tcp = getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP;
  size = sizeof(int);
  bool is_in_repair =
      is_tcp && getsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &repair, &size) == 0 && repair != 0;
  int failed = is_in_repair && setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) != 0 ? errno : 0;
  close(fd);
  if (failed != 0) return throw_errno(env, failed, "setsockopt");
  return make_bool(env, is_in_repair);
}

bool export_process(napi_env env, napi_value exports) {
  return export_function(env, exports, "setSubreaper", set_subreaper) &&
         export_function(env, exports, "openPidfd", open_pidfd) &&
         export_function(env, exports, "signalPidfd", signal_pidfd) &&
         export_function(env, exports, "waitPidfd", wait_pidfd) &&
         export_function(env, exports, "pidfdExitStatus", pidfd_exit_status) &&
         export_function(env, exports, "endTcpRepair", end_tcp_repair) &&
         export_function(env, exports, "kill", kill_process);
}
