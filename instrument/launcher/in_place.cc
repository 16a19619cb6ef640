#include "instrument/launcher/in_place.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "instrument/launcher/scratch.h"
#include "instrument/parse.h"
#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

class PlanLock {
 public:
  explicit PlanLock(const std::string& plan) : file_(open((plan + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~PlanLock() {
    if (file_ >= 0) close(file_);
  }
  PlanLock(const PlanLock&) = delete;
  PlanLock& operator=(const PlanLock&) = delete;
  bool is_held() const { return file_ >= 0; }

 private:
  int file_;
};

std::string note_of(const std::string& file, const std::string& project, const std::string& plan) {
  return plan + "/" + hash_of(relative_to(project, file)) + ".json";
}

FileEdit known_edit(const std::string& file, const std::string& project, const std::string& plan) {
  if (const auto text = read_file(note_of(file, project, plan))) {
    if (auto known = parse_edit(*text)) return *known;
  }
  return {relative_to(project, file), {}};
}

// Where `offset` of the text with `known` in it lies in the text without. What stands in the middle of an insertion goes behind it.
std::size_t original_offset(const std::vector<Insertion>& known, std::size_t offset) {
  std::size_t added = 0;
  for (const Insertion& each : known) {
    const std::size_t begin = each.offset + added;
    if (begin >= offset) break;
    if (offset < begin + each.text.size()) return each.offset;
    added += each.text.size();
  }
  return offset - added;
}

std::string without(std::string text, const std::vector<Insertion>& known) {
  std::size_t added = 0;
  std::vector<std::pair<std::size_t, std::size_t>> pieces;
  for (const Insertion& each : known) {
    pieces.emplace_back(each.offset + added, each.text.size());
    added += each.text.size();
  }
  for (auto at = pieces.rbegin(); at != pieces.rend(); ++at) text.erase(at->first, at->second);
  return text;
}

}  // namespace

bool edit_in_place(const std::vector<FileEdit>& edits, const std::vector<std::string>& texts, const std::string& project, const std::string& plan) {
  const PlanLock lock(plan);
  if (!lock.is_held()) return false;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    if (read_file(edits[i].file).value_or("") != texts[i]) return false;
  }
  for (std::size_t i = 0; i < edits.size(); ++i) {
    FileEdit known = known_edit(edits[i].file, project, plan);
    std::vector<Insertion> added = edits[i].insertions;
    std::stable_sort(added.begin(), added.end(), [](const Insertion& a, const Insertion& b) { return a.offset < b.offset; });
    const std::string edited = insert_into(texts[i], added);
    std::vector<Insertion> all = known.insertions;
    for (Insertion& each : added) all.push_back({original_offset(known.insertions, each.offset), std::move(each.text)});
    std::stable_sort(all.begin(), all.end(), [](const Insertion& a, const Insertion& b) { return a.offset < b.offset; });
    known.insertions = std::move(all);
    if (!write_file(note_of(edits[i].file, project, plan), to_json(known)) || !write_file(edits[i].file, edited)) return false;
  }
  return true;
}

void undo_in_place(const std::vector<FileEdit>& edits, const std::string& project, const std::string& plan) {
  const PlanLock lock(plan);
  for (const FileEdit& edit : edits) {
    const FileEdit known = known_edit(edit.file, project, plan);
    const auto text = read_file(edit.file);
    if (!text || known.insertions.empty()) continue;
    write_file(edit.file, without(*text, known.insertions));
    unlink(note_of(edit.file, project, plan).c_str());
  }
}

}  // namespace hindsight::instrument
