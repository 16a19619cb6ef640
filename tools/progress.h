// Progress of long work: one line on a terminal, redrawn in place, with the time left. Nothing where stderr is no
// terminal; warnings always.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "replay/progress.h"
#include "tools/output.h"

namespace hindsight::tools {

// Seconds until a stage ends, from how far it is, or else from how long it was expected to take. Pure.
std::optional<double> time_left(double expected, double elapsed, double done);
// "build v2  45 %  1 min 20 s left", at most `width` characters. Pure.
std::string progress_line(std::string_view what, double done, std::optional<double> left, std::size_t width);

// Any thread.
class TerminalProgress : public replay::Progress {
 public:
  explicit TerminalProgress(Output& out) : out_(out) {}
  ~TerminalProgress() override { clear(); }
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  void stage(std::string_view what, double seconds) override;
  void advance(double done) override;
  void note(std::string_view sentence) override;
  void warn(std::string_view sentence) override;
  // Takes the line off the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(bool always);
  void erase_line();

  std::mutex mutex_;
  Output& out_;
  std::string what_;
  double expected_ = 0;
  double done_ = 0;
  bool drawn_ = false;
  Clock::time_point started_{};
  Clock::time_point last_drawn_{};
};

}  // namespace hindsight::tools
