// How much two statements say the same: what the alignment of two versions (align.h) goes by. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "instrument/outline.h"

namespace hindsight::instrument {

// ---- names and tokens ----

// A name without what only says where it is kept: `weights_`, `m_weights`, `Weights`.
std::string stem_of(const std::string& name);
// How much two names look as if they were given to the same thing, 0 to 1: `val` and `va`, `learning_rate` and `lr`, `val_loss` and `loss`.
double kinship(const std::string& one, const std::string& other);

bool is_word(std::string_view token);
bool is_number(std::string_view token);
bool is_access(std::string_view token);  // to a member
// How much a token says of what a statement does.
double weight_of(const OutlineToken& token);

// ---- one version ----

// The statements of an outline, and what stands around and beside them.
struct Side {
  explicit Side(const Outline& from);
  const OutlineStatement& statement(std::size_t i) const { return outline.statements[i]; }
  std::size_t size() const { return outline.statements.size(); }

  const Outline& outline;
  std::vector<std::vector<std::size_t>> children;            // of a statement
  std::vector<std::optional<std::size_t>> before, behind;  // its neighbours in what is around it
  std::vector<std::vector<std::size_t>> in;                  // of a function, those in others included
};

// Pieces of text with their weights, sorted by piece.
using Bag = std::vector<std::pair<int, double>>;
// Sørensen-Dice, by weight.
double likeness_of(const Bag& a, const Bag& b);

// What the statements of a version say, with the names that are known to mean the same thing taken for one.
struct Said {
  std::vector<Bag> words;     // with names
  std::vector<Bag> shape;     // with types in their place
  std::vector<Bag> all;       // words of a statement and of all in it
  std::vector<double> weight;
  std::vector<int> written;   // what it declares or assigns to; -1: nothing that has a name
  std::vector<bool> anew;     // it is given a value that does not depend on the one before
};

class Words {
 public:
  int number(const std::string& piece) { return numbers_.try_emplace(piece, static_cast<int>(numbers_.size())).first->second; }

 private:
  std::map<std::string, int> numbers_;
};

// The symbol that a statement declares, or assigns to.
struct Written {
  std::optional<std::size_t> symbol;
  bool anew = true;
};
Written written_by(const OutlineStatement& s);

// `name` says how a symbol is spelled here.
Said read_words(const Side& side, Words& words, const std::function<std::string(std::size_t symbol)>& name);

// What is left of a likeness between statements of two kinds, 0 to 1.
double likeness_of_kinds(Statement::Kind a, Statement::Kind b);

}  // namespace hindsight::instrument
