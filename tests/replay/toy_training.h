// A training in miniature that behaves towards its host as a real one does, without a process: it can be recorded, and
// replayed under a Director. All its arithmetic is exact, so that what a value should be is known.
//
//   ToyOptions options{.epochs = 4, .steps = 3};
//   ToyRecording recording = record(options);                       // what a store would have
//   Toy toy(options); toy.replay(director, recording.states);       // what a worker does
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/director.h"
#include "replay/plan.h"
#include "store/store.h"

namespace hindsight::replay {

enum class ProbeAt { kNone, kBefore, kTop, kStep, kAfterSteps, kAfter };
enum class Disturb { kNothing, kRandom, kWeight };

struct ToyOptions {
  std::uint64_t epochs = 4;
  std::uint64_t steps = 3;
  std::uint64_t every = 1;
  std::uint64_t phases = 1;             // how many times the main loop is entered
  bool counts_itself = false;           // the general loop, which asks at a head before it knows whether an iteration comes
  std::optional<std::uint64_t> leave_at;  // left from the top of this epoch's body
  std::optional<std::uint64_t> exit_at = {};  // the process ends after this epoch's steps
  bool logs_steps = true;
  bool logs_start = true;
  std::optional<std::uint64_t> closure = {};  // the bytes of a closure in the state
  bool has_hidden_state = false;        // the body modifies a variable that no state has
  ProbeAt probe = ProbeAt::kNone;
  Disturb disturb = Disturb::kNothing;
  std::uint64_t disturb_from = 0;       // the epoch from which on it does
  int exit_code = 0;
};

inline const store::ProbeId kToyProbe = {{0xabcd, 1}};

inline host::ProcessExit process_exit(std::size_t attached, int exit_code = 0) {
  host::ProcessExit exit;
  exit.attached = attached;
  exit.exit_code = exit_code;
  return exit;
}
inline host::SessionEnd session_end(bool in_order, std::uint64_t dropped = 0) {
  host::SessionEnd end;
  end.in_order = in_order;
  end.dropped = dropped;
  return end;
}

using ToyStates = std::map<std::string, std::vector<std::pair<store::Leaf, std::string>>>;  // by point

class Toy {
 public:
  explicit Toy(ToyOptions options) : options_(options), closure_(options.closure) {}

  struct LeafCopy {
    std::string path;
    std::string bytes;
  };
  struct Recorded {
    host::Event event;
    std::vector<LeafCopy> leaves;  // of a CaptureEvent
  };
  // Everything that a recording host would be told.
  std::vector<Recorded> record() {
    try {
      run();
    } catch (const Exited&) {
    }
    return std::move(told_);
  }

  // A worker's life under a director, to its end.
  Verdict replay(Director& director) {
    director_ = &director;
    const Result<host::Session> session = director.sessions()(host::Attached{});
    listener_ = session->listener.get();
    host::ProcessExit exit = process_exit(1);
    try {
      run();
      exit.exit_code = options_.exit_code;
      listener_->on_end(session_end(true));
    } catch (const Exited&) {
      exit.exit_code = options_.exit_code;
      listener_->on_end(session_end(true));
    } catch (const Stopped&) {
      listener_->on_end(session_end(false));
    }
    return director.conclude(exit);
  }

  std::uint64_t epochs_begun = 0;  // bodies run, for claims about work saved
  std::uint64_t steps_run = 0;

 private:
  struct Stopped {};
  struct Exited {};
  struct Frame {
    std::string loop;
    std::uint32_t entry = 0;
    std::uint64_t ordinal = 0;
    bool begun = false;
    bool told = false;
    std::uint64_t next_ask = 0;
  };

  // ---- the program ----

  void run() {
    if (options_.logs_start) log("lr", 3);
    probe(ProbeAt::kBefore);
    for (std::uint64_t phase = 0; phase < options_.phases; ++phase) {
      loop("epoch", options_.epochs, [&](std::uint64_t epoch) { return epoch_body(epoch); });
      log("phase", weight_);
    }
    probe(ProbeAt::kAfter);
    log("final", weight_ ^ random_);
    tell(host::EndEvent{});
  }

