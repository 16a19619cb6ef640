// Real programs and the real command: a project in a folder of its own, and what the installed `hindsight` says of it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

namespace hindsight::e2e {

using Words = std::vector<std::string>;

// A command that ended.
struct Call {
  Words command;
  int code = 0;               // 128 + signal if it was killed
  std::string out;
  std::string err;
  std::vector<nlohmann::json> objects;  // the lines of `out` that are JSON objects

  // Everything about it, for a failed test's message.
  std::string story() const;
  // The objects with this "type".
  std::vector<nlohmann::json> of_type(std::string_view type) const;
  nlohmann::json summary() const;  // the last one of type "summary"; null if there is none
};
void PrintTo(const Call& call, std::ostream* out);

// A value's identity -> its type and its value as the JSON record has them. Equal maps are values that are equal bit for bit.
using Bits = std::map<std::string, std::string>;

struct Answer {
  Bits bits;
  std::map<std::string, int> statuses;  // how many values have each
  std::vector<nlohmann::json> records;
};

class ScratchProject {
 public:
  // A copy of samples/NAME, as v1. `folder` is a name of its own for it.
  static ScratchProject of_sample(const std::string& name, const std::string& folder);
  // tests/programs/NAME.cc as train.cc, with a recipe that compiles it to ./train.
  static ScratchProject of_program(const std::string& name, const std::string& folder);

  // tests/programs/unmodified/NAME, with a recipe that compiles it to ./train with `flags`; nothing of hindsight's in it.
  static ScratchProject of_unmodified(const std::string& name, const std::string& folder, const std::string& flags);

  // These files, with a recipe that makes ./train with `command`.
  static ScratchProject of_files(const std::string& folder, const std::map<std::string, std::string>& files, const std::string& command);

  const std::filesystem::path& root() const { return root_; }

  // Runs a command in the project's folder, standard input empty.
  Call run(const Words& command) const;
  // Starts it; to be ended with `wait_for`.
  pid_t start(const Words& command, const std::string& log) const;
  Call wait_for(pid_t process, const std::string& log) const;
  // hindsight VERB WORDS... --json
  Call hindsight(const std::string& verb, Words words = {}) const;
  // The values of `name` in one run.
  Answer values(const std::string& name, const std::string& run = "r1", const std::string& where = "") const;

  // versions/v2.patch, of a sample.
  void apply_patch(const std::string& version) const;
  std::string read(const std::string& file) const;
  void write(const std::string& file, const std::string& text) const;
  // Replaces the one place where `file` has `old_text`; a test that finds none or several fails.
  void replace(const std::string& file, const std::string& old_text, const std::string& new_text) const;
  // Puts `line` below (or above) the one line that contains `text`.
  void insert_line(const std::string& file, const std::string& text, const std::string& line, bool above = false) const;

 private:
  ScratchProject(std::filesystem::path root, std::string sample) : root_(std::move(root)), sample_(std::move(sample)) {}

  std::filesystem::path root_;
  std::string sample_;
};

}  // namespace hindsight::e2e
