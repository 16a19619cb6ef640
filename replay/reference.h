// What a run recorded, looked up by what a worker does again: values by position, name and sequence number; states and
// digests by point. Built once per run and read by all its workers, from any thread. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "replay/course.h"
#include "replay/plan.h"
#include "store/types.h"

namespace hindsight::replay {

// [check] of hindsight.toml.
struct CheckRules {
  std::vector<std::string> volatile_names;  // never compared; '*' at the end matches any rest
  std::map<std::string, double> tolerance;  // name -> largest absolute difference that is `close`
  std::set<std::string> draws = {};         // sources whose draws have to be the same again; of others nothing is compared
};

class Reference {
 public:
  // `series`: those that the training itself recorded; others (of replays, of probes) are left out. Keeps a reference into
  // `recorded`, which must outlive it.
  Reference(const Recorded& recorded, std::vector<store::Series> series, CheckRules rules);
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  const Course& course() const { return course_; }
  const Recorded& recorded() const { return course_.recorded(); }
  // Did the recording see the program's end?
  bool is_complete() const { return recorded().run.state == store::RunState::kFinished; }

  // Where a recorded value lies: groups are values of equal (name, thread, nest), sorted by position and sequence number.
  struct Row {
    std::size_t group = 0;
    std::size_t index = 0;
    friend bool operator==(const Row&, const Row&) = default;
  };
  std::optional<Row> find(const store::Position& position, const std::string& name, std::uint32_t thread, std::uint64_t seq) const;
  store::Value value(Row row) const;
  std::string describe(Row row) const;  // "loss at epoch=3/step=4"

  std::size_t groups() const { return groups_.size(); }
  std::size_t size(std::size_t group) const { return groups_[group].rows.size(); }
  // Rows [first, last) of a group of the main thread that lie in one iteration, or anywhere in a loop instance.
  struct Range {
    std::size_t group = 0;
    std::size_t first = 0;
    std::size_t last = 0;
  };
  // Volatile ones are left out of these.
  std::vector<Range> in_iteration(const InstanceKey& key, std::uint64_t ordinal) const;
  std::vector<Range> in_instance(const InstanceKey& key) const;
  // Rows of the main thread that lie in no main loop, volatile ones left out, in the order in which they were logged, and how many of them are known
  // to come before the first main loop.
  const std::vector<Row>& outside() const { return outside_; }
  // The place of a row in outside(); none: it lies in a main loop, or belongs to another thread.
  std::optional<std::size_t> find_outside(Row row) const;
  std::size_t outside_before_loops() const { return outside_before_loops_; }

  bool is_volatile(const std::string& name) const;
  // Draws are found under a name of their own.
  static std::string drawn(const std::string& source) { return source + " (drawn)"; }
  bool decides(const std::string& source) const { return rules_.draws.contains(source); }
  std::optional<double> tolerance(const std::string& name) const;

  // The recorded state at this point; for an exit whatever its ordinal. Null: none was recorded.
  const store::Checkpoint* find_state(const store::Point& point) const;
  // The digest recorded at this point, alone or with a state.
  std::optional<std::uint64_t> find_digest(const store::Point& point) const;

 private:
  struct Entry {
    std::uint32_t series = 0;
    std::uint32_t row = 0;
  };
  struct Group {
    std::string name;
    std::uint32_t thread = 0;
    std::vector<std::string> nest;
    std::vector<Entry> rows;
  };
  // The triple (entry, ordinal) of each level, and the sequence number, as one compares them.
  int order(const Group& group, const Entry& entry, const store::Position& position, std::size_t levels) const;
  Range within(std::size_t group, const store::Position& prefix, std::optional<std::uint32_t> entry) const;
  void collect_outside();

  Course course_;
  std::vector<store::Series> series_;
  CheckRules rules_;
  std::vector<Group> groups_;
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::size_t>> groups_by_name_;
  std::vector<Row> outside_;
  std::size_t outside_before_loops_ = 0;
  std::vector<std::vector<std::size_t>> outside_index_;  // by group and row; empty groups have none
  std::map<store::Point, std::uint64_t> digests_;
};

}  // namespace hindsight::replay
