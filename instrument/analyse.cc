#include "instrument/analyse.h"

#include <algorithm>

#include <llvm/Support/FileSystem.h>

#include "instrument/functions.h"
#include "instrument/outlines.h"
#include "instrument/outside.h"
#include "instrument/probe_effects.h"
#include "instrument/source.h"
#include "instrument/statements.h"
#include "instrument/summary.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

std::vector<std::string> user_headers(const ASTContext& context, const UserCode& user) {
  std::vector<std::string> out;
  const SourceManager& sources = context.getSourceManager();
  for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
    const SrcMgr::SLocEntry& entry = sources.getLocalSLocEntry(i);
    if (!entry.isFile()) continue;
    const SourceLocation at = SourceLocation::getFromRawEncoding(entry.getOffset());
    if (!sources.isInMainFile(at) && user.is_user(at)) out.push_back(user.file_of(at));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

PlacingUnit placing_unit(ASTContext& context, const UserCode& user, const std::vector<const FunctionDecl*>& functions) {
  PlacingUnit out;
  const SourceManager& sources = context.getSourceManager();
  out.file = user.file_of(sources.getLocForStartOfFile(sources.getMainFileID()));
  out.headers = user_headers(context, user);
  Statements statements = statements_of(context, user, functions);
  out.statements = std::move(statements.all);
  out.recorded = std::move(statements.recorded);
  return out;
}

std::string sentence(const ParseOutcome& outcome) {
  const Problem& first = outcome.errors.front();
  std::string out = "Clang cannot parse it: " + first.message;
  if (!first.file.empty()) out += " (" + first.file + ":" + std::to_string(first.line) + ")";
  return out;
}

class Verifier {
 public:
  Verifier(const UnitRequest& request, std::size_t include_offset, std::vector<LoopReport>& loops) : request_(request), include_offset_(include_offset), loops_(loops) {}

  // Refuses those of `placings` that do not compile together.
  void run(std::vector<Placing>& placings) {
    while (any(placings)) {
      const ParseOutcome outcome = parse_with(placings, kAll);
      if (outcome.parsed) return;
      if (!blame_by_place(outcome, placings)) {
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
    std::vector<Insertion> insertions;
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (only != kAll && i != only) continue;
      insertions.insert(insertions.end(), placings[i].insertions.begin(), placings[i].insertions.end());
    }
    ParseInput input = request_.input;
    if (!request_.include_dir.empty()) {
      input.flags.push_back("-idirafter");
      input.flags.push_back(request_.include_dir);
    }
    edited_ = scratch_text(request_.text, insertions, include_offset_, input.file);
    llvm::SmallString<256> absolute(input.file);
    llvm::sys::fs::make_absolute(input.cwd, absolute);
    input.overlay[std::string(absolute)] = edited_;
    return parse(input, [&](ASTContext& context, const Preprocessed&) {
      if (only == kAll) mark(context, placings);
    });
  }

  // Where each probe's text stands in the edited text: it holds the probe's id. Empty for those that are refused.
  std::vector<Span> spans(const std::vector<Placing>& placings) const {
    std::vector<Span> out(placings.size());
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (placings[i].insertions.empty()) continue;
      const std::string& text = placings[i].outcome.placed[0].text;
      const std::size_t at = edited_.find(text);
      if (at != std::string::npos) out[i] = {at, at + text.size()};
    }
    return out;
  }

  // What the expressions may change, what they take from outside, and what loops now need that they did not need before.
  void mark(ASTContext& context, std::vector<Placing>& placings) const {
    const UserCode user(context.getSourceManager(), request_.input.project, request_.input.cwd);
    ProbesEffects effects = effects_of_probes(context, user, spans(placings));
    for (LoopReport& loop : loops_) {
      const auto now = effects.dead.find({loop.name, loop.line});
      loop.dead_with_probes = now == effects.dead.end() ? std::vector<std::string>() : now->second;
    }
    std::vector<Volatility> taken = volatilities(context, user, spans(placings));
    for (std::size_t i = 0; i < placings.size(); ++i) {
      if (placings[i].insertions.empty()) continue;
      placings[i].outcome.placed[0].changes = std::move(effects.spans[i].changes);
      placings[i].outcome.placed[0].calls = std::move(effects.spans[i].calls);
      placings[i].outcome.placed[0].declares = effects.spans[i].declares;
      placings[i].outcome.placed[0].volatile_why = std::move(taken[i].why);
      placings[i].outcome.placed[0].results_of = std::move(taken[i].results_of);
    }
  }

  bool blame_by_place(const ParseOutcome& outcome, std::vector<Placing>& placings) {
    bool blamed = false;
    const std::vector<Span> where = spans(placings);
    for (const Problem& problem : outcome.errors) {
      for (const std::size_t offset : problem.offsets) {
        for (std::size_t i = 0; i < placings.size(); ++i) {
          if (offset >= where[i].begin && offset < where[i].end && !placings[i].insertions.empty()) {
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
  std::size_t include_offset_;
  std::vector<LoopReport>& loops_;
  std::string edited_;
};

}  // namespace

std::string scratch_text(std::string_view text, const std::vector<Insertion>& insertions, std::size_t include_offset, const std::string& path) {
  std::string name;
  for (const char c : path) {
    if (c == '"' || c == '\\') name += '\\';
    name += c;
  }
  name = "\"" + name + "\"";
  // A byte order mark stays in front of everything.
  const std::size_t begin = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  include_offset = std::max(include_offset, begin);
  std::vector<Insertion> all = {{begin, "#line 1 " + name + "\n"}};
  all.push_back({include_offset, "#include <hindsight/probe.h>\n#line " + line_directive_at(text, include_offset, name) + "\n"});
  all.insert(all.end(), insertions.begin(), insertions.end());
  return insert_into(text, std::move(all));
}

UnitAnalysis analyse(const UnitRequest& request) {
  UnitAnalysis out;
  std::vector<Placing> placings;
  std::size_t include_offset = 0;
  llvm::SmallString<256> absolute(request.input.file);
  llvm::sys::fs::make_absolute(request.input.cwd, absolute);
  out.report.unit = relative_to(request.input.project, std::string(absolute));
  const ParseOutcome outcome = parse(request.input, [&](ASTContext& context, const Preprocessed& preprocessed) {
    const UserCode user(context.getSourceManager(), request.input.project, request.input.cwd);
    const std::vector<const FunctionDecl*> functions = functions_of(context, user);
    PlacingUnit unit = placing_unit(context, user, functions);
    unit.text = request.text;
    out.report.unit = unit.file;
    include_offset = preprocessed.include_offset;
    summarise(context, user, functions, preprocessed, out.report);
    report_outside(context, user, functions, out.report);
    if (request.probes.empty()) out.outline = to_json(outline_of(context, user, functions));
    for (const Probe& probe : request.probes) placings.push_back(place_probe(probe, unit));
  });
  out.report.parsed = outcome.parsed;
  if (!outcome.parsed) {
    const std::string unit = out.report.unit;
    out.report = {};
    out.report.unit = unit;
    out.report.problem = sentence(outcome);
    for (const Probe& probe : request.probes) out.report.probes.push_back({probe.id, {}, "the unit could not be read: " + out.report.problem, {}});
    return out;
  }
  if (std::any_of(placings.begin(), placings.end(), [](const Placing& p) { return !p.insertions.empty(); })) {
    Verifier(request, include_offset, out.report.loops).run(placings);
  }
  for (Placing& placing : placings) {
    out.insertions.insert(out.insertions.end(), placing.insertions.begin(), placing.insertions.end());
    out.report.probes.push_back(std::move(placing.outcome));
  }
  if (!out.insertions.empty()) out.edited = scratch_text(request.text, out.insertions, include_offset, request.input.file);
  return out;
}

UnitStatements read_statements(const ParseInput& input) {
  UnitStatements out;
  const ParseOutcome outcome = parse(input, [&](ASTContext& context, const Preprocessed&) {
    const UserCode user(context.getSourceManager(), input.project, input.cwd);
    out.unit = placing_unit(context, user, functions_of(context, user));
  });
  if (!outcome.parsed) out.problem = sentence(outcome);
  return out;
}

}  // namespace hindsight::instrument
