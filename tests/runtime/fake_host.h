// A host small enough to be read in one go: it speaks wire.h to one program and keeps what that reports as text.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/wire.h"

namespace hindsight::test {

struct Leaf {
  std::string path;
  int dtype = 0;
  std::vector<std::uint64_t> shape;
  bool small = false;
  std::string bytes;
};
std::vector<Leaf> leaves_of(const std::string& state);

struct Value {
  std::string name;
  std::string position;  // "epoch=1/step@1=0"; labels are left out
  std::string label;     // of the innermost level, empty if it has none
  int thread = 0;
  int dtype = 0;
  bool vector = false;
  std::string bytes;
  std::string probe;
  wire::SiteKind kind = wire::SiteKind::kLog;
  std::string file;
  std::uint32_t line = 0;
  std::string text() const { return name + "@" + position + "=" + bytes; }  // what is compared bit for bit
};
struct Capture {
  std::string point;  // "head epoch=1", "exit epoch=0/step=3"
  wire::Purpose purpose = wire::Purpose::kCheckpoint;
  std::uint64_t digest = 0;
  std::string state;
};
struct Report {
  std::vector<Value> values;
  std::vector<Value> draws;                       // what was taken from outside
  std::vector<Capture> captures;
  std::map<std::string, std::uint64_t> digests;   // by point
  std::map<std::string, std::string> skipped;     // point -> reason
  std::vector<std::string> iterations;            // positions of loops with state, in order
  std::vector<std::string> ends;                  // "finished epoch=3"
  std::vector<std::string> jumps;                 // "head epoch=2", or "failed head epoch=2: reason"
  std::vector<std::string> notes;
  std::vector<std::string> events;                // everything, in order
  std::uint64_t torn = 0;
  std::uint64_t dropped = 0;
  bool attached = false;
  bool keeps_draws = false;
  bool ended = false;    // kEnd was written
  bool closed = false;
  int exit_code = -1;    // of the program
  int signal = 0;
  std::string errors;    // its stderr
  std::string output;    // its stdout

  const Capture* find(const std::string& point) const;
  std::vector<std::string> texts(const std::string& name = {}) const;
  std::string text_of(const std::string& name) const;  // bytes of the only value of that name
};

struct Answer {
  wire::Action action = wire::Action::kGoOn;
  std::uint64_t ordinal = 0;
  std::uint64_t next_ask = wire::kNever;
  std::string state = {};
};

struct Setup {
  wire::Mode mode = wire::Mode::kRecord;
  std::string settings = {};
  std::uint64_t pool_limit = 64 << 20;
  bool free_slots = true;                 // false: as if the host were too slow
  bool die_on_ask = false;
  bool welcome = true;                    // false: the host never answers
  std::string journal_folder = {};             // empty: the temporary folder
  std::vector<std::vector<std::uint64_t>> draws = {};  // given back, by wire::Draw; empty: nothing is
  std::uint64_t false_count = 0;          // that the first source is said to have of them; 0: the true one
  std::uint64_t file_size_limit = 0;      // RLIMIT_FSIZE of the program; 0: none
  std::function<Answer(const std::string& point, const Report& so_far)> on_ask = {};
};

// Runs `program` with these arguments under the host until it has ended and everything is read.
Report run(const std::vector<std::string>& argv, const Setup& setup = {});
// The same with no host at all: only exit_code, signal, output and errors are set.
Report run_alone(const std::vector<std::string>& argv);

template <class T>
T as(const std::string& bytes) {
  T value{};
  __builtin_memcpy(&value, bytes.data(), sizeof value < bytes.size() ? sizeof value : bytes.size());
  return value;
}

}  // namespace hindsight::test
