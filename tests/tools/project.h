// A project in a scratch folder, and the real `hindsight` run in it: the language of the command's tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace hindsight::tools {

struct Outcome {
  int code = -1;      // 128 + signal if it was killed
  std::string out;
  std::string err;    // the project's folder is written as $ROOT in both
  // The JSON objects on stdout, one per line, as text.
  std::vector<std::string> lines() const;
};

class ScratchProject {
 public:
  ScratchProject();
  ~ScratchProject();
  ScratchProject(const ScratchProject&) = delete;
  ScratchProject& operator=(const ScratchProject&) = delete;

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path store_folder() const { return root_ / ".hindsight"; }

  void write(const std::string& path, std::string_view text) const;
  std::string read(const std::string& path) const;
  void with_recipe() const;            // hindsight.toml for a program `train`
  store::Store with_store() const;     // and an empty store
  // Two versions: r1 (v1, finished, 3 epochs of loss), r2 (v2, exit 3, 2 epochs of loss and of acc), and a probe grad_norm,
  // answered in r1 (exact, but epoch 2 diverged) by replay p1.
  void with_history() const;

  // Runs hindsight in `folder` (below the root) and waits for it; stdin is empty.
  Outcome run(const std::vector<std::string>& arguments, const std::string& folder = "") const;
  // Runs a shell command in the root; $HINDSIGHT is the binary.
  Outcome shell(const std::string& command) const;

 private:
  std::filesystem::path root_;
};

store::Value number(double value);
store::Value number(float value);

}  // namespace hindsight::tools
