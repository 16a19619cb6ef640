// What the linker calls in place of C's functions (draws.h).
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/client/draws.h"
#include "runtime/client/wrap.h"

using hindsight::client::draws::draw;
using hindsight::wire::Draw;

namespace {

constexpr uint64_t kSecond = 1000000000;  // ns

void redraw(Draw source, timespec* time) {
  const uint64_t fresh = static_cast<uint64_t>(time->tv_sec) * kSecond + static_cast<uint64_t>(time->tv_nsec);
  const uint64_t number = draw(source, fresh);
  time->tv_sec = static_cast<time_t>(number / kSecond);
  time->tv_nsec = static_cast<long>(number % kSecond);
}

void redraw(Draw source, void* bytes, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const size_t part = size - at < sizeof(uint64_t) ? size - at : sizeof(uint64_t);
    uint64_t number = 0;
    memcpy(&number, static_cast<char*>(bytes) + at, part);
    number = draw(source, number);
    memcpy(static_cast<char*>(bytes) + at, &number, part);
  }
}

}  // namespace

// Known to be there by attach.cc.
extern "C" __attribute__((visibility("hidden"))) void hindsight_keeps_draws() {}

HINDSIGHT_WRAP(time_t, time, time_t* out) {
  const auto now = static_cast<time_t>(draw(Draw::kTime, static_cast<uint64_t>(__real_time(nullptr))));
  if (out != nullptr) *out = now;
  return now;
}
HINDSIGHT_WRAP(clock_t, clock, void) { return static_cast<clock_t>(draw(Draw::kClock, static_cast<uint64_t>(__real_clock()))); }
HINDSIGHT_WRAP(int, clock_gettime, clockid_t which, timespec* time) {
  const int problem = __real_clock_gettime(which, time);
  if (problem == 0) redraw(Draw::kClockGettime, time);
  return problem;
}
HINDSIGHT_WRAP(int, gettimeofday, timeval* time, void* zone) {
  const int problem = __real_gettimeofday(time, zone);
  if (problem != 0 || time == nullptr) return problem;
  const uint64_t number = draw(Draw::kGettimeofday, static_cast<uint64_t>(time->tv_sec) * 1000000 + static_cast<uint64_t>(time->tv_usec));
  time->tv_sec = static_cast<time_t>(number / 1000000);
  time->tv_usec = static_cast<suseconds_t>(number % 1000000);
  return problem;
}
HINDSIGHT_WRAP(int, timespec_get, timespec* time, int base) {
  const int done = __real_timespec_get(time, base);
  if (done != 0) redraw(Draw::kTimespecGet, time);
  return done;
}
HINDSIGHT_WRAP(pid_t, getpid, void) { return static_cast<pid_t>(draw(Draw::kGetpid, static_cast<uint64_t>(__real_getpid()))); }
HINDSIGHT_WRAP(pid_t, getppid, void) { return static_cast<pid_t>(draw(Draw::kGetppid, static_cast<uint64_t>(__real_getppid()))); }
HINDSIGHT_WRAP(ssize_t, getrandom, void* bytes, size_t size, unsigned flags) {
  const ssize_t got = __real_getrandom(bytes, size, flags);
  if (got > 0) redraw(Draw::kGetrandom, bytes, static_cast<size_t>(got));
  return got;
}
HINDSIGHT_WRAP(int, getentropy, void* bytes, size_t size) {
  const int problem = __real_getentropy(bytes, size);
  if (problem == 0) redraw(Draw::kGetentropy, bytes, size);
  return problem;
}
