#include "tools/output.h"

namespace hindsight::tools {
namespace {

constexpr char kRed[] = "\033[31m";
constexpr char kYellow[] = "\033[33m";
constexpr char kFaint[] = "\033[2m";
constexpr char kPlain[] = "\033[0m";

void put(std::FILE* file, std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); }

std::string coloured(bool on, const char* colour, std::string_view text) {
  return on ? colour + std::string(text) + kPlain : std::string(text);
}

}  // namespace

const char* meaning_of(ExitCode code) {
  switch (code) {
    case ExitCode::kDone: return "done";
    case ExitCode::kFailed: return "failed";
    case ExitCode::kUsage: return "wrong usage";
    case ExitCode::kBadAnswer: return "done, but the answer is bad";
    case ExitCode::kNotFound: return "not found";
    case ExitCode::kBusy: return "the store is in use or of a newer format";
    case ExitCode::kInterrupted: return "interrupted";
  }
  return "failed";
}

void Output::answer(std::string_view text) {
  if (!style_.json) put(answers_, text);
}

void Output::object(const json::Object& object) {
  if (style_.json) put(answers_, object.str() + "\n");
}

void Output::say(std::string_view label, const char* colour, std::string_view text) {
  // Answers first, so that the two streams are in order where they go to one place.
  std::fflush(answers_);
  put(talk_, coloured(style_.talk_colour, colour, label) + std::string(text) + "\n");
  std::fflush(talk_);
}

void Output::talk(std::string_view sentence) {
  if (!style_.quiet) say("hindsight: ", kFaint, sentence);
}

void Output::warn(std::string_view sentence) { say("hindsight: ", kYellow, sentence); }

int Output::fail(const Error& error, std::optional<ExitCode> code) {
  const int number = static_cast<int>(code.value_or(exit_code_of(error.kind())));
  say("hindsight: ", kRed, error.message());
  if (!error.hint().empty()) say("hint: ", kFaint, error.hint());
  json::Object object("error");
  object.signed_number("code", number).text("message", error.message()).text_or_null("hint", error.hint());
  this->object(object);
  return number;
}

int Output::done(json::Object summary, ExitCode code) {
  const int number = static_cast<int>(code);
  object(summary.signed_number("code", number));
  return number;
}

std::string Output::red(std::string_view text) const { return coloured(style_.colour, kRed, text); }
std::string Output::faint(std::string_view text) const { return coloured(style_.colour, kFaint, text); }

bool Output::all_written() { return std::fflush(answers_) == 0 && std::ferror(answers_) == 0; }

}  // namespace hindsight::tools
