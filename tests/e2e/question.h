// A statement that is asked for after the fact, and how it is written into the sources from the start.
#pragma once

#include <string>

#include "tests/e2e/scratch_project.h"

namespace hindsight::e2e {

struct Question {
  std::string label = {};       // of the test
  std::string name = {};
  std::string expression = {};
  bool before = false;     // before the statement instead of after it
  std::string statement = {};
  std::string function = {};    // --in; empty: not restricted
  std::string where = {};       // empty: everywhere
  std::size_t values = 0;  // how many there have to be
  std::string file = {};        // where the statement is
  std::string line = {};        // what only its line contains
};
inline void PrintTo(const Question& question, std::ostream* out) { *out << question.label; }

// Writes the statement into the sources of `project`.
inline void write_into(const ScratchProject& project, const Question& question) {
  project.insert_line(question.file, question.line, "hindsight::log(\"" + question.name + "\", " + question.expression + ");",
                      question.before);
}

// Asks for it: `hindsight log`, then `hindsight replay`.
inline Call add_probe(const ScratchProject& project, const Question& question) {
  Words words = {question.name + "=" + question.expression, question.before ? "--before" : "--after", question.statement};
  if (!question.function.empty()) words.insert(words.end(), {"--in", question.function});
  return project.hindsight("log", words);
}
inline Call ask(const ScratchProject& project, const Question& question, Words more = {}) {
  Words words = {question.name};
  if (!question.where.empty()) words.insert(words.end(), {"--where", question.where});
  words.insert(words.end(), more.begin(), more.end());
  return project.hindsight("replay", words);
}

}  // namespace hindsight::e2e
