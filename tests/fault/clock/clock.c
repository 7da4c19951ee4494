// SPDX-License-Identifier: GPL-3.0-or-later
// A wall clock that a test can move while the process runs: LD_PRELOAD, and ROSTRUM_FAULT_CLOCK names a file
// with the seconds to add, a 64-bit number. The monotonic clocks stay as they are, as they do when an
// operator sets the time.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* added_seconds;

__attribute__((constructor)) static void open_clock(void) {
  const char* path = getenv("ROSTRUM_FAULT_CLOCK");
  const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* page = mmap(NULL, sizeof *added_seconds, PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) added_seconds = page;
  close(file);
}

static int64_t added(void) {
  return added_seconds ? *added_seconds : 0;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const long result = syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += added();
  return (int)result;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  const long result = syscall(SYS_gettimeofday, now, zone);
  if (result == 0) now->tv_sec += added();
  return (int)result;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
