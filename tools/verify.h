// What `hindsight verify` and `record --verify` share.
#pragma once

#include <string>

#include "replay/plan.h"
#include "store/types.h"
#include "tools/json.h"
#include "tools/output.h"
#include "tools/workplace.h"

namespace hindsight::tools {

struct Verdict {
  bool equal = false;   // entered, compared, and no difference
  std::string text;     // one line
  json::Object json{"verification"};
};
// Enters one iteration of the run (`where`; empty: one that is drawn) and compares. An error: nothing can be replayed here.
Result<Verdict> verify_run(Output& out, Workplace& place, store::RunId run, const replay::Where& where, bool unsafe_no_sandbox);

}  // namespace hindsight::tools
