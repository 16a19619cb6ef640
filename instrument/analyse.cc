#include "instrument/analyse.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <llvm/Support/FileSystem.h>

#include "instrument/functions.h"
#include "instrument/include_place.h"
#include "instrument/outlines.h"
#include "instrument/outside.h"
#include "instrument/probe_effects.h"
#include "instrument/probed_text.h"
#include "instrument/source.h"
#include "instrument/statements.h"
#include "instrument/summary.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// The user's headers that a unit includes, by their names in reports.
struct Header {
  FileID id;         // of the first inclusion
  std::string path;  // as it was found, absolute
};
using Headers = std::map<std::string, Header>;
Headers headers_of(const UserCode& user, const std::string& cwd) {
  Headers out;
  const SourceManager& sources = user.sources();
  for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
    const SrcMgr::SLocEntry& entry = sources.getLocalSLocEntry(i);
    if (!entry.isFile()) continue;
    const SourceLocation at = SourceLocation::getFromRawEncoding(entry.getOffset());
    const FileID id = sources.getFileID(at);
    const OptionalFileEntryRef file = sources.getFileEntryRefForID(id);
    if (!file || sources.isInMainFile(at) || !user.is_user(at)) continue;
    llvm::SmallString<256> absolute(file->getName());
    llvm::sys::fs::make_absolute(cwd, absolute);
    out.try_emplace(user.file_of(at), Header{id, std::string(absolute)});
  }
  return out;
}

PlacingUnit placing_unit(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions, const Headers& headers) {
  PlacingUnit out;
  const SourceManager& sources = context.getSourceManager();
  out.file = user.file_of(sources.getLocForStartOfFile(sources.getMainFileID()));
  for (const auto& [name, header] : headers) out.headers[name] = sources.getBufferData(header.id).str();
  Statements statements = statements_of(context, user, functions);
  out.statements = std::move(statements.all);
  out.recorded = std::move(statements.recorded);
  return out;
}

// What each header with probes in it needs besides them, as said by the first of them: an #include that stands before all.
void include_in_headers(const ASTContext& context, const Preprocessed& preprocessed, const std::vector<Probe>& probes, const Headers& headers, std::vector<Placing>& placings) {
  std::map<std::string, std::size_t> first;
  const auto in_header = [&](const Placing& p) { return !p.insertions.empty() && headers.contains(p.outcome.placed[0].file); };
  for (const Placing& p : placings) {
    if (!in_header(p)) continue;
    const auto known = first.try_emplace(p.outcome.placed[0].file, p.insertions.front().offset).first;
    known->second = std::min(known->second, p.insertions.front().offset);
  }
  for (const auto& [file, offset] : first) {
    const FileID id = headers.at(file).id;
    const std::string text = context.getSourceManager().getBufferData(id).str();
    const std::optional<IncludePlace> at = include_place(context, preprocessed, id, offset);
    for (Placing& p : placings) {
      if (!in_header(p) || p.outcome.placed[0].file != file) continue;
      if (at) {
        const auto back_to_line = [&](const std::string& name) { return "#line " + line_directive_at(text, at->offset, name) + "\n"; };
        const std::string helper = helper_text(probe_of(p, probes));
        p.insertions.insert(p.insertions.begin(), {at->offset, kProbeInclude + back_to_line("")});
        if (!helper.empty()) p.insertions.insert(p.insertions.begin() + 1, {at->offset, helper + back_to_line(quoted(file))});
      } else {
        p.outcome.refused = file + " has no place for an #include before the statement";
        p.outcome.placed.clear();
        p.insertions.clear();
      }
    }
  }
}

std::string sentence(const ParseOutcome& outcome) {
  const Problem& first = outcome.errors.front();
  std::string out = "Clang cannot parse it: " + first.message;
  if (!first.file.empty()) out += " (" + first.file + ":" + std::to_string(first.line) + ")";
  return out;
}

class Verifier {
 public:
  Verifier(const UnitRequest& request, const PlacingUnit& unit, const Headers& headers, std::size_t include_offset, std::vector<LoopReport>& loops)
      : request_(request), unit_(unit), headers_(headers), include_offset_(include_offset), loops_(loops) {}

  // Refuses those of `placings` that do not compile together.
  void run(std::vector<Placing>& placings) {
    while (any(placings)) {
      const ParseOutcome outcome = parse_with(placings, kAll);
      if (outcome.parsed && !refuse_unseen(placings)) return;
      if (!outcome.parsed && !blame_by_place(outcome, placings)) {
        blame_one_by_one(outcome, placings);
        return;
      }
    }
  }

 private:
  static constexpr std::size_t kAll = ~std::size_t{0};

  static bool any(const std::vector<Placing>& placings) {
    return std::any_of(placings.begin(), placings.end(), [](const Placing& p) { return !p.insertions.empty(); });
  }

