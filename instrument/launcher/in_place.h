// Writes insertions into the files of a private copy of the project, and keeps what was inserted where.
#pragma once

#include <string>
#include <vector>

#include "instrument/rewrite.h"

namespace hindsight::instrument {

// Puts `edits` into their files and notes each in a file of `plan` (JSON, FileEdit with a path relative to `project` and offsets in the
// file as it was at first). Several processes may do so at a time: false, and nothing is done, if one of the files is no longer the text that
// its edit was made for (FileEdit::read).
bool edit_in_place(std::vector<FileEdit>& edits, const std::string& project, const std::string& plan);

// Takes out again what edit_in_place() has put into the files for `edits`; what others have put there stays.
void undo_in_place(const std::vector<FileEdit>& edits, const std::string& project, const std::string& plan);

}  // namespace hindsight::instrument
