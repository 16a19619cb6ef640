#include "replay/where.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace hindsight::replay {
namespace {

// clause ("and" clause)*;  clause: NAME "=" INT | NAME "in" INT ".." INT
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Where> read() {
    Where where;
    do {
      Result<Clause> clause = read_clause();
      if (!clause) return std::move(clause).error();
      where.push_back(*std::move(clause));
    } while (take_word("and"));
    skip_space();
    if (at_ != text_.size()) return mistake("'and' or the end");
    return where;
  }

 private:
  Result<Clause> read_clause() {
    Clause clause;
    clause.loop = take_name();
    if (clause.loop.empty()) return mistake("a loop's name");
    if (take("=")) {
      if (!take_number(clause.first)) return mistake("a whole number");
      clause.last = clause.first;
      return clause;
    }
    if (!take_word("in")) return mistake("'=' or 'in'");
    if (!take_number(clause.first)) return mistake("a whole number");
    if (!take("..")) return mistake("'..'");
    const std::size_t before = at_;
    if (!take_number(clause.last)) return mistake("a whole number");
    if (clause.last < clause.first) {
      at_ = before;
      return mistake("a number not below " + std::to_string(clause.first));
    }
    return clause;
  }

  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && !is_space(rest[word.size()]))) return false;
    at_ += word.size();
    return true;
  }
  std::string take_name() {
    skip_space();
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '=') ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  bool take_number(std::int64_t& number) {
    skip_space();
    const char* end = text_.data() + text_.size();
    const auto [rest, problem] = std::from_chars(text_.data() + at_, end, number);
    if (problem != std::errc() || (rest != end && !is_space(*rest) && *rest != '.')) return false;
    at_ = static_cast<std::size_t>(rest - text_.data());
    return true;
  }
  Error mistake(const std::string& expected) {
    skip_space();
    const std::string found = at_ == text_.size() ? "it ends" : "there is '" + std::string(text_.substr(at_)) + "'";
    return Error(ErrorKind::kInvalid,
                 "cannot read '" + std::string(text_) + "': expected " + expected + " at column " + std::to_string(at_ + 1) +
                     ", but " + found,
                 "the form is 'epoch=7', 'epoch in 3..5' or several of these joined by 'and'");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Where> parse_where(std::string_view text) { return Reader(text).read(); }

std::int64_t shown_label(const store::Level& level) {
  return level.label.value_or(static_cast<std::int64_t>(level.ordinal));
}

bool matches(const Where& where, const store::Position& position) {
  return std::all_of(where.begin(), where.end(), [&](const Clause& clause) {
    return std::any_of(position.begin(), position.end(), [&](const store::Level& level) {
      const std::int64_t label = shown_label(level);
      return level.loop == clause.loop && clause.first <= label && label <= clause.last;
    });
  });
}

}  // namespace hindsight::replay