  ParseOutcome parse_with(std::vector<Placing>& placings, std::size_t only) {
    std::map<std::string, std::vector<Insertion>> insertions;
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (placings[i].insertions.empty() || (only != kAll && i != only)) continue;
      add_new(placings[i].insertions, insertions[placings[i].outcome.placed[0].file]);
    }
    ParseInput input = request_.input;
    if (!request_.include_dir.empty()) {
      input.flags.push_back("-idirafter");
      input.flags.push_back(request_.include_dir);
    }
    edited_.clear();
    for (const auto& [file, into] : insertions) {
      const auto header = headers_.find(file);
      if (header == headers_.end()) {
        llvm::SmallString<256> absolute(input.file);
        llvm::sys::fs::make_absolute(input.cwd, absolute);
        edited_[file] = input.overlay[std::string(absolute)] = scratch_text(request_.text, into, include_offset_, input.file, helpers_of(placings, request_.probes, unit_.file));
      } else {
        edited_[file] = input.overlay[header->second.path] = insert_into(unit_.headers.at(file), into);
      }
    }
    unseen_.clear();
    return parse(input, [&](ASTContext& context, const Preprocessed&) {
      if (only == kAll) mark(context, placings);
    });
  }

  // Two probes may need the same #include, or helper.
  static void add_new(const std::vector<Insertion>& insertions, std::vector<Insertion>& into) {
    for (const Insertion& each : insertions) {
      if (each.text.starts_with("#") && std::find(into.begin(), into.end(), each) != into.end()) continue;
      into.push_back(each);
    }
  }

  // Where each probe's text stands in the edited text: it holds the probe's id. Of a pattern there are several, in order. Empty for those that are refused.
  std::vector<Span> spans(const std::vector<Placing>& placings) const {
    std::vector<Span> out(placings.size());
    std::map<std::pair<std::string, std::string>, std::size_t> from;
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (placings[i].insertions.empty()) continue;
      const Placement& place = placings[i].outcome.placed[0];
      std::size_t& begin = from[{place.file, place.text}];
      const std::size_t at = edited_.at(place.file).find(place.text, begin);
      if (at != std::string::npos) out[i] = {place.file, at, begin = at + place.text.size()};
    }
    // Behind them what they bring along.
    for (const Placing& placing : placings) {
      Span& span = out.emplace_back();
      const std::string helper = placing.insertions.empty() ? std::string() : helper_text(probe_of(placing, request_.probes));
      const std::string& file = helper.empty() ? helper : placing.outcome.placed[0].file;
      const std::size_t at = helper.empty() ? std::string::npos : edited_.at(file).find(helper);
      const bool is_new = std::none_of(out.begin(), out.end(), [&](const Span& each) { return each.file == file && each.begin == at; });
      if (at != std::string::npos && is_new) span = {file, at, at + helper.size()};
    }
    return out;
  }

  // What the expressions may change, what they take from outside, and what loops now need that they did not need before.
  void mark(ASTContext& context, std::vector<Placing>& placings) {
    const UserCode user(context.getSourceManager(), request_.input.project, request_.input.cwd);
    const SpanIndex index(user, spans(placings));
    ProbesEffects effects = effects_of_probes(context, user, index);
    for (LoopReport& loop : loops_) {
      const auto now = effects.dead.find({loop.name, loop.line});
      loop.dead_with_probes = now == effects.dead.end() ? std::vector<std::string>() : now->second;
    }
    std::vector<Volatility> taken = volatilities(context, user, index);
    forget_own_functions(effects, placings.size());
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (placings[i].insertions.empty()) continue;
      if (!index.is_there(i)) unseen_.insert(i);
      Placement& place = placings[i].outcome.placed[0];
      place.changes = std::move(effects.spans[i].changes);
      place.calls = std::move(effects.spans[i].calls);
      place.declares = effects.spans[i].declares;
      place.volatile_why = std::move(taken[i].why);
      place.results_of = std::move(taken[i].results_of);
    }
  }

  // What a helper's functions do shows where they are called; what they call elsewhere does not.
  static void forget_own_functions(ProbesEffects& effects, std::size_t probes) {
    std::set<std::string> own, called;
    for (std::size_t i = probes; i < effects.spans.size(); ++i) {
      own.insert(effects.spans[i].functions.begin(), effects.spans[i].functions.end());
      called.insert(effects.spans[i].calls.begin(), effects.spans[i].calls.end());
    }
    for (std::size_t i = 0; i < probes; ++i) {
      std::vector<std::string>& calls = effects.spans[i].calls;
      const bool uses = std::any_of(calls.begin(), calls.end(), [&](const std::string& each) { return own.contains(each); });
      if (!uses) continue;
      calls.insert(calls.end(), called.begin(), called.end());
      std::sort(calls.begin(), calls.end());
      calls.erase(std::unique(calls.begin(), calls.end()), calls.end());
      std::erase_if(calls, [&](const std::string& each) { return own.contains(each); });
    }
  }

  // A header that is found by another name when it is read again was not read with the probe in it.
  bool refuse_unseen(std::vector<Placing>& placings) {
    for (const std::size_t i : unseen_) refuse(placings[i], "the unit reads that file under another name");
    return !unseen_.empty();
  }

  bool blame_by_place(const ParseOutcome& outcome, std::vector<Placing>& placings) {
    bool blamed = false;
    const std::vector<Span> where = spans(placings);
    for (const Problem& problem : outcome.errors) {
      for (const Problem::At& at : problem.places) {
        for (std::size_t i = 0; i < placings.size(); ++i) {
          const auto header = headers_.find(where[i].file);
          const bool is_file = header == headers_.end() ? at.file.empty() : at.file == header->second.path;
          if (is_file && at.offset >= where[i].begin && at.offset < where[i].end && !placings[i].insertions.empty()) {
            refuse(placings[i], problem.message);
            blamed = true;
          }
        }
      }
    }
    return blamed;
  }

  void blame_one_by_one(const ParseOutcome& together, std::vector<Placing>& placings) {
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (placings[i].insertions.empty()) continue;
      const ParseOutcome alone = parse_with(placings, i);
      if (!alone.parsed) refuse(placings[i], alone.errors.front().message);
    }
    if (!any(placings) || parse_with(placings, kAll).parsed) return;
    for (Placing& p : placings) {
      if (!p.insertions.empty()) refuse(p, together.errors.front().message);
    }
  }

  static void refuse(Placing& placing, const std::string& message) {
    const Placement& place = placing.outcome.placed[0];
    placing.outcome.candidates = {place.file + ":" + std::to_string(place.line) + ": " + one_line(place.excerpt)};
    placing.outcome.refused = "does not compile there: " + message;
    placing.outcome.placed.clear();
    placing.insertions.clear();
  }

  const UnitRequest& request_;
  const PlacingUnit& unit_;
  const Headers& headers_;
  std::size_t include_offset_;
  std::vector<LoopReport>& loops_;
  std::map<std::string, std::string> edited_;  // the files with probes in them, as named in reports
  std::set<std::size_t> unseen_;
};

}  // namespace

