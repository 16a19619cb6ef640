#include "instrument/probe_effects.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "instrument/effects.h"
#include "instrument/liveness.h"

namespace hindsight::instrument {

using namespace clang;

namespace {

bool stands_in(const Decl* d, const Span& span, const SourceManager& sources) {
  const SourceLocation at = sources.getExpansionLoc(d->getLocation());
  if (at.isInvalid() || sources.getFileID(at) != sources.getMainFileID()) return false;
  const std::size_t offset = sources.getFileOffset(at);
  return offset >= span.begin && offset < span.end;
}

// What an event at a place outside of a span is called; empty if the place belongs to the span.
std::string outside(const Place& place, const Span& span, const SourceManager& sources) {
  if (place.root.kind == Root::Kind::kTemporary) return {};
  const VarDecl* v = place.root.variable();
  if (!v) return place.root.kind == Root::Kind::kThis ? "*this" : place.root.what;
  if (is_output_stream(v) || in_hindsight(v)) return {};
  return stands_in(v, span, sources) ? std::string() : v->getNameAsString();
}

// Of the spans, those with a lambda or a statement expression, which symbols of the function around it count.
void find_declarations(const Stmt* s, const SourceManager& sources, const std::vector<Span>& spans, std::vector<SpanEffects>& out) {
  if (!s) return;
  if (isa<LambdaExpr, StmtExpr>(s)) {
    const SourceLocation at = sources.getExpansionLoc(s->getBeginLoc());
    const std::size_t offset = sources.getFileOffset(at);
    for (std::size_t i = 0; i < spans.size(); ++i) {
      out[i].declares = out[i].declares || (sources.getFileID(at) == sources.getMainFileID() && offset >= spans[i].begin && offset < spans[i].end);
    }
  }
  for (const Stmt* child : children_of(s)) find_declarations(child, sources, spans, out);
}

}  // namespace

ProbesEffects effects_of_probes(ASTContext& context, const UserCode& user, const std::vector<Span>& spans) {
  const Effects effects(context, user, functions_of(context, user));
  ProbesEffects out;
  out.spans.resize(spans.size());
  for (const FunctionDecl* f : effects.functions()) find_declarations(f->getBody(), context.getSourceManager(), spans, out.spans);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& span = spans[i];
    auto inside = [&](std::size_t offset) { return offset >= span.begin && offset < span.end; };
    std::set<std::string> calls;
    for (const FunctionDecl* f : effects.functions()) {
      const FunctionFacts& facts = effects.facts(f);
      for (const Event& event : facts.events) {
        if (!inside(event.offset)) continue;
        for (const Place& place : effects.resolve(facts, event.place)) {
          const std::string name = outside(place, span, context.getSourceManager());
          if (!name.empty()) out.spans[i].changes.push_back({name + ": " + event.why, event.conditions});
        }
      }
      if (std::any_of(facts.draws.begin(), facts.draws.end(), inside)) out.spans[i].changes.push_back({"draws random numbers"});
      if (std::any_of(facts.unknown_at.begin(), facts.unknown_at.end(), inside)) out.spans[i].changes.push_back({"calls what is not known"});
      if (std::any_of(facts.writes_files_at.begin(), facts.writes_files_at.end(), inside)) out.spans[i].changes.push_back({"writes files"});
      for (const Called& called : facts.calls) {
        if (inside(called.offset) && !stands_in(called.function, span, context.getSourceManager())) calls.insert(report_name(called.function));
      }
    }
    out.spans[i].calls.assign(calls.begin(), calls.end());
  }
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
