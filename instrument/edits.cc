#include "instrument/edits.h"

#include <map>
#include <set>
#include <utility>

namespace hindsight::instrument {
namespace {

using Key = std::pair<std::string, std::vector<std::string>>;  // function, tokens

Key key_of(const Statement& s) { return {s.function, s.tokens}; }

// The nearest statement of the same block before or behind `s` that is not new itself.
std::string neighbour(const PlacingUnit& unit, const Statement& s, bool before, const std::set<const Statement*>& fresh) {
  const Statement* best = nullptr;
  for (const Statement& other : unit.statements) {
    if (other.block != s.block || other.file != s.file || other.place != Statement::Place::kBlock || fresh.count(&other)) continue;
    if (before ? other.index >= s.index : other.index <= s.index) continue;
    if (!best || (before ? other.index > best->index : other.index < best->index)) best = &other;
  }
  return best ? best->text : std::string();
}

std::string why_not(const Statement& s) {
  if (s.log_name.empty()) return "the name is not a plain text literal";
  if (s.log_expression.empty()) return "no value is logged";
  if (!s.refusal.empty()) return s.refusal;
  if (s.place != Statement::Place::kBlock) return "it is the body of an if or loop of its own: put it in a block with other statements";
  return {};
}

}  // namespace

EditAnswer find_edits(const PlacingUnit& old_unit, const PlacingUnit& new_unit) {
  EditAnswer out;
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
                .previous = neighbour(new_unit, s, true, fresh),
                .next = neighbour(new_unit, s, false, fresh)};
    std::string reason = why_not(s);
    if (reason.empty() && known[key_of(s)] > 0) reason = "the same statement stands in " + s.function + " already: which one is new is not known";
    if (reason.empty() && probe.previous.empty() && probe.next.empty()) reason = "it has no neighbour in its block to place it by";
    if (reason.empty()) out.probes.push_back(std::move(probe));
    else out.refused.push_back({s.file, s.line, s.text, reason});
  }
  return out;
}

}  // namespace hindsight::instrument
