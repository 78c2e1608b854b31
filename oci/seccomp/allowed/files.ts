import { words } from '../words.ts';

/** Files, directories and their attributes. What a path may lead to is decided by the mount namespace and by permissions. */
export const files = words(`
  _llseek access cachestat chdir chmod chown chown32 close close_range copy_file_range creat dup dup2
  dup3 faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat
  fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fremovexattr
  fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd
  getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl
  lchown lchown32 lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat lstat64
  memfd_create memfd_secret mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2
  pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readdir readlink readlinkat
  readv removexattr rename renameat renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64
  statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 umask
  unlink unlinkat utime utimensat utimensat_time64 utimes write writev
`);