  bool epoch_body(std::uint64_t epoch) {
    if (options_.leave_at == epoch) return false;
    ++epochs_begun;
    probe(ProbeAt::kTop);
    sum_ = 0;
    loop("step", options_.steps, [&](std::uint64_t) {
      ++steps_run;
      random_ = random_ * 6364136223846793005U + 1442695040888963407U;
      weight_ = weight_ * 31 + (random_ >> 33) + (options_.has_hidden_state ? hidden_ : 0);
      sum_ += weight_ & 0xff;
      if (options_.logs_steps) log("loss", weight_);
      probe(ProbeAt::kStep);
      return true;
    });
    if (options_.has_hidden_state) hidden_ += 5;
    probe(ProbeAt::kAfterSteps);
    if (options_.exit_at == epoch) {
      tell(host::EndEvent{});
      throw Exited{};
    }
    log("epoch_loss", sum_);
    return true;
  }

  void probe(ProbeAt at) {
    if (options_.probe != at) return;
    value("probed", weight_ * 1000003 + random_ + hidden_, kToyProbe);
    const bool is_due = frames_.empty() ? options_.disturb_from == 0 : frames_.front().ordinal >= options_.disturb_from;
    if (options_.disturb == Disturb::kNothing || !is_due) return;
    (options_.disturb == Disturb::kRandom ? random_ : weight_) += 1;
  }

  // ---- the client ----

  template <class Body>
  void loop(const std::string& name, std::uint64_t iterations, const Body& body) {
    const store::Position enclosing = position();
    tell_position();
    Frame frame{.loop = name, .entry = entries_[{enclosing, name}]++};
    frames_.push_back(frame);
    for (std::uint64_t k = 0;; ++k) {
      if (options_.counts_itself || k == 0 || k < iterations) {
        if (!head(enclosing, k)) return;
      }
      if (k >= iterations) return exit(enclosing, k);
      frames_.back().begun = true;
      frames_.back().told = false;
      frames_.back().ordinal = k;
      if (!options_.counts_itself) tell_position();
      if (!body(k)) {
        if (options_.counts_itself) return exit(enclosing, k);
        tell_position();
        tell(host::LoopEndEvent{point(enclosing, k + 1, store::PointKind::kExit), wire::LoopEndKind::kAbandoned});
        frames_.pop_back();
        return;
      }
    }
  }

  store::Point point(const store::Position& enclosing, std::uint64_t ordinal, store::PointKind kind) const {
    return {enclosing, frames_.back().loop, frames_.back().entry, ordinal, kind, 0};
  }

  // False: the loop was skipped. Moves `k` where it jumped.
  bool head(const store::Position& enclosing, std::uint64_t& k) {
    tell_position();
    frames_.back().begun = false;
    const store::Point here = point(enclosing, k, store::PointKind::kHead);
    const bool is_main = frames_.size() == 1;
    if (director_ == nullptr) {
      const bool is_due = is_main && k % options_.every == 0;
      if (!is_due && k != 0) return tell(host::DigestEvent{here, digest()}), true;
      capture(here, is_main ? wire::Purpose::kCheckpoint : wire::Purpose::kHashes);
      return true;
    }
    if (k != 0 && k < frames_.back().next_ask) return tell(host::DigestEvent{here, digest()}), true;
    const host::Answer answer = ask(here);
    frames_.back().next_ask = answer.next_ask;
    if (answer.action == wire::Action::kGoOn) return true;
    const bool skips = answer.action == wire::Action::kSkip;
    restore(answer);
    k = answer.ordinal;
    tell(host::JumpEvent{point(enclosing, k, skips ? store::PointKind::kExit : store::PointKind::kHead), here.ordinal, 0, {}});
    if (!skips) return true;
    tell(host::LoopEndEvent{point(enclosing, k, store::PointKind::kExit), wire::LoopEndKind::kSkipped});
    frames_.pop_back();
    return false;
  }

  void exit(const store::Position& enclosing, std::uint64_t k) {
    frames_.back().begun = false;
    const store::Point here = point(enclosing, k, store::PointKind::kExit);
    if (director_ == nullptr) {
      capture(here, wire::Purpose::kCheckpoint);
    } else {
      ask(here);
    }
    tell(host::LoopEndEvent{here, wire::LoopEndKind::kFinished});
    frames_.pop_back();
  }

  host::Answer ask(const store::Point& here) {
    capture(here, wire::Purpose::kLive);
    host::Answer answer = listener_->on_ask(here);
    if (answer.action == wire::Action::kStop) throw Stopped{};
    return answer;
  }

