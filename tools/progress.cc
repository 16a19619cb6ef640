#include "tools/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/layout.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace {

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

std::optional<double> time_left(double expected, double elapsed, double done) {
  if (done >= 1) return 0;
  // Before a twentieth is done, how fast it goes is not known.
  if (done >= 0.05 && elapsed > 0) return elapsed * (1 - done) / done;
  if (expected > elapsed) return expected - elapsed;
  return std::nullopt;
}

std::string progress_line(std::string_view what, double done, std::optional<double> left, std::size_t width) {
  std::string tail;
  if (done > 0) tail += fmt::format("  {:.0f} %", std::min(done, 1.0) * 100);
  if (left && done < 1) tail += fmt::format("  {} left", duration_text(*left));
  std::string head = escaped(what);
  while (!head.empty() && width_of(head) + width_of(tail) > width) head.pop_back();
  const std::string line = head + tail;
  return width_of(line) <= width ? line : line.substr(0, width);  // the tail is ASCII
}

void TerminalProgress::stage(std::string_view what, double seconds) {
  const std::lock_guard lock(mutex_);
  what_ = what;
  expected_ = seconds;
  done_ = 0;
  started_ = Clock::now();
  draw(true);
}

void TerminalProgress::advance(double done) {
  const std::lock_guard lock(mutex_);
  done_ = done;
  draw(false);
}

void TerminalProgress::note(std::string_view sentence) {
  const std::lock_guard lock(mutex_);
  erase_line();
  out_.talk(sentence);
  draw(true);
}

void TerminalProgress::warn(std::string_view sentence) {
  const std::lock_guard lock(mutex_);
  erase_line();
  out_.warn(sentence);
  draw(true);
}

void TerminalProgress::clear() {
  const std::lock_guard lock(mutex_);
  erase_line();
  what_.clear();
}

void TerminalProgress::erase_line() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

void TerminalProgress::draw(bool always) {
  if (!out_.style().terminal || out_.style().quiet) return;
  if (what_.empty()) return erase_line();
  const Clock::time_point now = Clock::now();
  if (!always && now - last_drawn_ < std::chrono::milliseconds(100)) return;
  last_drawn_ = now;
  const double elapsed = std::chrono::duration<double>(now - started_).count();
  const std::string line =
      progress_line(what_, done_, time_left(expected_, elapsed, done_), terminal_width() - 1);
  std::fputs(("\r\033[K" + line).c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace hindsight::tools
