// How stored things are written for people and for scripts. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/types.h"

namespace hindsight::tools {

// "f32", "text", ... as tools/CLI.md lists them.
std::string_view name_of(store::DType dtype);
// "recorded", "exact", ...
std::string_view name_of(store::Status status);
// "recording", "finished", "crashed".
std::string_view name_of(store::RunState state);
// What a table puts behind a value: nothing for a recorded one, '=', '~', '?', '!', 'E'.
char mark_of(store::Status status);

// A value for people: floats as the shortest text that gives the same bits in their own dtype, control characters
// escaped. `limit`: at most about so many characters, "..." where it was cut; 0: all of it.
std::string to_text(const store::Value& value, std::size_t limit = 0);
// The same as JSON: numbers, strings ("NaN", "Infinity", integers beyond 2^53), arrays; complex numbers as [re, im].
std::string to_json(const store::Value& value);

// "r3", "v2", "p1"; a probe by the first 8 digits of its id.
std::string to_text(store::RunId run);
std::string to_text(store::ReplayId replay);
std::string version_text(std::uint64_t number);
std::string to_text(store::ProbeId probe);
std::string hex(const store::Hash& hash);

std::string to_text(const store::Site& site);          // "src/train.cc:41"; empty without a file
std::string when_text(std::int64_t ns);                // "2026-11-21 08:02:29" UTC; "-" for 0
std::string when_json(std::int64_t ns);                // "2026-11-21T08:02:29.123456789Z", quoted; null for 0
std::string duration_text(double seconds);             // "35 us", "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min"
std::string bytes_text(std::uint64_t bytes);           // "17 B", "1.4 MB"
std::string count_text(std::uint64_t n, std::string_view one, std::string_view many);  // "1 value", "2 values"

// Control characters as \n, \t, \x1b, so that logged text cannot steer a terminal.
std::string escaped(std::string_view text);
// Words as a shell would need them: `./train 'a b'`.
std::string shell_text(const std::vector<std::string>& words);
std::string joined(const std::vector<std::string>& parts, std::string_view separator);

// How the run ended: "finished", "exit 3", "SIGKILL", "crashed", "recording".
std::string status_text(const store::Run& run);
// How a probe is placed: "after `loss.backward()` in train", "at src/a.cc:12".
std::string place_text(const store::Probe& probe);

}  // namespace hindsight::tools
