/**
 * Up to so many bytes a read or write of a regular file is done at once: the kernel's page cache takes and gives them in
 * microseconds, and a turn through the thread pool takes longer. Most of what a dump consists of is smaller.
 */
export const small = 64 * 1024;
