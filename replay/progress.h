// How long work tells the user where it is. tools/ shows it on a terminal; tests ignore it.
#pragma once

#include <string_view>

namespace hindsight::replay {

class Progress {
 public:
  virtual ~Progress() = default;
  // A new stage: "build v2", "replay r3". `seconds`: how long it is expected to take; 0: unknown.
  virtual void stage(std::string_view what, double seconds) = 0;
  // `done` of the current stage, 0 to 1.
  virtual void advance(double done) = 0;
  // What is good to know, where nothing is wrong.
  virtual void note(std::string_view) {}
  // A sentence that the user should see even without a terminal.
  virtual void warn(std::string_view sentence) = 0;
};

}  // namespace hindsight::replay
