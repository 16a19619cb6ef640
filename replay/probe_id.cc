#include "replay/replay.h"

namespace hindsight::replay {

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
  return {store::hash_bytes(all)};
}

}  // namespace hindsight::replay
