// A unit in memory: small stand-ins for the libraries' headers, the user's file, and what the analysis says of it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "instrument/analyse.h"
#include "instrument/model.h"

namespace hindsight::instrument {

inline constexpr char kId[] = "0123456789abcdef0123456789abcdef";

struct UnitFixture {
  std::string text;
  std::map<std::string, std::string> headers;  // of the user, by name relative to the project
  std::vector<std::string> flags;
  Language language = Language::kCxx;
};

// The unit is src/main.cc of project /project; hindsight.h, torch.h and the C++ library are found in system folders.
UnitRequest request_for(const UnitFixture& unit, std::vector<Probe> probes = {});
UnitAnalysis analyse_unit(const UnitFixture& unit, std::vector<Probe> probes = {});
// Analyses `text`; the test fails if it does not parse.
UnitReport report_on(const std::string& text, const std::vector<std::string>& flags = {});

// The variables that loop `name` of `text` misses, sorted. What precedes the snippet includes hindsight.h and torch.h.
std::set<std::string> missing_in(const std::string& text, const std::vector<std::string>& flags = {}, const std::string& loop = "l");

Probe make_probe(std::string form, std::string statement, std::string expression);

}  // namespace hindsight::instrument
