// How much of its time a thread may spend on one kind of work (capturing states, digests, looks at what is only read) where nobody says how
// often that is to be done: it earns a share of all time that passes, and spends what the work cost, on both sides of the wire.
//
// Pure: the time is always given. All times are in nanoseconds.
#pragma once

#include <stdint.h>

namespace hindsight::client {

struct Allowance {
  int64_t share;  // of the time, in parts per million
  int64_t free;   // what a short program spends in all is not worth waiting for

  int64_t part_of(int64_t time) const { return time / 1000 * share / 1000; }
};

// What the kinds of work have of the whole budget.
constexpr Allowance for_captures(int64_t overhead) { return {overhead * 3 / 4, 50'000'000}; }
constexpr Allowance for_digests(int64_t overhead) { return {overhead / 8, 5'000'000}; }
constexpr Allowance for_watches(int64_t overhead) { return {overhead / 8, 10'000'000}; }

struct Pace {
  int64_t earned_until;  // monotonic; 0: nothing was asked yet
  int64_t balance;       // what may be spent now; negative: more was spent than had been earned
  int64_t cost;          // of the last one, and what the next one is taken to cost

  // So many times the cost can be saved up: time in which there was nothing to do is no reason for doing it all the time later.
  static constexpr int64_t kSaved = 4;

  void earn(int64_t now, const Allowance& allowance) {
    if (earned_until == 0) {
      earned_until = now;
      balance = allowance.free;
    }
    const int64_t most = balance > kSaved * cost ? balance : kSaved * cost;
    balance += allowance.part_of(now - earned_until);
    if (balance > most) balance = most;
    earned_until = now;
  }
  // Whether it can be paid for now.
  bool is_due(int64_t now, const Allowance& allowance) {
    earn(now, allowance);
    return balance > 0 && balance >= cost;
  }
  // Whether doing it twice, now and after about `time`, will have been paid for by then.
  bool can_do_twice(int64_t now, const Allowance& allowance, int64_t time) {
    earn(now, allowance);
    return balance > -cost && balance + allowance.part_of(time) >= 2 * cost;
  }
  // `elsewhere`: what it will cost the other side of the wire.
  void done(int64_t began, int64_t now, int64_t elsewhere) {
    cost = now - began + elsewhere;
    balance -= cost;
  }
};

}  // namespace hindsight::client
