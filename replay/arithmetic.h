// Whether a probe may have changed numbers around it: a compiler that may compute otherwise than the source says does so as it likes, and a probe
// changes what it likes. The answer is then no value of the recorded training for certain.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "replay/builder.h"

namespace hindsight::replay {

// The last option of a compiler's call that lets it reorder or round arithmetic otherwise than the source says, or that is not known not to: `-ffast-math`;
// empty: none. Pure. -ffp-contract is no such option: what was contracted shows in the machine code.
std::string loosening_option(const std::vector<std::string>& arguments);
// The same of a source text, which can ask for it for itself: `#pragma GCC optimize("fast-math")`. A comment may be taken for that. Pure.
std::string loosening_text(const std::string& text);

// How many instructions of each kind a program has: `fma packed`, `mul scalar`.
using ArithmeticCounts = std::map<std::string, std::uint64_t>;
// What differs between the recorded program and that with probes although they add nothing of the kind; empty: nothing. Only where a program has fused
// operations can code that was made otherwise give other numbers. Where a probe may have such an operation of its own, what it took away cannot be seen. Pure.
std::string changed_arithmetic(const ArithmeticCounts& recorded, const ArithmeticCounts& probed, bool may_fuse);
// May the code of this expression multiply and add? Functions of the user's that it calls are not looked at. Pure.
bool may_fuse(const std::string& expression);

// The same of two builds, by what hindsight-instrument reads in the program and in shared libraries. What cannot be read counts as changed.
Result<std::string> changed_arithmetic(const Workspace& workspace, const Build& recorded, const Build& probed, const std::string& program, bool may_fuse);

}  // namespace hindsight::replay
