// A row of the gate's tests: a program, and the outside variables that its loop's state leaves out.
#pragma once

#include <ostream>
#include <set>
#include <string>

#include "support.h"

namespace hindsight::instrument {

using Names = std::set<std::string>;

struct Row {
  const char* claim;
  const char* text;
  Names missing;
};
inline std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim; }

#define MAIN(before, head, body) "int main() { " before " for (auto e : hindsight::loop(\"l\", 9" head ")) { (void)e; " body " } }"

}  // namespace hindsight::instrument
