/* Namespaces and mounts: namespaces(7), mount(2), umount2(2). */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

struct make_netns {
  napi_async_work work;
  napi_deferred deferred;
  char file[PATH_MAX];
  int failed;
  const char *step;
};

static bool raise_loopback(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  struct ifreq request;
  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, "lo");
  bool done = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
  if (done) {
    request.ifr_flags |= IFF_UP;
    done = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  }
  int number = errno;
  close(fd);
  errno = number;
  return done;
}

static bool fail(struct make_netns *job, const char *step) {
  job->failed = errno;
  job->step = step;
  return false;
}

static bool pin(struct make_netns *job) {
  if (unshare(CLONE_NEWNET) != 0) return fail(job, "unshare");
  if (!raise_loopback()) return fail(job, "ioctl(SIOCSIFFLAGS)");
  int fd = open(job->file, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (fd < 0 && errno != EEXIST) return fail(job, "open");
  if (fd >= 0) close(fd);
  if (mount("/proc/thread-self/ns/net", job->file, NULL, MS_BIND, NULL) != 0) {
    fail(job, "mount");
    if (fd >= 0) unlink(job->file);
    return false;
  }
  return true;
}

static void *on_thread(void *data) {
  pin(data);
  return NULL;
}

/* On a thread of the pool, which must stay in this process's namespace: the work is done on one that then ends. */
static void execute(napi_env env, void *data) {
  (void)env;
  struct make_netns *job = data;
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&thread, NULL, on_thread, job);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failed != 0) {
    job->failed = failed;
    job->step = "pthread_create";
    return;
  }
  pthread_join(thread, NULL);
}

static void complete(napi_env env, napi_status status, void *data) {
  struct make_netns *job = data;
  if (status != napi_ok && job->failed == 0) {
    job->failed = ECANCELED;
    job->step = "unshare";
  }
  if (job->failed != 0)
    napi_reject_deferred(env, job->deferred, make_errno(env, job->failed, job->step));
  else
    napi_resolve_deferred(env, job->deferred, make_undefined(env));
  napi_delete_async_work(env, job->work);
  free(job);
}

static napi_value make_network_namespace(napi_env env, napi_callback_info info) {
  napi_value argv[1], promise, name;
  if (!get_args(env, info, 1, argv)) return NULL;
  struct make_netns *job = calloc(1, sizeof(*job));
  if (job == NULL) return throw_errno(env, ENOMEM, "calloc");
  if (!get_path(env, argv[0], job->file, sizeof(job->file))) {
    free(job);
    return NULL;
  }
  if (napi_create_string_utf8(env, "runstate.netns", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_async_work(env, NULL, name, execute, complete, job, &job->work) != napi_ok) {
    free(job);
    return throw_errno(env, ENOMEM, "napi_create_async_work");
  }
  if (napi_create_promise(env, &job->deferred, &promise) != napi_ok ||
      napi_queue_async_work(env, job->work) != napi_ok) {
    napi_delete_async_work(env, job->work);
    free(job);
    return throw_errno(env, ENOMEM, "napi_queue_async_work");
  }
  return promise;
}

static const char *or_null(const char *text) { return text[0] == 0 ? NULL : text; }

static napi_value mount_at(napi_env env, napi_callback_info info) {
  napi_value argv[5];
  char source[PATH_MAX], target[PATH_MAX], type[64], data[4096];
  int flags;
  if (!get_args(env, info, 5, argv) || !get_path(env, argv[0], source, sizeof(source)) ||
      !get_path(env, argv[1], target, sizeof(target)) || !get_path(env, argv[2], type, sizeof(type)) ||
      !get_int(env, argv[3], &flags) || !get_path(env, argv[4], data, sizeof(data)))
    return NULL;
  if (mount(or_null(source), target, or_null(type), (unsigned long)flags, or_null(data)) != 0)
    return throw_errno(env, errno, "mount");
  return make_undefined(env);
}

static napi_value unmount(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  char target[PATH_MAX];
  int flags;
  if (!get_args(env, info, 2, argv) || !get_path(env, argv[0], target, sizeof(target)) ||
      !get_int(env, argv[1], &flags))
    return NULL;
  if (umount2(target, flags) != 0) return throw_errno(env, errno, "umount2");
  return make_undefined(env);
}

bool export_namespace(napi_env env, napi_value exports) {
  return export_function(env, exports, "makeNetworkNamespace", make_network_namespace) &&
         export_function(env, exports, "mount", mount_at) && export_function(env, exports, "unmount", unmount);
}