UnitAnalysis analyse(const UnitRequest& request) {
  UnitAnalysis out;
  std::vector<Placing> placings;
  PlacingUnit unit;
  Headers headers;
  std::size_t include_offset = 0;
  llvm::SmallString<256> absolute(request.input.file);
  llvm::sys::fs::make_absolute(request.input.cwd, absolute);
  out.report.unit = relative_to(request.input.project, std::string(absolute));
  const ParseOutcome outcome = parse(request.input, [&](ASTContext& context, const Preprocessed& preprocessed) {
    const UserCode user(context.getSourceManager(), request.input.project, request.input.cwd);
    const std::vector<const FunctionDecl*> functions = functions_of(context, user);
    headers = headers_of(user, request.input.cwd);
    unit = placing_unit(context, user, functions, headers);
    unit.text = request.text;
    out.report.unit = unit.file;
    include_offset = preprocessed.include_offset;
    summarise(context, user, functions, preprocessed, out.report);
    report_outside(context, user, functions, out.report);
    if (request.probes.empty()) out.outline = to_json(outline_of(context, user, functions));
    for (const Probe& probe : request.probes) {
      for (Placing& placing : place_probe(probe, unit)) placings.push_back(std::move(placing));
    }
    include_in_headers(context, preprocessed, request.probes, headers, placings);
  });
  out.report.parsed = outcome.parsed;
  if (!outcome.parsed) {
    const std::string name = out.report.unit;
    out.report = {};
    out.report.unit = name;
    out.report.problem = sentence(outcome);
    for (const Probe& probe : request.probes) out.report.probes.push_back({probe.id, {}, "the unit could not be read: " + out.report.problem, {}});
    return out;
  }
  if (std::any_of(placings.begin(), placings.end(), [](const Placing& p) { return !p.insertions.empty(); })) {
    Verifier(request, unit, headers, include_offset, out.report.loops).run(placings);
  }
  const std::string helpers = helpers_of(placings, request.probes, unit.file);
  for (const auto& [name, header] : headers) out.report.headers.push_back(name);
  for (Placing& placing : placings) {
    const bool in_header = !placing.insertions.empty() && headers.contains(placing.outcome.placed[0].file);
    if (in_header) placing.outcome.placed[0].insertions = std::move(placing.insertions);
    else out.insertions.insert(out.insertions.end(), placing.insertions.begin(), placing.insertions.end());
    out.report.probes.push_back(std::move(placing.outcome));
  }
  if (!out.insertions.empty()) out.edited = scratch_text(request.text, out.insertions, include_offset, request.input.file, helpers);
  return out;
}

UnitStatements read_statements(const ParseInput& input) {
  UnitStatements out;
  const ParseOutcome outcome = parse(input, [&](ASTContext& context, const Preprocessed&) {
    const UserCode user(context.getSourceManager(), input.project, input.cwd);
    const std::vector<const FunctionDecl*> functions = functions_of(context, user);
    out.unit = placing_unit(context, user, functions, headers_of(user, input.cwd));
    out.outline = outline_of(context, user, functions);
  });
  if (!outcome.parsed) out.problem = sentence(outcome);
  return out;
}

}  // namespace hindsight::instrument
