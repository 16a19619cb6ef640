// Programs that take from outside whatever there is to take; the first argument says which.
#include <hindsight/hindsight.h>
#include <hindsight/probe.h>
#include <omp.h>
#include <sys/random.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>

namespace {

std::uint64_t number_of(const timespec& time) { return static_cast<std::uint64_t>(time.tv_sec) * 1000000000 + static_cast<std::uint64_t>(time.tv_nsec); }

// Every source, by its name.
const std::map<std::string, std::function<std::uint64_t()>> sources = {
    {"std::random_device", [] { return std::random_device{}(); }},
    {"getrandom", [] { std::uint64_t n = 0; return getrandom(&n, sizeof n, 0) == sizeof n ? n : 0; }},
    {"getentropy", [] { std::uint64_t n = 0; return getentropy(&n, sizeof n) == 0 ? n : 0; }},
    {"time", [] { std::time_t n = 0; return static_cast<std::uint64_t>(std::time(&n) == n ? n : 0); }},
    {"clock", [] { return static_cast<std::uint64_t>(std::clock()); }},
    {"clock_gettime", [] { timespec n = {}; clock_gettime(CLOCK_REALTIME, &n); return number_of(n); }},
    {"gettimeofday", [] { timeval n = {}; gettimeofday(&n, nullptr); return static_cast<std::uint64_t>(n.tv_sec) * 1000000 + static_cast<std::uint64_t>(n.tv_usec); }},
    {"timespec_get", [] { timespec n = {}; return std::timespec_get(&n, TIME_UTC) == TIME_UTC ? number_of(n) : 0; }},
    {"getpid", [] { return static_cast<std::uint64_t>(getpid()); }},
    {"getppid", [] { return static_cast<std::uint64_t>(getppid()); }},
    {"std::chrono::system_clock::now", [] { return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()); }},
    {"std::chrono::steady_clock::now", [] { return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()); }},
    {"omp_get_wtime", [] { const double n = omp_get_wtime(); std::uint64_t bits = 0; std::memcpy(&bits, &n, sizeof bits); return bits; }},
};

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "once") {
    for (const auto& [name, draw] : sources) std::printf("%s %" PRIu64 "\n", name.c_str(), draw());
  } else if (what == "odd_size") {
    unsigned char bytes[13] = {};
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return 1;
    for (const unsigned char byte : bytes) std::printf("%02x", byte);
  } else if (what == "thread") {
    std::thread([] { for (int i = 0; i < 3; ++i) std::printf("%ld\n", static_cast<long>(std::time(nullptr))); }).join();
  } else if (what == "probe") {
    HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "now", std::time(nullptr))
    std::printf("%ld\n", static_cast<long>(std::time(nullptr)));
  } else if (what == "loop") {
    long sum = 0;
    for (int i : hindsight::loop("i", 6, hindsight::named("sum", sum))) {
      sum += static_cast<long>(std::random_device{}() % 1000) + static_cast<long>(std::time(nullptr) % 1000);
      hindsight::log("sum", sum);
      (void)i;
    }
  } else {
    return 2;
  }
}
