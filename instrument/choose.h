// Which loops of a program do the training: the choice for programs that do not say it themselves. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "instrument/model.h"

namespace hindsight::instrument {

// What the user says of it, in hindsight.toml or on the command line.
struct Wishes {
  std::vector<std::string> only;               // names of functions or loops, FILE:LINE; empty: the choice is free
  std::vector<std::string> never;              // likewise
  std::map<std::string, std::string> names;    // FILE:LINE -> the loop's name
};

// The main loops of the program that these functions make, and the loops in them that are worth a position and a state of their own.
//
// A main loop is reached from main() without another one around it, holds other loops (through calls, too), and trains: it steps an
// optimiser, or its label, its function or what it calls has a name as trainings have (one that asks or tells, as is_trainable() and get_gradient() do,
// is none). A project may build several programs, each with a main() of its own. If no loop has such a sign, it is the one
// with the most loops in one another that reads no files. Below it are chosen the loops that stand in its body, and those of
// functions that it calls by such a name; two levels, three where the first one repeats whole trainings (folds, trials).
//
// A wish names a loop by its FILE:LINE (the end of the path is enough), by its name, or by the function that it is in: as one of
// `only`, the function stands for its outermost loops; as one of `never`, for all of them.
std::vector<ChosenLoop> choose_loops(const std::vector<FunctionShape>& functions, const Wishes& wishes = {});

// Marks those of the loops that run while a thread goes on which another unit has started: their own unit cannot know (it knows of its own).
void mark_beside_threads(std::vector<ChosenLoop>& chosen, const std::vector<UnitReport>& units);

// A loop of the program, as wishes can name it.
struct KnownLoop {
  std::string file;
  unsigned line = 0;
  unsigned nth = 0;
  std::string name;
  std::string function;    // without its scope and parameters
  bool outermost = false;  // in its function
  friend auto operator<=>(const KnownLoop&, const KnownLoop&) = default;
};
// All of them, sorted, each once.
std::vector<KnownLoop> known_loops(const std::vector<FunctionShape>& functions, const Wishes& wishes = {});

// The wishes that name no loop, as they were written.
std::vector<std::string> unanswered(const std::vector<FunctionShape>& functions, const Wishes& wishes);

}  // namespace hindsight::instrument
