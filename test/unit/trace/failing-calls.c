/*
 * Lets one system call of a program fail, below SQLite, which makes its own: the FAULT_AT-th call that
 * changes a file whose path holds FAULT_PATH fails with error FAULT_ERRNO, and so do all later ones where
 * FAULT_LASTS is set; only those named FAULT_CALL count where that is set. The name of the failed call goes into the file FAULT_LOG, else the number of calls
 * there were. Preloaded, see failing-calls.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls = 0;
static atomic_int failed = 0;

static void tell(const char *text) {
  FILE *log = fopen(getenv("FAULT_LOG"), "w");
  if (log == NULL) return;
  fputs(text, log);
  fclose(log);
}

static int fails(int file, const char *name) {
  const char *part = getenv("FAULT_PATH");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (part == NULL || length < 0) return 0;
  path[length] = 0;
  if (strstr(path, part) == NULL) return 0;
  const char *only = getenv("FAULT_CALL");
  if (only != NULL && strcmp(name, only) != 0) return 0;
  long at = atol(getenv("FAULT_AT"));
  long call = atomic_fetch_add(&calls, 1);
  if (call != at && !(call > at && getenv("FAULT_LASTS") != NULL)) return 0;
  if (atomic_exchange(&failed, 1) == 0) {
    char text[4200];
    snprintf(text, sizeof text, "%s %s", name, strrchr(path, '/') + 1);
    tell(text);
  }
  errno = atoi(getenv("FAULT_ERRNO"));
  return 1;
}

__attribute__((destructor)) static void count(void) {
  char text[32];
  if (getenv("FAULT_LOG") == NULL || atomic_load(&failed)) return;
  snprintf(text, sizeof text, "%ld", atomic_load(&calls));
  tell(text);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  REAL(pwrite);
  return fails(file, "write") ? -1 : real(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  REAL(pwrite64);
  return fails(file, "write") ? -1 : real(file, bytes, count, at);
}

ssize_t write(int file, const void *bytes, size_t count) {
  REAL(write);
  return fails(file, "write") ? -1 : real(file, bytes, count);
}

int fsync(int file) {
  REAL(fsync);
  return fails(file, "sync") ? -1 : real(file);
}

int fdatasync(int file) {
  REAL(fdatasync);
  return fails(file, "sync") ? -1 : real(file);
}

int ftruncate(int file, off_t length) {
  REAL(ftruncate);
  return fails(file, "truncate") ? -1 : real(file, length);
}

int ftruncate64(int file, off64_t length) {
  REAL(ftruncate64);
  return fails(file, "truncate") ? -1 : real(file, length);
}

int posix_fallocate(int file, off_t from, off_t length) {
  REAL(posix_fallocate);
  return fails(file, "allocate") ? atoi(getenv("FAULT_ERRNO")) : real(file, from, length);
}
