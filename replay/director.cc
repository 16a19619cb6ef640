#include "replay/director.h"

#include <algorithm>
#include <utility>

namespace hindsight::replay {
namespace {

using store::Checkpoint;
using store::LoopInstance;
using store::Point;
using store::PointKind;

// Marks in the timeline where a slot ends; the values of probes have lower numbers.
constexpr std::size_t kSlotEnd = std::size_t{1} << 62;

class Forwarder final : public host::Listener {
 public:
  explicit Forwarder(host::Listener& to) : to_(to) {}
  void on_event(const host::Event& event, std::uint64_t journal_offset) override { to_.on_event(event, journal_offset); }
  host::Answer on_ask(const Point& point) override { return to_.on_ask(point); }
  void on_idle() override { to_.on_idle(); }
  void on_end(const host::SessionEnd& end) override { to_.on_end(end); }

 private:
  host::Listener& to_;
};

// For processes that should not be there: they run as they would, and nothing that they say is believed.
class Deaf final : public host::Listener {
 public:
  void on_event(const host::Event&, std::uint64_t) override {}
  host::Answer on_ask(const Point&) override { return {}; }
  void on_idle() override {}
  void on_end(const host::SessionEnd&) override {}
};

}  // namespace

Director::Director(Segment segment, const Reference& reference, ReadState read_state, DirectorOptions options)
    : segment_(std::move(segment)),
      reference_(reference),
      course_(reference.course()),
      read_state_(std::move(read_state)),
      options_(std::move(options)),
      asked_(course_.size(), false),
      closed_(course_.size(), false) {
  for (std::size_t slot = 0; slot < course_.size(); ++slot) {
    const Stretch at = course_.stretch(slot);
    asked_[slot] = std::any_of(segment_.asked.begin(), segment_.asked.end(), [&](const Stretch& stretch) {
      return stretch.loop_instance == at.loop_instance && stretch.first <= at.first && at.first < stretch.last;
    });
    if (asked_[slot]) end_ = slot + 1;
  }
  next_iteration_.assign(course_.loops().size(), 0);
  for (std::size_t group = 0; group < reference_.groups(); ++group) seen_.emplace_back(reference_.size(group), false);
  timeline_.push_back({.anchor = Anchor{.kind = Anchor::Kind::kStart, .deviation = {}, .where = "the start", .recorded = {}, .replayed = {}},
                       .value = {}});
}

host::SessionFactory Director::sessions() {
  return [this](const host::Attached&) -> Result<host::Session> {
    ++attached_;
    if (attached_ == 1) return host::Session{std::make_unique<Forwarder>(*this), 0};
    return host::Session{std::make_unique<Deaf>(), 0};
  };
}

void Director::on_event(const host::Event& event, std::uint64_t) {
  std::visit([this](const auto& each) { on(each); }, event);
}

void Director::on_end(const host::SessionEnd& end) { dropped_ += end.dropped + end.torn; }

void Director::on(const host::ValueEvent& event) {
  if (event.probe) {
    probe_value(event);
  } else if (!event.is_draw) {
    logged_value(event);
  } else if (event.thread == 0 && reference_.decides(event.name)) {
    host::ValueEvent drawn = event;
    drawn.name = Reference::drawn(event.name);
    logged_value(drawn);
  }
}

void Director::on(const host::IterationEvent& event) {
  if (event.thread != 0 || event.position.empty()) return;
  const store::Level& level = event.position.back();
  arrive({{event.position.begin(), event.position.end() - 1}, level.loop, level.entry, level.ordinal, PointKind::kHead, 0});
  compare_iteration(event);
}

void Director::on(const host::CaptureEvent& event) {
  arrive(event.point);
  if (const Checkpoint* recorded = reference_.find_state(event.point)) {
    compare_state(*recorded, event);
    compared_ = event.point;
    const Anchor& anchor = *timeline_.back().anchor;
    if (!anchor.equal || anchor.bytes > 0) proven_ = event.point;
  } else {
    compare_digest(event.point, event.digest);
  }
}

void Director::on(const host::DigestEvent& event) {
  // What is read is told of before the head that it belongs to.
  if (event.point.kind != PointKind::kReads) arrive(event.point);
  compare_digest(event.point, event.digest);
}

void Director::on(const host::SkippedEvent& event) {
  arrive(event.point);
  // One sentence a reason: a loop of many iterations would fill pages.
  Uncompared& uncompared = uncompared_[event.reason];
  if (++uncompared.points == 1) uncompared.first = store::to_string(event.point);
}

void Director::on(const host::LoopEndEvent& event) {
  if (event.how == wire::LoopEndKind::kSkipped || event.point.thread != 0) return;
  if (const auto loop = course_.find_main(key_of(event.point))) {
    close_iterations(*loop, course_.loops()[*loop].iterations());
    leave_loop(*loop);
  }
  compare_end(event);
}

void Director::on(const host::JumpEvent& event) {
  if (!event.failure.empty()) {
    problem_ = "state does not fit: the " + store::to_string(event.point) + ": " + event.failure;
  }
}

void Director::arrive(const Point& point) {
  if (point.thread != 0) return;
  const auto loop = course_.find_main(key_of(point));
  if (!loop) return;
  if (inside_ != loop) {
    if (course_.loops()[*loop].after_slot <= region_) return;  // over already
    const std::size_t expected = region_ == 0 ? 0 : course_.slot(region_).loop + 1;
    if (*loop != expected) {
      differ(Anchor::Kind::kState, store::to_string(point), "came after " + to_string(key_of(*course_.loops()[*loop - 1].instance)),
             "came without it");
    }
    close_slot(region_);
    if (*loop == 0) expect_outside(reference_.outside_before_loops());
    inside_ = loop;
  }
  iteration_ = point.ordinal;
  const std::uint64_t iterations = course_.loops()[*loop].iterations();
  close_iterations(*loop, point.kind == PointKind::kExit ? iterations : std::min(point.ordinal, iterations));
  if (point.kind == PointKind::kExit) leave_loop(*loop);
}

void Director::close_iterations(std::size_t loop, std::uint64_t last) {
  const InstanceKey key = key_of(*course_.loops()[loop].instance);
  for (std::uint64_t& next = next_iteration_[loop]; next < last; ++next) {
    expect_rows(reference_.in_iteration(key, next));
    close_slot(course_.slot_of(loop, next));
  }
}

void Director::close_slot(std::size_t slot) {
  if (slot >= closed_.size() || closed_[slot]) return;
  closed_[slot] = true;
  if (asked_[slot]) timeline_.push_back({.anchor = {}, .value = ProbeValue{kSlotEnd + slot, false}});
}

void Director::leave_loop(std::size_t loop) {
  const std::size_t after = course_.loops()[loop].after_slot;
  if (after < region_) return;
  region_ = after;
  inside_.reset();
}

std::size_t Director::slot_of(const store::Position& position, std::uint32_t thread) const {
  if (thread == 0) {
    if (const auto slot = course_.find_slot(position)) return *slot;
  } else if (inside_) {
    return course_.slot_of(*inside_, next_iteration_[*inside_]);
  }
  return region_;
}

void Director::probe_value(const host::ValueEvent& event) {
  const std::size_t slot = slot_of(event.position, event.thread);
  if (slot >= asked_.size() || !asked_[slot]) return;
  // Another worker's to answer, or answered before: here it may miss values that lie in what is skipped.
  if (std::find(segment_.probes.begin(), segment_.probes.end(), *event.probe) == segment_.probes.end()) return;
  if (event.thread != 0 && jumped_) {
    // Threads and what they log are counted from the process's start, which is not what ran here.
    note("what '" + event.name + "' logged on another thread was left out, since its place is not known after a jump");
    closed_[slot] = false;
    asked_[slot] = false;
    return;
  }
  timeline_.push_back({.anchor = {}, .value = ProbeValue{answers_.size(), event.value.dtype == store::DType::kError}});
  answers_.push_back({.value = event, .order = answers_.size(), .slot = slot});
}

host::Answer Director::on_ask(const Point& point) {
  if (!problem_.empty()) return stop();
  if (point.thread != 0) return {};
  const auto loop = course_.find_main(key_of(point));
  if (loop && point.kind == PointKind::kHead) return at_main_head(*loop, point);
  if (loop) return may_stop(course_.loops()[*loop].after_slot, point) ? stop() : host::Answer{};
  if (point.kind == PointKind::kHead) return at_nested_head(point);
  const auto slot = course_.find_slot(point.enclosing);
  return slot && may_stop(*slot, point) ? stop() : host::Answer{};
}

host::Answer Director::at_main_head(std::size_t index, const Point& point) {
  const Course::MainLoop& loop = course_.loops()[index];
  const bool is_running = loop.instance->end == LoopInstance::End::kRunning;
  if (point.ordinal >= loop.iterations() && is_running) return stop();  // nothing is known from here on
  if (point.ordinal > loop.iterations()) {
    differ(Anchor::Kind::kState, store::to_string(point), "the loop had ended", "it goes on");
    return stop();
  }
  if (point.ordinal == 0) {
    const std::uint64_t number = loop.instance->number;
    const auto enter = segment_.enters.find(number);
    const Checkpoint* state = nullptr;
    if (enter != segment_.enters.end()) {
      const auto head = loop.heads.find(enter->second);
      state = head == loop.heads.end() ? nullptr : head->second;
    } else if (segment_.skip_instances.contains(number)) {
      state = loop.exit;
    }
    if (state != nullptr && state->kept) {
      if (compared_ != point) note("what ran before the " + store::to_string(point) + " could not be compared as a whole");
      next_iteration_[index] = iteration_ = state->point.kind == PointKind::kExit ? loop.iterations() : state->point.ordinal;
      if (state->point.kind == PointKind::kExit) leave_loop(index);
      return restore(*state, state->point.kind == PointKind::kExit ? wire::Action::kSkip : wire::Action::kRestore);
    }
    if (enter != segment_.enters.end() || segment_.skip_instances.contains(number)) {
      problem_ = "the state to jump to from the " + store::to_string(point) + " is not kept";
      return stop();
    }
  }
  return may_stop(course_.slot_of(index, point.ordinal), point) ? stop() : go_on(point);
}

host::Answer Director::at_nested_head(const Point& point) {
  const auto slot = course_.find_slot(point.enclosing);
  if (slot && may_stop(*slot, point)) return stop();
  if (!slot && course_.find_instance(key_of(point)) == nullptr && !reference_.is_complete() && region_ + 1 >= course_.size()) {
    return stop();  // a main loop that the recording did not live to see
  }
  const Checkpoint* exit = course_.find_exit(key_of(point));
  const store::LoopInstance* instance = course_.find_instance(key_of(point));
  const bool may_skip = point.ordinal == 0 && instance != nullptr && segment_.skip_nested.contains(loop_of(*instance)) && exit != nullptr && exit->kept;
  if (!may_skip || compared_ != point) return go_on(point);
  for (const Reference::Range& range : reference_.in_instance(key_of(point))) {
    std::fill(seen_[range.group].begin() + static_cast<std::ptrdiff_t>(range.first),
              seen_[range.group].begin() + static_cast<std::ptrdiff_t>(range.last), true);
  }
  return restore(*exit, wire::Action::kSkip);
}

host::Answer Director::go_on(const Point& point) const {
  host::Answer answer;
  if (const auto next = course_.next_head(key_of(point), point.ordinal + 1)) answer.next_ask = *next;
  // The first head that was never recorded is asked at, too: there the recording's knowledge ends.
  if (const auto loop = course_.find_main(key_of(point))) {
    const Course::MainLoop& main = course_.loops()[*loop];
    const bool is_running = main.instance->end == LoopInstance::End::kRunning;
    answer.next_ask = std::min(answer.next_ask, std::max(point.ordinal + 1, main.iterations() + (is_running ? 0 : 1)));
  }
  return answer;
}

host::Answer Director::restore(const Checkpoint& checkpoint, wire::Action action) {
  Point there = checkpoint.point;
  host::Answer answer = action == wire::Action::kRestore ? go_on(there) : host::Answer{};
  answer.action = action;
  answer.ordinal = checkpoint.point.ordinal;
  answer.leaf_count = checkpoint.leaves.size();
  for (const store::Leaf& leaf : checkpoint.leaves) {
    answer.state_bytes += leaf.bytes;
    restored_[leaf.path] = leaf.hash;
  }
  restored_digest_ = checkpoint.digest;
  jumped_ = true;
  answer.state = [this, &checkpoint](const host::Answer::PutLeaf& put) -> Result<void> {
    Result<void> read = read_state_(checkpoint, put);
    if (!read) problem_ = "the state at the " + store::to_string(checkpoint.point) + " could not be restored: " + read.error().message();
    return read;
  };
  return answer;
}

host::Answer Director::stop() {
  stopped_ = true;
  host::Answer answer;
  answer.action = wire::Action::kStop;
  return answer;
}

void Director::note(std::string sentence) {
  if (std::find(notes_.begin(), notes_.end(), sentence) == notes_.end()) notes_.push_back(std::move(sentence));
}

Verdict Director::conclude(const host::ProcessExit& exit) {
  if (!stopped_) {
    compare_process_end(exit);
  }
  if (exit.attached == 0 || attached_ == 0) {
    problem_ = "the program started no process that is linked with Hindsight";
  } else if (exit.attached > 1 || attached_ > 1) {
    problem_ = "the program started several processes that are linked with Hindsight; replaying these together is not supported";
  } else if (problem_.empty() && dropped_ > 0) {
    problem_ = std::to_string(dropped_) + " values of the replay were lost";
  }

  for (const auto& [reason, uncompared] : uncompared_) {
    note("nothing was compared at the " + uncompared.first +
         (uncompared.points > 1 ? " and " + std::to_string(uncompared.points - 1) + " more" : "") + ": " + reason);
  }
  Verdict verdict;
  if (!doubt_.empty()) note("no value is exact: " + doubt_);
  Judgement judgement = judge(timeline_, options_.outside.empty() ? doubt_ : options_.outside);
  verdict.outcome = std::move(judgement.outcome);
  verdict.outcome.number = segment_.number;
  verdict.outcome.problem = problem_;
  std::size_t next = 0;
  for (const TimelineEntry& entry : timeline_) {
    if (!entry.value) continue;
    const store::Status status = judgement.status[next++];
    if (entry.value->index >= kSlotEnd) {
      const std::size_t slot = entry.value->index - kSlotEnd;
      if (closed_[slot] && problem_.empty()) verdict.slots[slot] = status == store::Status::kExact;
    } else {
      ProbeAnswer& answer = answers_[entry.value->index];
      const bool at_most_unverified = answer.value.probe && options_.inexact_probes.contains(*answer.value.probe) &&
                                      (status == store::Status::kExact || status == store::Status::kClose);
      answer.status = at_most_unverified ? store::Status::kUnverified : status;
    }
  }
  if (problem_.empty()) verdict.answers = std::move(answers_);
  verdict.outcome.values = verdict.answers.size();
  if (problem_.empty() && !std::equal(asked_.begin(), asked_.end(), closed_.begin(), [](bool a, bool c) { return !a || c; })) {
    note("the program ended before everything asked for had run");
  }
  if (judgement.largest_deviation) {
    note("values differ within their tolerance, by at most " + std::to_string(*judgement.largest_deviation));
  }
  verdict.notes = std::move(notes_);
  return verdict;
}

std::vector<store::Coverage> coverage_of(const Verdict& verdict, const Course& course, const std::vector<store::ProbeId>& probes) {
  std::vector<store::Coverage> coverage;
  for (const store::ProbeId& probe : probes) {
    std::map<std::size_t, bool> exact = verdict.slots;
    for (const ProbeAnswer& answer : verdict.answers) {
      const auto slot = exact.find(answer.slot);
      if (answer.value.probe == probe && answer.status != store::Status::kExact && slot != exact.end()) slot->second = false;
    }
    std::size_t started = coverage.size();
    for (const auto& [slot, is_exact] : exact) {
      const Stretch at = course.stretch(slot);
      const bool goes_on = coverage.size() > started && at.loop_instance != store::Coverage::kNoLoop &&
                           coverage.back().loop_instance == at.loop_instance && coverage.back().last == at.first &&
                           coverage.back().exact == is_exact;
      if (goes_on) {
        coverage.back().last = at.last;
      } else {
        coverage.push_back({.run = course.recorded().run.id, .probe = probe, .loop_instance = at.loop_instance, .first = at.first,
                            .last = at.last, .replay = {}, .exact = is_exact});
      }
    }
  }
  return coverage;
}

}  // namespace hindsight::replay
