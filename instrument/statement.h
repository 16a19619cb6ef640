// The statements of a unit's user code, as values: what probes are matched against and inserted beside.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hindsight::instrument {

struct Statement {
  enum class Kind { kExpression, kDeclaration, kLoop, kChoice, kReturn, kLeave, kOther };
  enum class Place {
    kBlock,     // directly in braces, or behind labels that are
    kUnbraced,  // the whole body of an if, else or loop, without braces
    kLabelled,  // behind a label or `case` that is itself an unbraced body
    kHead       // in the head of a for, if or switch
  };
  std::string file;           // relative to the project where inside it
  std::size_t begin = 0;      // byte offsets in that file; `end` is behind the `;` or `}`
  std::size_t end = 0;
  unsigned line = 0;
  std::string text;                  // on one line
  std::vector<std::string> tokens;   // without a final `;`
  std::string function;              // as in the reports; a lambda is a function of its own
  std::string named_function;        // qualified name of the function with a name that it lies in
  std::vector<std::string> nest;     // names of the hindsight loops around it in `function`
  std::vector<std::string> heads;    // heads of all loops around it in the named function, outermost first, normalised
  Kind kind = Kind::kOther;
  Place place = Place::kBlock;
  std::optional<std::size_t> around;  // the statement that it is a part of, an index into the unit's; of a lambda's, the one that holds the lambda
  std::size_t block = 0;             // statements of one block share it
  std::size_t index = 0;             // within the block
  bool leaves = false;               // return, break, continue, goto, throw: nothing is reached after it
  std::string refusal;               // why nothing can be put beside it; empty: it can
  std::vector<std::string> expanded = {};  // `tokens` with macros expanded, where there are any
  std::vector<std::string> counts = {};    // of a loop: the variables that its head declares
  bool passes_end = false;                 // of a loop: `continue` or `goto` may pass the end of its body by
  // Set for a whole `hindsight::log("name", expression);` and for HINDSIGHT_LOG.
  bool is_log = false;
  std::string log_name;              // empty: not a literal
  std::string log_expression;
};

// A call that records under a name that is known from the source.
struct RecordedName {
  std::string name;
  std::string file;
  unsigned line = 0;
};

}  // namespace hindsight::instrument
