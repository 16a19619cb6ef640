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

// `known` and `added` as one list in the order in which they stand in the file. Offsets of `known`, and of what is returned, count in the file
// as it was at first, those of `added` in the file with `known` in it.
std::vector<Insertion> merge(const std::vector<Insertion>& known, const std::vector<Insertion>& added) {
  std::vector<Insertion> out;
  std::size_t length = 0;  // of the known insertions passed
  auto next = added.begin();
  for (const Insertion& each : known) {
    const std::size_t begin = each.offset + length;
    for (; next != added.end() && next->offset <= begin; ++next) out.push_back({next->offset - length, next->text});
    std::size_t done = 0;
    for (; next != added.end() && next->offset < begin + each.text.size(); ++next) {
      out.push_back({each.offset, each.text.substr(done, next->offset - begin - done)});
      out.push_back({each.offset, next->text});
      done = next->offset - begin;
    }
    out.push_back({each.offset, each.text.substr(done)});
    length += each.text.size();
  }
  for (; next != added.end(); ++next) out.push_back({next->offset - length, next->text});
  return out;
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

bool edit_in_place(std::vector<FileEdit>& edits, const std::string& project, const std::string& plan) {
  const PlanLock lock(plan);
  if (!lock.is_held()) return false;
  for (const FileEdit& edit : edits) {
    if (read_file(edit.file).value_or("") != edit.read) return false;
  }
  for (FileEdit& edit : edits) {
    FileEdit known = known_edit(edit.file, project, plan);
    std::stable_sort(edit.insertions.begin(), edit.insertions.end(), [](const Insertion& a, const Insertion& b) { return a.offset < b.offset; });
    known.insertions = merge(known.insertions, edit.insertions);
    if (!write_file(note_of(edit.file, project, plan), to_json(known)) || !write_file(edit.file, insert_into(edit.read, edit.insertions))) return false;
  }
  return true;
}

void undo_in_place(const std::vector<FileEdit>& edits, const std::string& project, const std::string& plan) {
  const PlanLock lock(plan);
  for (const FileEdit& edit : edits) {
    FileEdit known = known_edit(edit.file, project, plan);
    const auto text = read_file(edit.file);
    if (!text || known.insertions.empty()) continue;
    const std::string original = without(*text, known.insertions);
    // Another unit's text never equals this one's: what both would put into a header is there once.
    for (const Insertion& own : edit.insertions) {
      const auto found = std::find_if(known.insertions.begin(), known.insertions.end(), [&](const Insertion& each) { return each.text == own.text; });
      if (found != known.insertions.end()) known.insertions.erase(found);
    }
    write_file(edit.file, insert_into(original, known.insertions));
    write_file(note_of(edit.file, project, plan), to_json(known));
  }
}

}  // namespace hindsight::instrument
