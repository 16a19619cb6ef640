#include "instrument/edits.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "instrument/align.h"
#include "instrument/follow.h"

namespace hindsight::instrument {
namespace {

using Key = std::pair<std::string, std::vector<std::string>>;  // function, tokens

Key key_of(const Statement& s) { return {s.function, s.tokens}; }

// The nearest statement of the same block before or behind `s` that is not new itself.
const Statement* neighbour(const PlacingUnit& unit, const Statement& s, bool before, const std::set<const Statement*>& fresh) {
  const Statement* best = nullptr;
  for (const Statement& other : unit.statements) {
    if (other.block != s.block || other.file != s.file || other.place != Statement::Place::kBlock || fresh.count(&other)) continue;
    if (before ? other.index >= s.index : other.index <= s.index) continue;
    if (!best || (before ? other.index > best->index : other.index < best->index)) best = &other;
  }
  return best;
}
std::string text_of(const Statement* s) { return s ? s->text : std::string(); }

// Puts a probe that stands beside `beside` today in terms of the old text, if it is sure what that is there.
void put_in_old_terms(Probe& probe, const Statement& beside, bool behind, const EditedUnit& before, const EditedUnit& now, const Alignment& alignment) {
  const Followed there = follow({probe.id, probe.expression, {beside.file, beside.begin}}, now.outline, before.outline, alignment);
  if (!there.refused.empty() || !there.is_sure) return;
  for (const Statement& s : before.unit.statements) {
    if (s.file != there.at.file || s.begin != there.at.offset || s.place != Statement::Place::kBlock) continue;
    probe.expression = there.expression;
    probe.function = s.function;
    probe.file = s.file;
    probe.nest = s.heads;
    probe.previous = behind ? s.text : text_of(neighbour(before.unit, s, true, {}));
    probe.next = behind ? text_of(neighbour(before.unit, s, false, {})) : s.text;
    return;
  }
}

std::string why_not(const Statement& s) {
  if (s.log_name.empty()) return "the name is not a plain text literal";
  if (s.log_expression.empty()) return "no value is logged";
  if (!s.refusal.empty()) return s.refusal;
  if (s.place != Statement::Place::kBlock) return "it is the body of an if or loop of its own: put it in a block with other statements";
  return {};
}

}  // namespace

EditAnswer find_edits(const EditedUnit& before, const EditedUnit& now) {
  const PlacingUnit& old_unit = before.unit;
  const PlacingUnit& new_unit = now.unit;
  EditAnswer out;
  std::optional<Alignment> alignment;  // from today's to the old text
  std::map<Key, int> known;
  for (const Statement& s : old_unit.statements) {
    if (s.is_log) ++known[key_of(s)];
  }
  // The statements that occur more often now; of equal ones the last are the new ones.
  std::map<Key, int> count;
  for (const Statement& s : new_unit.statements) {
    if (s.is_log) ++count[key_of(s)];
  }
  std::set<const Statement*> fresh;
  for (auto s = new_unit.statements.rbegin(); s != new_unit.statements.rend(); ++s) {
    if (!s->is_log) continue;
    const Key key = key_of(*s);
    if (count[key] > known[key]) {
      fresh.insert(&*s);
      --count[key];
    }
  }
  for (const Statement& s : new_unit.statements) {
    if (!fresh.count(&s)) continue;
    Probe probe{.id = {},
                .name = s.log_name,
                .expression = s.log_expression,
                .form = "edit",
                .statement = {},
                .function = s.function,
                .file = s.file,
                .line = s.line,
                .nest = s.heads,
                .previous = text_of(neighbour(new_unit, s, true, fresh)),
                .next = text_of(neighbour(new_unit, s, false, fresh))};
    std::string reason = why_not(s);
    if (reason.empty() && known[key_of(s)] > 0) reason = "the same statement stands in " + s.function + " already: which one is new is not known";
    if (reason.empty() && probe.previous.empty() && probe.next.empty()) reason = "it has no neighbour in its block to place it by";
    if (reason.empty() && !has_neighbours(probe, old_unit)) {
      if (!alignment) alignment = align(now.outline, before.outline);
      const Statement* previous = neighbour(new_unit, s, true, fresh);
      put_in_old_terms(probe, previous ? *previous : *neighbour(new_unit, s, false, fresh), previous != nullptr, before, now, *alignment);
    }
    if (reason.empty()) out.probes.push_back(std::move(probe));
    else out.refused.push_back({s.file, s.line, s.text, reason});
  }
  return out;
}

}  // namespace hindsight::instrument
