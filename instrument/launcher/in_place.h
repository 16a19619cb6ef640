// Writes insertions into the files of a private copy of the project, and keeps what was inserted where.
#pragma once

#include <string>
#include <vector>

#include "instrument/rewrite.h"

namespace hindsight::instrument {

// Puts `edits` into their files and notes each in a file of `plan` (JSON, FileEdit with a path relative to `project` and offsets in the
// file as it was at first). Several processes may do so at a time. `texts` are the files' contents that the edits were made for, in
// their order: false, and nothing is done, if one of them has another content by now.
bool edit_in_place(const std::vector<FileEdit>& edits, const std::vector<std::string>& texts, const std::string& project, const std::string& plan);

// Takes out again what was put into `files`, as far as `plan` knows: the whole of their insertions.
void undo_in_place(const std::vector<FileEdit>& edits, const std::string& project, const std::string& plan);

}  // namespace hindsight::instrument
