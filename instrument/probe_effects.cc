#include "instrument/probe_effects.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "instrument/effects.h"
#include "instrument/liveness.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

// What an event at a place outside of a span is called; empty if the place belongs to the span.
std::string outside(const Place& place, std::size_t span, const SpanIndex& spans, const SourceManager& sources) {
  if (place.root.kind == Root::Kind::kTemporary) return {};
  const VarDecl* v = place.root.variable();
  if (!v) return place.root.kind == Root::Kind::kThis ? "*this" : place.root.what;
  if (is_output_stream(v) || in_hindsight(v)) return {};
  return spans.at(sources.getExpansionLoc(v->getLocation())) == span ? std::string() : v->getNameAsString();
}

// Of the spans, those with a lambda or a statement expression, which symbols of the function around it count.
void find_declarations(const Stmt* s, const SourceManager& sources, const SpanIndex& spans, std::vector<SpanEffects>& out) {
  if (!s) return;
  if (isa<LambdaExpr, StmtExpr>(s)) {
    if (const auto span = spans.at(sources.getExpansionLoc(s->getBeginLoc()))) out[*span].declares = true;
  }
  for (const Stmt* child : children_of(s)) find_declarations(child, sources, spans, out);
}

}  // namespace

SpanIndex::SpanIndex(const UserCode& user, const std::vector<Span>& spans) : size_(spans.size()) {
  const SourceManager& sources = user.sources();
  std::map<std::string, std::vector<std::size_t>> begins;  // of every inclusion of a file
  for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
    const SrcMgr::SLocEntry& entry = sources.getLocalSLocEntry(i);
    if (!entry.isFile()) continue;
    const SourceLocation at = SourceLocation::getFromRawEncoding(entry.getOffset());
    if (sources.isInMainFile(at) || user.is_user(at)) begins[user.file_of(at)].push_back(entry.getOffset());
  }
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].begin == spans[i].end) continue;
    for (const std::size_t begin : begins[spans[i].file]) stretches_.push_back({begin + spans[i].begin, begin + spans[i].end, i});
  }
  std::sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
}

std::optional<std::size_t> SpanIndex::at(std::size_t offset) const {
  auto behind = std::upper_bound(stretches_.begin(), stretches_.end(), offset, [](std::size_t is, const Stretch& each) { return is < each.begin; });
  if (behind == stretches_.begin() || offset >= (--behind)->end) return std::nullopt;
  return behind->span;
}

bool SpanIndex::is_there(std::size_t span) const {
  return std::any_of(stretches_.begin(), stretches_.end(), [&](const Stretch& each) { return each.span == span; });
}

ProbesEffects effects_of_probes(ASTContext& context, const UserCode& user, const SpanIndex& spans) {
  const SourceManager& sources = context.getSourceManager();
  const Effects effects(context, user, functions_of(context, user));
  ProbesEffects out;
  out.spans.resize(spans.size());
  std::vector<std::set<std::string>> calls(spans.size());
  const auto add = [&](std::size_t span, Change change) {
    std::vector<Change>& known = out.spans[span].changes;
    if (std::find(known.begin(), known.end(), change) == known.end()) known.push_back(std::move(change));
  };
  for (const FunctionDecl* f : effects.functions()) {
    if (const auto span = spans.at(sources.getExpansionLoc(f->getLocation()))) out.spans[*span].functions.push_back(report_name(f));
    find_declarations(f->getBody(), sources, spans, out.spans);
    const FunctionFacts& facts = effects.facts(f);
    for (const Event& event : facts.events) {
      const auto span = spans.at(event.offset);
      if (!span) continue;
      for (const Place& place : effects.resolve(facts, event.place)) {
        const std::string name = outside(place, *span, spans, sources);
        if (!name.empty()) add(*span, {name + ": " + event.why, event.conditions, event.is_certain});
      }
    }
    const auto note = [&](const std::vector<std::size_t>& offsets, const char* what, bool is_certain) {
      for (const std::size_t offset : offsets) {
        if (const auto span = spans.at(offset)) add(*span, {what, {}, is_certain});
      }
    };
    note(facts.draws, "draws random numbers", true);
    note(facts.backward_at, "computes gradients", true);
    note(facts.writes_files_at, "writes files", true);
    note(facts.unknown_at, "calls what is not known", false);
    for (const Called& called : facts.calls) {
      const auto span = spans.at(called.offset);
      const FunctionDecl* body = effects.definition(called.function);
      const bool is_own = span && body && spans.at(sources.getExpansionLoc(body->getLocation())) == span;
      if (span && !is_own) calls[*span].insert(report_name(called.function));
    }
  }
  for (std::size_t i = 0; i < calls.size(); ++i) out.spans[i].calls.assign(calls[i].begin(), calls[i].end());
  for (const FunctionDecl* f : effects.functions()) {
    for (const HindsightLoop& loop : effects.facts(f).loops) {
      const PresumedLoc at = context.getSourceManager().getPresumedLoc(context.getSourceManager().getExpansionLoc(loop.at));
      std::vector<std::string> dead = names_of(dead_at_head(context, effects.facts(f), loop));
      const auto [known, is_first] = out.dead.try_emplace({loop.name, at.isValid() ? at.getLine() : 0}, dead);
      if (is_first) continue;
      std::vector<std::string> both;
      std::set_intersection(dead.begin(), dead.end(), known->second.begin(), known->second.end(), std::back_inserter(both));
      known->second = std::move(both);
    }
  }
  return out;
}

}  // namespace hindsight::instrument
