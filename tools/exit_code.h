// The exit codes of every hindsight command; only ever added to. A code you do not know is a failure.
#pragma once

#include "store/base/result.h"

namespace hindsight::tools {

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kBadAnswer = 3,    // done, but the answer is bad: diverged, damaged, values missing
  kNotFound = 4,
  kBusy = 5,         // the store is in use or of a newer format
  kInterrupted = 130
};

// The code for an error of the kind; where a command knows better (a build that failed is no wrong usage), it says so.
constexpr ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound: return ExitCode::kNotFound;
    case ErrorKind::kCorrupt: return ExitCode::kBadAnswer;
    case ErrorKind::kUnsupported: return ExitCode::kBusy;
    case ErrorKind::kInvalid: return ExitCode::kUsage;
    case ErrorKind::kIo: return ExitCode::kFailed;
    case ErrorKind::kBusy: return ExitCode::kBusy;
  }
  return ExitCode::kFailed;
}

// What a code means, for help texts: "done", "failed"...
const char* meaning_of(ExitCode code);

}  // namespace hindsight::tools
