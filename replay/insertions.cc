#include "replay/insertions.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "replay/files.h"
#include "replay/json_text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Result<std::string> collect_plan(const fs::path& folder) {
  std::map<std::string, Json> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".json") continue;
    Result<std::string> text = read_file(at->path());
    if (!text) return text;
    Json file = parse_json(*text);
    if (!file.is_object()) return Error(ErrorKind::kCorrupt, "hindsight-cc wrote a plan that cannot be read: " + at->path().string());
    if (const Json& insertions = member_of(file, "insertions"); !insertions.is_array() || insertions.empty()) continue;
    const std::string name = text_of(file, "file");
    if (fs::path(name).is_absolute()) continue;  // not the project's
    files[name] = std::move(file);
  }
  if (error) return system_error("list " + folder.string(), error.value());
  Json all = Json::array();
  for (auto& [name, file] : files) all.push_back(std::move(file));
  return dump_json(all);
}

std::string EditedFile::before() const {
  std::string text;
  for (const auto& [before, after] : lines) text += before;
  return text;
}
std::string EditedFile::after() const {
  std::string text;
  for (const auto& [before, after] : lines) text += after;
  return text;
}

namespace {

// `text` cut into lines, with what is put into each. At the end of a file there may be a last line that was not there.
Result<std::vector<std::pair<std::string, std::string>>> edited_lines(const std::string& text, const Json& insertions) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t done = 0;  // insertions that are used up
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    const bool is_last = newline == std::string::npos || newline + 1 == text.size();
    const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
    std::string after;
    std::size_t at = begin;
    for (; done < insertions.size(); ++done) {
      const std::uint64_t offset = number_of(insertions[done], "offset");
      if (offset < at) return Error(ErrorKind::kCorrupt, "insertions are out of order");
      if (offset >= end && !(is_last && newline == std::string::npos && offset == end)) break;
      after.append(text, at, offset - at);
      after += text_of(insertions[done], "text");
      at = offset;
    }
    after.append(text, at, end - at);
    lines.emplace_back(text.substr(begin, end - begin), std::move(after));
    begin = end;
  }
  std::string behind;
  for (; done < insertions.size() && number_of(insertions[done], "offset") == text.size(); ++done) behind += text_of(insertions[done], "text");
  if (done < insertions.size()) return Error(ErrorKind::kCorrupt, "insertions lie behind its end");
  if (!behind.empty()) lines.emplace_back("", std::move(behind));
  return lines;
}

}  // namespace

Result<std::vector<EditedFile>> edited_files(const std::string& plan, const fs::path& sources) {
  std::vector<EditedFile> edited;
  if (plan.empty()) return edited;
  const Json files = parse_json(plan);
  if (!files.is_array()) return Error(ErrorKind::kCorrupt, "the plan of this version cannot be read");
  for (const Json& file : files) {
    const std::string name = text_of(file, "file");
    // Nothing but copies of the project's own files is ever written.
    const fs::path relative = fs::path(name).lexically_normal();
    if (name.empty() || relative.is_absolute() || *relative.begin() == "..") {
      return Error(ErrorKind::kCorrupt, "the plan of this version changes '" + name + "', which is not in the project");
    }
    Result<std::string> text = read_file(sources / name);
    if (!text && text.error().kind() != ErrorKind::kNotFound) return std::move(text).error().context("the plan of this version");
    if (!text) {
      return Error(ErrorKind::kUnsupported, "the plan of this version puts loops into '" + name + "', which is none of its sources but made by its build, so it cannot be built again",
                   "record again with --never for the loops in '" + name + "'");
    }
    auto lines = edited_lines(*text, member_of(file, "insertions"));
    if (!lines) return std::move(lines).error().context("the plan of this version does not fit its '" + name + "'");
    edited.push_back({name, *std::move(lines)});
  }
  return edited;
}

EditedFile without_line_directives(EditedFile file) {
  constexpr std::string_view kInclude = "#include <hindsight/inserted.h>\n";
  for (auto& [before, after] : file.lines) {
    const std::size_t at = after.find(std::string(kInclude) + "#line ");
    if (at == std::string::npos) continue;
    const std::size_t begin = at + kInclude.size();
    after.erase(begin, after.find('\n', begin) + 1 - begin);
  }
  return file;
}

Result<void> apply_plan(const std::string& plan, const fs::path& sources, const fs::path& into) {
  Result<std::vector<EditedFile>> files = edited_files(plan, sources);
  if (!files) return std::move(files).error();
  for (const EditedFile& each : *files) {
    if (Result<void> made = make_folders((into / each.file).parent_path()); !made) return made;
    if (Result<void> written = write_file(into / each.file, each.after()); !written) return written;
  }
  return {};
}

namespace {

// Lines of a text, each with its end.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

std::string diff_lines(char sign, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += sign + line;
    if (line.back() != '\n') text += "\n\\ No newline at end of file\n";
  }
  return text;
}

}  // namespace

std::string unified_diff(const EditedFile& edited) {
  constexpr std::size_t kAround = 3;
  const auto& lines = edited.lines;
  const auto changed = [&](std::size_t i) { return lines[i].first != lines[i].second; };
  std::string text;
  std::size_t old_line = 1, new_line = 1;  // of lines[at]
  for (std::size_t at = 0; at < lines.size();) {
    std::size_t first = at;
    while (first < lines.size() && !changed(first)) ++first;
    if (first == lines.size()) break;
    // Changes with at most twice the context between them are one hunk.
    std::size_t last = first;
    for (std::size_t i = first; i < lines.size() && i <= last + 2 * kAround + 1; ++i) {
      if (changed(i)) last = i;
    }
    const std::size_t begin = std::max(at, first - std::min(first, kAround));
    const std::size_t end = std::min(lines.size(), last + kAround + 1);
    for (; at < begin; ++at) ++old_line, ++new_line;
    std::string hunk;
    std::size_t removed = 0, added = 0;
    std::vector<std::string> gone, come;
    const auto flush = [&] {
      hunk += diff_lines('-', gone) + diff_lines('+', come);
      gone.clear();
      come.clear();
    };
    for (; at < end; ++at) {
      const std::vector<std::string> before = lines_of(lines[at].first), after = lines_of(lines[at].second);
      removed += before.size();
      added += after.size();
      if (!changed(at)) {
        flush();
        hunk += diff_lines(' ', before);
        continue;
      }
      gone.insert(gone.end(), before.begin(), before.end());
      come.insert(come.end(), after.begin(), after.end());
    }
    flush();
    const auto range = [](std::size_t line, std::size_t count) { return std::to_string(count == 0 ? line - 1 : line) + "," + std::to_string(count); };
    text += "@@ -" + range(old_line, removed) + " +" + range(new_line, added) + " @@\n" + hunk;
    old_line += removed;
    new_line += added;
  }
  return text.empty() ? text : "--- a/" + edited.file + "\n+++ b/" + edited.file + "\n" + text;
}

}  // namespace hindsight::replay
