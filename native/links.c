/* Network interfaces behind descriptors: packet(7), and the TAP devices of the kernel's tuntap.rst. */
#include "addon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Headers that are older than Linux 5.5 do not have it. */
#ifndef TUNGETDEVNETNS
#define TUNGETDEVNETNS _IO('T', 227)
#endif

/* Of /dev/net/tun: Documentation/admin-guide/devices.txt. */
#define TUN_DEVICE makedev(10, 200)

static napi_value make_string(napi_env env, const char *text) {
  napi_value result = NULL;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

static napi_value packet_interface(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd, domain;
  socklen_t length = sizeof(domain);
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) return throw_errno(env, errno, "getsockopt");
  if (domain != AF_PACKET) return throw_errno(env, EAFNOSUPPORT, "getsockopt");
  struct sockaddr_ll address;
  length = sizeof(address);
  memset(&address, 0, sizeof(address));
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) return throw_errno(env, errno, "getsockname");
  /* 0 where it was never bound; -1 when its interface has gone, or has left its namespace. */
  if (address.sll_ifindex <= 0) return make_undefined(env);
  struct ifreq request;
  memset(&request, 0, sizeof(request));
  request.ifr_ifindex = address.sll_ifindex;
  /* In the socket's network namespace, whichever the caller's is. */
  if (ioctl(fd, SIOCGIFNAME, &request) != 0) return throw_errno(env, errno, "ioctl(SIOCGIFNAME)");
  return make_string(env, request.ifr_name);
}

static bool is_tun(napi_env env, int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) {
    throw_errno(env, errno, "fstat");
    return false;
  }
  if (S_ISCHR(status.st_mode) && status.st_rdev == TUN_DEVICE) return true;
  throw_errno(env, ENOTTY, "ioctl(TUNGETIFF)");
  return false;
}

static napi_value tun_interface(napi_env env, napi_callback_info info) {
  napi_value argv[1], result;
  int fd;
  struct ifreq request;
  if (!get_args(env, info, 1, argv) || !get_int(env, argv[0], &fd) || !is_tun(env, fd)) return NULL;
  memset(&request, 0, sizeof(request));
  if (ioctl(fd, TUNGETIFF, &request) != 0) return throw_errno(env, errno, "ioctl(TUNGETIFF)");
  if (napi_create_array_with_length(env, 2, &result) != napi_ok) return NULL;
  napi_set_element(env, result, 0, make_string(env, request.ifr_name));
  napi_set_element(env, result, 1, make_bool(env, (request.ifr_flags & IFF_TAP) != 0));
  return result;
}

static napi_value network_of(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  bool tun;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd) || !get_bool(env, argv[1], &tun)) return NULL;
  if (tun && !is_tun(env, fd)) return NULL;
  int network = tun ? ioctl(fd, TUNGETDEVNETNS) : ioctl(fd, SIOCGSKNS);
  if (network < 0) return throw_errno(env, errno, tun ? "ioctl(TUNGETDEVNETNS)" : "ioctl(SIOCGSKNS)");
  return make_int(env, network);
}

/* What is to be opened, in which network namespace, and what came of it. */
struct opening {
  bool tap;
  char name[IFNAMSIZ];
  char network[PATH_MAX];
  int fd;
  int failed;
  const char *step;
};

static void failed_at(struct opening *job, const char *step) {
  job->failed = errno;
  job->step = step;
  if (job->fd >= 0) close(job->fd);
  job->fd = -1;
}

static void open_packet(struct opening *job) {
  job->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
  if (job->fd < 0) return failed_at(job, "socket");
  struct sockaddr_ll address;
  memset(&address, 0, sizeof(address));
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = (int)if_nametoindex(job->name);
  if (address.sll_ifindex == 0) return failed_at(job, "if_nametoindex");
  if (bind(job->fd, (struct sockaddr *)&address, sizeof(address)) != 0) failed_at(job, "bind");
}

static void open_tap(struct opening *job) {
  job->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (job->fd < 0) return failed_at(job, "open");
  struct ifreq request;
  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, job->name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(job->fd, TUNSETIFF, &request) != 0) failed_at(job, "ioctl(TUNSETIFF)");
}

static void open_here(struct opening *job) {
  if (job->tap)
    open_tap(job);
  else
    open_packet(job);
}

static void *on_thread(void *data) {
  struct opening *job = data;
  int network = open(job->network, O_RDONLY | O_CLOEXEC);
  if (network < 0) return failed_at(job, "open"), NULL;
  int done = setns(network, CLONE_NEWNET), number = errno;
  close(network);
  errno = number;
  if (done != 0) return failed_at(job, "setns"), NULL;
  open_here(job);
  return NULL;
}

/* On a thread that then ends: this process stays in its own namespace. */
static void open_there(struct opening *job) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&thread, NULL, on_thread, job);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failed == 0) {
    pthread_join(thread, NULL);
    return;
  }
  errno = failed;
  failed_at(job, "pthread_create");
}

static napi_value open_link(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  struct opening job = {.fd = -1};
  if (!get_args(env, info, 3, argv) || !get_bool(env, argv[0], &job.tap) ||
      !get_path(env, argv[1], job.name, sizeof(job.name)) ||
      !get_path(env, argv[2], job.network, sizeof(job.network)))
    return NULL;
  if (job.network[0] == 0)
    open_here(&job);
  else
    open_there(&job);
  return job.fd < 0 ? throw_errno(env, job.failed, job.step) : make_int(env, job.fd);
}

bool export_links(napi_env env, napi_value exports) {
  return export_function(env, exports, "packetInterface", packet_interface) &&
         export_function(env, exports, "tunInterface", tun_interface) &&
         export_function(env, exports, "networkOf", network_of) &&
         export_function(env, exports, "openLink", open_link);
}
