// How much of its time a thread may spend on capturing states, where nobody says how often: after each capture, or digest, it rests for a
// multiple of what that cost. What a short program spends in all is not worth resting for.
#pragma once

#include <stdint.h>

namespace hindsight::client {

// One for captures and one for digests, in each thread.
struct Pace {
  int64_t rests_until;  // monotonic
  int64_t cost;         // of the last one
  int64_t spent;

  static constexpr int64_t kFree = 10'000'000;  // nanoseconds

  bool is_due(int64_t now) const { return spent < kFree || now >= rests_until; }
  void done(int64_t began, int64_t now, int64_t rest) {
    cost = now - began;
    spent += cost;
    rests_until = now + cost * rest;
  }
};

}  // namespace hindsight::client
