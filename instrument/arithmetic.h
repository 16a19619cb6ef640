// The floating-point arithmetic in a program's machine code. For the one file that knows LLVM's disassembler.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace hindsight::instrument {

// How many instructions of each kind a program or shared library has, by name: `fma packed`, `mul scalar`, ... Functions of hindsight's are left out.
// x86-64 and AArch64. `problem` says why it cannot be read.
struct Arithmetic {
  std::map<std::string, std::uint64_t> counts;
  std::string problem;
};
Arithmetic arithmetic_of(const std::string& file);

}  // namespace hindsight::instrument
