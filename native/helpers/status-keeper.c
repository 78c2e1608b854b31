/*
 * status-keeper DIRECTORY
 *
 * Holds on to processes, by pidfds, so that the kernel keeps how they end (PIDFD_GET_INFO, Linux 6.15) also when their
 * supervisor dies and somebody else reaps them. Standard input tells which:
 *
 *   +PID TICKS     hold on to that one, if it is the one that started then (proc_pid_stat(5), field 22)
 *   -PID           its end is known
 *
 * When standard input ends the supervisor has died: from then on the file DIRECTORY/PID gets "TICKS STATUS", a wait status,
 * for each that has ended or ends. Ends itself when there is none left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From the kernel's uapi/linux/pidfd.h of 6.15, which Debian 12's headers lack. */
struct pidfd_info_v1 {
  uint64_t mask, cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info_v1)
#define INFO_EXIT (UINT64_C(1) << 3)

struct held {
  int pid;
  unsigned long long ticks;
  int pidfd;
  bool has_ended;
  /* How often it was asked for the status of one that has ended: not before it is reaped. */
  int asked;
};

/* In ms, and so many times. */
enum { pause_ms = 5, most_asked = 1000 };

static struct held *all;
static size_t count, room;
static const char *directory;

static unsigned long long ticks_of(int pid) {
  char path[64], text[4096];
  snprintf(path, sizeof(path), "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t got = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (got <= 0) return 0;
  text[got] = 0;
  /* The command may hold anything, also parentheses. */
  char *at = strrchr(text, ')');
  if (at == NULL) return 0;
  for (int field = 2; field < 22; field++) {
    at = strchr(at + 1, ' ');
    if (at == NULL) return 0;
  }
  return strtoull(at + 1, NULL, 10);
}

static void let_go(size_t i) {
  close(all[i].pidfd);
  all[i] = all[--count];
}

static void forget(int pid) {
  for (size_t i = count; i-- > 0;)
    if (all[i].pid == pid) let_go(i);
}

static void hold(int pid, unsigned long long ticks) {
  for (size_t i = 0; i < count; i++)
    if (all[i].pid == pid && all[i].ticks == ticks) return;
  forget(pid);
  if (count == room) {
    size_t more = room == 0 ? 16 : 2 * room;
    struct held *bigger = realloc(all, more * sizeof(*all));
    if (bigger == NULL) return;
    all = bigger;
    room = more;
  }
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (pidfd < 0) return;
  if (ticks_of(pid) != ticks) {
    close(pidfd);
    return;
  }
  all[count++] = (struct held){.pid = pid, .ticks = ticks, .pidfd = pidfd};
}

static void obey(char *line) {
  unsigned long long ticks;
  int pid;
  if (sscanf(line, "+%d %llu", &pid, &ticks) == 2) hold(pid, ticks);
  else if (sscanf(line, "-%d", &pid) == 1) forget(pid);
}

/* False when it has ended. */
static bool listen_once(void) {
  static char text[4096];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, text + length, sizeof(text) - 1 - length);
  if (got < 0) return errno == EINTR;
  if (got == 0) return false;
  length += (size_t)got;
  text[length] = 0;
  char *begin = text;
  for (char *end; (end = strchr(begin, '\n')) != NULL; begin = end + 1) {
    *end = 0;
    obey(begin);
  }
  length -= (size_t)(begin - text);
  memmove(text, begin, length);
  /* Nobody of ours says so much in a line. */
  if (length == sizeof(text) - 1) length = 0;
  return true;
}

/* At one instant: whoever takes over may look at any moment. */
static void write_down(const struct held *one, int status) {
  char draft[4096], path[4096];
  snprintf(draft, sizeof(draft), "%s/.%d", directory, one->pid);
  snprintf(path, sizeof(path), "%s/%d", directory, one->pid);
  int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  bool isWhole = dprintf(fd, "%llu %d\n", one->ticks, status) > 0;
  close(fd);
  if (!isWhole || rename(draft, path) != 0) unlink(draft);
}

/* True when there is nothing more to ask. */
static bool ask(struct held *one) {
  struct pidfd_info_v1 found = {.mask = INFO_EXIT};
  if (ioctl(one->pidfd, GET_INFO, &found) == 0 && (found.mask & INFO_EXIT) != 0) {
    write_down(one, found.exit_code & 0xffff);
    return true;
  }
  return ++one->asked == most_asked;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  directory = argv[1];
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  for (bool isAlone = false; !isAlone || count > 0;) {
    struct pollfd *fds = calloc(count + 1, sizeof(*fds));
    if (fds == NULL) return 1;
    size_t watched = count;
    bool isWaiting = false;
    fds[0] = (struct pollfd){.fd = isAlone ? -1 : STDIN_FILENO, .events = POLLIN};
    for (size_t i = 0; i < watched; i++) {
      fds[i + 1] = (struct pollfd){.fd = all[i].has_ended ? -1 : all[i].pidfd, .events = POLLIN};
      isWaiting = isWaiting || all[i].has_ended;
    }
    if (poll(fds, watched + 1, isAlone && isWaiting ? pause_ms : -1) >= 0) {
      for (size_t i = 0; i < watched; i++)
        if (fds[i + 1].revents != 0) all[i].has_ended = true;
      if (isAlone)
        for (size_t i = count; i-- > 0;)
          if (all[i].has_ended && ask(&all[i])) let_go(i);
      if (fds[0].revents != 0 && !listen_once()) isAlone = true;
    }
    free(fds);
  }
  return 0;
}
