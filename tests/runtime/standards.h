// Between standards.cc, which is compiled once for each standard, and standards_test.cc.
#pragma once

#include <string>

struct hindsight_archive;

// Saves the object at `from` and restores it into the one at `to`. Why it could not; empty if it could.
std::string round_trip(void (*visit)(hindsight_archive* archive, void* object), void* from, void* to);

// What went wrong in the unit of that standard, a line each.
std::string wrong_in_11();
std::string wrong_in_14();
std::string wrong_in_17();
std::string wrong_in_20();
