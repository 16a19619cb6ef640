// Writes hindsight loops, with their state, into a unit that has none: the same calls that a user would write by hand.
#pragma once

#include <string>
#include <vector>

#include "instrument/model.h"
#include "instrument/parse.h"
#include "instrument/text.h"

namespace hindsight::instrument {

// What is to be put into one file.
struct FileEdit {
  std::string file;  // absolute
  std::vector<Insertion> insertions;
  std::string read = {};  // the file's text that they were made for
};

struct RewriteRequest {
  ParseInput input;
  // The loops to rewrite. Empty and `decide`: those that are chosen from what this unit alone shows, if main() is in it.
  std::vector<ChosenLoop> loops;
  bool decide = true;
};

struct Rewritten {
  bool parsed = false;
  std::string problem;
  bool is_explicit = false;            // the unit uses hindsight itself and is left alone
  std::vector<FunctionShape> shapes;
  std::vector<ChosenLoop> chosen;      // those in this unit's files; `refused` where one was left as it is
  std::vector<FileEdit> edits;
};
Rewritten rewrite(const RewriteRequest& request);

}  // namespace hindsight::instrument
