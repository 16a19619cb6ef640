// A listener that keeps what it hears, as text.
#pragma once

#include <string>
#include <vector>

#include "runtime/host/host.h"

namespace hindsight::host::testing {

// "value loss at epoch=3 #0 = 0.5", "capture head of epoch=2: w[4] 01020304"
std::string to_text(const Event& event);

struct Heard {
  std::vector<std::string> events;
  std::vector<std::uint64_t> offsets;
  std::vector<std::string> values() const;  // of values alone
  int idles = 0;
  bool ended = false;
  SessionEnd end;
};

class Collector : public Listener {
 public:
  explicit Collector(Heard& heard) : heard_(heard) {}
  std::function<Answer(const store::Point&)> answer;

  void on_event(const Event& event, std::uint64_t journal_offset) override;
  Answer on_ask(const store::Point& point) override;
  void on_idle() override { ++heard_.idles; }
  void on_end(const SessionEnd& end) override;

 private:
  Heard& heard_;
};

}  // namespace hindsight::host::testing
