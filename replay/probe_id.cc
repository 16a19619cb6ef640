#include "replay/probe_id.h"

#include <algorithm>
#include <array>
#include <string>

#include "store/store.h"

namespace hindsight::replay {

namespace {

constexpr std::array<std::string_view, 7> kForms = {"after", "before", "at", "edit", "on_call", "on_assign", "each_loop"};

}  // namespace

std::string_view name_of(store::Probe::Form form) { return kForms[static_cast<std::size_t>(form)]; }

std::optional<store::Probe::Form> form_of(std::string_view name) {
  const auto at = std::find(kForms.begin(), kForms.end(), name);
  if (at == kForms.end()) return std::nullopt;
  return static_cast<store::Probe::Form>(at - kForms.begin());
}

bool is_pattern(const store::Probe& probe) { return probe.form >= store::Probe::Form::kOnCall; }

store::ProbeId probe_id(const store::Probe& probe) {
  // Every part ends in a zero byte, which no part contains.
  std::string all = "probe 1";
  const auto add = [&](const std::string& part) {
    all += '\0';
    all += part;
  };
  add(probe.expression);
  add(std::to_string(static_cast<int>(probe.form)));
  add(probe.statement);
  add(probe.function);
  add(probe.file);
  add(std::to_string(probe.line));
  add(probe.previous);
  add(probe.next);
  for (const std::string& loop : probe.nest) add(loop);
  if (!probe.helper.empty()) add("helper " + probe.helper);
  return {store::hash_bytes(all)};
}

}  // namespace hindsight::replay
