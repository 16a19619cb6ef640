// Where a command speaks: stdout is the answer, stderr is talk. With --json the answer is one object per line, the last
// one a summary or an error.
//
//   out.answer("r1  v1  finished\n");       // text mode
//   out.object(json::Object("run"));        // JSON mode
//   out.talk("2 values taken in");          // stderr, not with --quiet
//   return out.fail(error);                 // sentence and hint on stderr, error object, exit code
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/result.h"
#include "tools/exit_code.h"
#include "tools/json.h"

namespace hindsight::tools {

class Output {
 public:
  struct Style {
    bool json = false;
    bool quiet = false;    // no talk; warnings and errors remain
    bool verbose = false;
    bool colour = false;   // of stdout
    bool talk_colour = false;
    bool terminal = false; // stderr is one: progress may be drawn
  };
  // The streams are borrowed.
  Output(std::FILE* answers, std::FILE* talk, Style style) : answers_(answers), talk_(talk), style_(style) {}

  const Style& style() const { return style_; }
  bool json() const { return style_.json; }
  bool verbose() const { return style_.verbose; }

  // Text of the answer, as it is; nothing in JSON mode.
  void answer(std::string_view text);
  // One object of the answer; nothing in text mode.
  void object(const json::Object& object);
  // A sentence about what happens; not with --quiet.
  void talk(std::string_view sentence);
  // A sentence that must be seen.
  void warn(std::string_view sentence);
  // "hindsight: SENTENCE", "hint: ..." and the error object. Returns the exit code, which is `code` or follows from
  // the error's kind.
  int fail(const Error& error, std::optional<ExitCode> code = std::nullopt);
  // The last line of the answer in JSON mode: `summary` with "code" added. Returns the code as a number.
  int done(json::Object summary, ExitCode code = ExitCode::kDone);

  // Text in a colour of the terminal, where stdout has colours.
  std::string red(std::string_view text) const;
  std::string faint(std::string_view text) const;

  // False if something could not be written to stdout (a full disk, a closed pipe). Flushes.
  bool all_written();

 private:
  void say(std::string_view label, const char* colour, std::string_view text);

  std::FILE* answers_;
  std::FILE* talk_;
  Style style_;
};

}  // namespace hindsight::tools
