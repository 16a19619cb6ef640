#include "tests/host/support/collector.h"

#include <cstring>
#include <sstream>

namespace hindsight::host::testing {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string show(const store::Position& position) {
  std::string text;
  for (const store::Level& level : position) {
    if (!text.empty()) text += '/';
    text += level.loop;
    if (level.entry > 0) text += "@" + std::to_string(level.entry);
    text += "=" + (level.label ? std::to_string(*level.label) : "#" + std::to_string(level.ordinal));
  }
  return text.empty() ? "start" : text;
}

std::string show(const store::Point& point) {
  store::Position whole = point.enclosing;
  whole.push_back({point.loop, point.entry, point.ordinal, std::nullopt});
  return (point.kind == store::PointKind::kHead ? "head of " : "exit of ") + show(whole);
}

std::string show(const store::Value& value) {
  if (value.dtype == store::DType::kF64 && !value.is_vector) {
    double number;
    if (value.bytes.size() != sizeof number) return "broken";
    std::memcpy(&number, value.bytes.data(), sizeof number);
    std::ostringstream text;
    text << number;
    return text.str();
  }
  return std::to_string(static_cast<int>(value.dtype)) + (value.is_vector ? "[] " : " ") +
         (value.dtype == store::DType::kText || value.dtype == store::DType::kError ? value.bytes : hex(value.bytes));
}

struct Printer {
  std::string operator()(const ValueEvent& e) const {
    return std::string(e.probe         ? "probe "
                       : e.is_argument ? "argument "
                       : e.is_draw     ? "draw "
                                       : "value ") +
           e.name + " at " + show(e.position) + (e.thread > 0 ? " thread " + std::to_string(e.thread) : "") + " #" +
           std::to_string(e.seq) + " = " + show(e.value);
  }
  std::string operator()(const IterationEvent& e) const { return "iteration " + show(e.position); }
  std::string operator()(const CaptureEvent& e) const {
    std::string text = "capture " + show(e.point) + ":";
    for (const store::LeafBytes& leaf : e.leaves)
      text += " " + leaf.path + "[" + std::to_string(leaf.bytes.size()) + "] " + hex(leaf.bytes.substr(0, 8));
    return text;
  }
  std::string operator()(const DigestEvent& e) const {
    return "digest " + show(e.point) + ": " + std::to_string(e.digest);
  }
  std::string operator()(const SkippedEvent& e) const { return "skipped " + show(e.point) + ": " + e.reason; }
  std::string operator()(const LoopEndEvent& e) const { return "loop end " + show(e.point); }
  std::string operator()(const JumpEvent& e) const {
    return "jump " + show(e.point) + (e.failure.empty() ? "" : ": " + e.failure);
  }
  std::string operator()(const NoteEvent& e) const { return "note " + e.text; }
  std::string operator()(const EndEvent& e) const { return "end " + std::to_string(e.values); }
};

}  // namespace

std::string to_text(const Event& event) { return std::visit(Printer{}, event); }

std::vector<std::string> Heard::values() const {
  std::vector<std::string> result;
  for (const std::string& event : events) {
    if (event.starts_with("value ")) result.push_back(event);
  }
  return result;
}

void Collector::on_event(const Event& event, std::uint64_t journal_offset) {
  heard_.events.push_back(to_text(event));
  heard_.offsets.push_back(journal_offset);
}

Answer Collector::on_ask(const store::Point& point) {
  heard_.events.push_back("ask " + show(point));
  return answer ? answer(point) : Answer{};
}

void Collector::on_end(const SessionEnd& end) {
  heard_.ended = true;
  heard_.end = end;
}

}  // namespace hindsight::host::testing