  store::Position position() const {
    store::Position position;
    for (const Frame& frame : frames_) {
      if (frame.begun) position.push_back({frame.loop, frame.entry, frame.ordinal, static_cast<std::int64_t>(frame.ordinal)});
    }
    return position;
  }

  void tell_position() {
    store::Position position;
    for (Frame& frame : frames_) {
      if (!frame.begun) continue;
      position.push_back({frame.loop, frame.entry, frame.ordinal, static_cast<std::int64_t>(frame.ordinal)});
      if (!std::exchange(frame.told, true)) tell(host::IterationEvent{.position = position, .site = {}, .clock_ns = clock_ += 1'000'000'000});
    }
  }

  void log(const std::string& name, std::uint64_t number) { value(name, number, std::nullopt); }
  void value(const std::string& name, std::uint64_t number, std::optional<store::ProbeId> probe) {
    tell_position();
    store::Value value{.dtype = store::DType::kU64, .is_vector = false, .bytes = bytes_of(number)};
    const std::uint64_t seq = seen_[{position(), name + (probe ? "?" : "")}]++;
    tell(host::ValueEvent{.position = position(), .name = name, .seq = seq, .value = value, .site = {}, .probe = probe});
  }

  static std::string bytes_of(std::uint64_t number) { return std::string(reinterpret_cast<const char*>(&number), sizeof number); }

  std::vector<std::pair<std::string, std::uint64_t*>> variables() {
    std::vector<std::pair<std::string, std::uint64_t*>> all = {{"weight", &weight_}, {"random", &random_}};
    if (closure_) all.push_back({"f.(bytes)", &*closure_});
    if (frames_.size() > 1) all.push_back({"sum", &sum_});
    return all;
  }
  std::uint64_t digest() const { return random_ * 3 + (frames_.size() > 1 ? sum_ : 0); }

  void capture(const store::Point& here, wire::Purpose purpose) {
    Recorded told;
    std::vector<store::LeafBytes> leaves;
    for (const auto& [path, variable] : variables()) told.leaves.push_back({path, bytes_of(*variable)});
    for (const LeafCopy& leaf : told.leaves) leaves.push_back({leaf.path, store::DType::kU64, {}, leaf.bytes});
    told.event = host::CaptureEvent{.point = here, .purpose = purpose, .digest = digest(), .leaves = leaves};
    if (director_ != nullptr) return listener_->on_event(told.event, 0);
    std::get<host::CaptureEvent>(told.event).leaves = {};
    told_.push_back(std::move(told));
  }

  void restore(const host::Answer& answer) {
    const auto all = variables();
    std::size_t next = 0;
    const Result<void> done = answer.state([&](const store::Leaf& leaf, std::string_view bytes) -> Result<void> {
      if (next >= all.size() || all[next].first != leaf.path) return Error(ErrorKind::kInvalid, "the state does not fit");
      std::memcpy(all[next++].second, bytes.data(), bytes.size());
      return {};
    });
    if (!done || next != all.size() || answer.leaf_count != all.size()) throw std::logic_error("a state was restored that does not fit");
  }

  void tell(host::Event event) {
    if (director_ != nullptr) return listener_->on_event(event, 0);
    told_.push_back({std::move(event), {}});
  }

  ToyOptions options_;
  Director* director_ = nullptr;  // none: it is recorded
  host::Listener* listener_ = nullptr;
  std::vector<Recorded> told_;
  std::vector<Frame> frames_;
  std::map<std::pair<store::Position, std::string>, std::uint32_t> entries_;
  std::map<std::pair<store::Position, std::string>, std::uint64_t> seen_;
  std::int64_t clock_ = 1'000'000'000;

  std::uint64_t weight_ = 1;
  std::uint64_t random_ = 7;
  std::uint64_t sum_ = 0;
  std::optional<std::uint64_t> closure_;
  std::uint64_t hidden_ = 2;
};

// What a store has of a recorded run.
struct ToyRecording {
  Recorded recorded;
  std::vector<store::Series> series;
  ToyStates states;
  std::vector<host::ValueEvent> probed;  // what the probe logged, had it been there: the truth

  ReadState read_state() const {
    return [this](const store::Checkpoint& checkpoint, const auto& sink) -> Result<void> {
      const auto found = states.find(store::to_string(checkpoint.point));
      if (found == states.end()) return Error(ErrorKind::kNotFound, "no such state");
      for (const auto& [leaf, bytes] : found->second) {
        if (Result<void> done = sink(leaf, bytes); !done) return done;
      }
      return {};
    };
  }
};

// Takes in the first `count` events only, as if the recording had been killed there.
inline ToyRecording take_in(const std::vector<Toy::Recorded>& told, std::size_t count = ~std::size_t{0}) {
  ToyRecording recording;
  Recorded& recorded = recording.recorded;
  recorded.run.id = {1};
  recorded.run.started_ns = 1'000'000'000;
  recorded.run.state = count < told.size() ? store::RunState::kCrashed : store::RunState::kFinished;
  std::map<store::SeriesKey, store::SeriesColumns> columns;
  std::map<std::string, std::size_t> loops;
  const auto instance_of = [&](const store::Position& enclosing, const std::string& loop, std::uint32_t entry) -> store::LoopInstance& {
    const std::string key = store::to_string(enclosing) + "/" + loop + "@" + std::to_string(entry);
    const auto [found, is_new] = loops.emplace(key, recorded.loops.size());
    if (is_new) {
      store::LoopInstance instance;
      instance.number = recorded.loops.size();
      instance.enclosing = enclosing;
      instance.loop = loop;
      instance.entry = entry;
      recorded.loops.push_back(instance);
    }
    return recorded.loops[found->second];
  };
  recorded.run.ended_ns = recorded.run.started_ns;
  for (std::size_t i = 0; i < told.size() && i < count; ++i) {
    if (const auto* value = std::get_if<host::ValueEvent>(&told[i].event)) {
      if (value->probe) {
        recording.probed.push_back(*value);
        continue;
      }
      store::SeriesKey key;
      key.name = value->name;
      key.dtype = value->value.dtype;
      for (const store::Level& level : value->position) key.nest.push_back(level.loop);
      columns[key].append(value->position, value->seq, i, store::Status::kRecorded, 0, value->value);
    } else if (const auto* iteration = std::get_if<host::IterationEvent>(&told[i].event)) {
      const store::Level& level = iteration->position.back();
      store::LoopInstance& instance = instance_of({iteration->position.begin(), iteration->position.end() - 1}, level.loop, level.entry);
      instance.labels.push_back(level.label);
      instance.started_ns.push_back(iteration->clock_ns);
      recorded.run.ended_ns = iteration->clock_ns + 1'000'000'000;
    } else if (const auto* end = std::get_if<host::LoopEndEvent>(&told[i].event)) {
      store::LoopInstance& instance = instance_of(end->point.enclosing, end->point.loop, end->point.entry);
      instance.end = end->how == wire::LoopEndKind::kFinished ? store::LoopInstance::End::kFinished : store::LoopInstance::End::kAbandoned;
      instance.ended_ns = recorded.run.ended_ns;
    } else if (const auto* digest = std::get_if<host::DigestEvent>(&told[i].event)) {
      recorded.digests.push_back({digest->point, digest->digest});
    } else if (const auto* capture = std::get_if<host::CaptureEvent>(&told[i].event)) {
      store::Checkpoint checkpoint;
      checkpoint.number = recorded.checkpoints.size();
      checkpoint.point = capture->point;
      checkpoint.kept = capture->purpose == wire::Purpose::kCheckpoint;
      checkpoint.digest = capture->digest;
      for (const Toy::LeafCopy& leaf : told[i].leaves) {
        checkpoint.leaves.push_back({leaf.path, store::DType::kU64, {}, leaf.bytes.size(), store::hash_bytes(leaf.bytes)});
        if (checkpoint.kept) recording.states[store::to_string(capture->point)].push_back({checkpoint.leaves.back(), leaf.bytes});
      }
      recorded.checkpoints.push_back(checkpoint);
    }
  }
  for (auto& [key, rows] : columns) recording.series.push_back({key, std::move(rows)});
  return recording;
}

inline ToyRecording record(ToyOptions options) {
  options.probe = ProbeAt::kNone;
  options.disturb = Disturb::kNothing;
  return take_in(Toy(options).record());
}

// What the probe would have logged in the recorded run.
inline std::vector<host::ValueEvent> truth(ToyOptions options) {
  options.disturb = Disturb::kNothing;
  return take_in(Toy(options).record()).probed;
}

}  // namespace hindsight::replay
