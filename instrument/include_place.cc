#include "instrument/include_place.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "instrument/source.h"

namespace hindsight::instrument {

using namespace clang;

std::optional<IncludePlace> include_place(const ASTContext& context, const Preprocessed& preprocessed, FileID file, std::size_t before) {
  const SourceManager& sources = context.getSourceManager();
  const llvm::StringRef text = sources.getBufferData(file);
  std::vector<std::pair<std::size_t, std::size_t>> declared;
  for (const Decl* d : declarations_in(context.getTranslationUnitDecl())) {
    const SourceLocation begin = sources.getExpansionLoc(d->getBeginLoc());
    if (begin.isInvalid() || sources.getFileID(begin) != file) continue;
    const SourceLocation end = sources.getExpansionRange(d->getEndLoc()).getEnd();
    if (sources.getFileID(end) == file) declared.emplace_back(sources.getFileOffset(begin), sources.getFileOffset(end));
  }
  const bool is_main = file == sources.getMainFileID();
  int depth = 0;
  const int allowed = is_main ? 0 : 1;  // a header's guard
  bool in_comment = false, continued = false;
  std::optional<std::size_t> best, behind_includes;
  if (is_main) behind_includes = preprocessed.include_offset;
  std::optional<std::size_t> behind_guard;  // of a header: `#pragma once`, or `#ifndef X` and `#define X`
  std::string guard;
  bool seen_code = false;
  for (std::size_t at = 0; at < text.size() && at < before;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const llvm::StringRef line = text.slice(at, end).trim();
    const bool was_in_comment = in_comment, was_continued = continued;
    continued = line.ends_with("\\");
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      if (!in_comment && line.substr(i, 2) == "//") break;
      if (!in_comment && line.substr(i, 2) == "/*") in_comment = true;
      else if (in_comment && line.substr(i, 2) == "*/") in_comment = false;
    }
    if (!was_in_comment && line.starts_with("#")) {
      const llvm::StringRef word = line.drop_front().trim();
      if (word.starts_with("if")) ++depth;
      else if (word.starts_with("endif")) --depth;
    }
    if (!is_main && !was_in_comment && !behind_guard && line.starts_with("#")) {
      llvm::StringRef word = line.drop_front().trim();
      if (word.starts_with("pragma") && word.drop_front(6).trim() == "once") behind_guard = end + 1;
      else if (word.consume_front("ifndef") && guard.empty()) guard = word.trim().str();
      else if (word.consume_front("define") && !guard.empty() && word.trim() == guard) behind_guard = end + 1;
    }
    const bool blank = (line.empty() || line.starts_with("//")) && !was_in_comment && !was_continued && depth <= allowed && (depth == 0 || !is_main);
    const bool inside = std::any_of(declared.begin(), declared.end(), [&](const auto& each) { return each.first <= at && at <= each.second; });
    const bool after_includes = !is_main || at >= preprocessed.include_offset || end >= preprocessed.include_offset;
    if (blank && !inside && after_includes) {
      best = at;
      if (is_main || seen_code) break;
    }
    if (line.starts_with("#include")) {
      seen_code = true, best.reset();
      if (!is_main && depth <= allowed && !inside) behind_includes = end + 1;
    }
    at = end + 1;
  }
  if (best) return IncludePlace{*best, true};
  if (behind_includes && *behind_includes <= before) return IncludePlace{*behind_includes, false};
  if (behind_guard && *behind_guard <= before) return IncludePlace{*behind_guard, false};
  return std::nullopt;
}

}  // namespace hindsight::instrument
