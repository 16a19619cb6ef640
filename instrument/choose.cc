#include "instrument/choose.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

namespace hindsight::instrument {
namespace {

constexpr std::array kTrainingLabels = {"epoch", "iter", "step", "episode", "generation", "round", "sweep", "pass", "batch", "phase"};
constexpr std::array kRepeatingLabels = {"fold", "trial", "run", "restart", "seed", "round", "phase", "experiment", "stage", "task"};
constexpr std::array kTrainingWords = {"train", "fit", "learn", "backprop", "backward", "optimi", "sgd", "adam", "descent", "epoch", "evolve", "gradient"};
// Of functions whose own loop is the training: one for a gradient is a part of a step.
constexpr std::array kWholeTrainingWords = {"train", "fit", "learn", "optimi", "sgd", "adam", "descent", "epoch", "evolve"};
constexpr std::array kUpdateWords = {"update", "step", "assign", "mutate", "feed", "propagate", "grad"};
constexpr std::array kOtherWords = {"load", "read", "parse", "print", "save", "write", "test", "eval", "predict", "init", "generate", "make", "usage", "check", "verify",
                                   "accura", "score", "create", "shuffle", "split", "build", "fill", "valid", "measure", "infer", "classif", "dump", "show", "reset", "zero", "clear"};

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}
template <class Words>
bool mentions(const std::string& name, const Words& words) {
  const std::string text = lower(name);
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text.find(word) != std::string::npos; });
}
// `Net::train_step(Data&)` -> `train_step`.
std::string last_name(const std::string& function) {
  std::string name = function.substr(0, function.find('('));
  if (const std::size_t at = name.rfind("::"); at != std::string::npos && name.find("lambda@") == std::string::npos) name = name.substr(at + 2);
  return name;
}
// `is_trainable`, `get_gradient`, `hasFit`, `trained_on`: they ask or tell, and train nothing.
bool is_question(const std::string& name) {
  for (const std::string_view word : {"is", "has", "get", "set", "can"}) {
    if (name.size() > word.size() && name.starts_with(word) && !std::islower(static_cast<unsigned char>(name[word.size()]))) return true;
  }
  return mentions(name, std::array{"trainable", "trained"});
}
// `src/main.cc:41`, or the end of it from a '/' on.
bool is_place(const LoopShape& loop, const std::string& name) {
  const std::string place = loop.file + ":" + std::to_string(loop.line);
  return name == place || (!name.empty() && place.ends_with("/" + name));
}

class Choice {
 public:
  Choice(const std::vector<FunctionShape>& functions, const Wishes& wishes) : wishes_(wishes) {
    for (const FunctionShape& f : functions) {
      // A project may build several programs, each with a main() of its own.
      const auto is_same = [&](const auto& each) { return each.second->is_main && *each.second == f; };
      if (f.is_main && std::any_of(functions_.begin(), functions_.end(), is_same)) continue;
      // Instantiations and units that share a header: the one that says more.
      const FunctionShape*& known = functions_[f.is_main ? f.name + "#" + std::to_string(functions_.size()) : f.name];
      if (!known || known->loops.size() + known->calls.size() < f.loops.size() + f.calls.size()) known = &f;
    }
  }

  std::vector<ChosenLoop> run() {
    std::vector<Found> top;
    std::set<std::string> seen;
    for (const auto& [name, f] : functions_) {
      if (!f->is_main) continue;
      seen.erase(f->name);  // of another program
      reach(*f, seen, top);
    }
    wished();
    if (!out_.empty() || !wishes_.only.empty()) return sorted();
    int best = 0;
    std::vector<std::pair<const Found*, std::string>> training;
    for (const Found& each : top) {
      if (is_any(each, wishes_.never)) continue;
      const std::string sign = sign_of(each);
      if (!sign.empty()) training.emplace_back(&each, sign);
      if (sign.empty() && may_be_it(each)) best = std::max(best, height(*each.function, each.index));
    }
    for (const auto& [each, sign] : training) take(*each, 0, sign, repeats(*each) ? 2 : 1);
    if (!training.empty() || best < 1) return sorted();
    for (const Found& each : top) {
      if (is_any(each, wishes_.never) || !may_be_it(each) || height(*each.function, each.index) != best) continue;
      take(each, 0, "it has the most loops in one another", 1);
      break;
    }
    return sorted();
  }

  std::vector<KnownLoop> known() const {
    std::set<KnownLoop> all;
    for_all([&](const Found& each) {
      const LoopShape& loop = each.loop();
      all.insert({loop.file, loop.line, loop.nth, name_of(loop, *each.function), last_name(each.function->name), loop.parent < 0});
    });
    return {all.begin(), all.end()};
  }
  std::vector<std::string> unanswered() const {
    std::vector<std::string> out;
    const auto check = [&](const std::string& wish, const auto& answers) {
      bool found = false;
      for_all([&](const Found& each) { found = found || answers(each); });
      if (!found && std::find(out.begin(), out.end(), wish) == out.end()) out.push_back(wish);
    };
    for (const std::string& wish : wishes_.only) check(wish, [&](const Found& each) { return is_any(each, {wish}); });
    for (const std::string& wish : wishes_.never) check(wish, [&](const Found& each) { return is_any(each, {wish}); });
    for (const auto& [at, name] : wishes_.names) check(at, [&](const Found& each) { return is_place(each.loop(), at); });
    return out;
  }

 private:
  struct Found {
    const FunctionShape* function;
    std::size_t index;
    const LoopShape& loop() const { return function->loops[index]; }
  };

  const FunctionShape* find(const std::string& name) const {
    const auto at = functions_.find(name);
    return at == functions_.end() ? nullptr : at->second;
  }

  // The outermost loops of what runs outside of loops.
  void reach(const FunctionShape& f, std::set<std::string>& seen, std::vector<Found>& out) const {
    if (!seen.insert(f.name).second) return;
    for (std::size_t i = 0; i < f.loops.size(); ++i) {
      if (f.loops[i].parent < 0) out.push_back({&f, i});
    }
    for (const std::string& callee : f.calls) {
      if (const FunctionShape* g = find(callee)) reach(*g, seen, out);
    }
  }

  // How many loops run in one another, at most.
  int height(const FunctionShape& f, std::size_t index) const {
    int inner = f.loops[index].works ? 1 : 0;
    for (std::size_t i = 0; i < f.loops.size(); ++i) {
      if (f.loops[i].parent == static_cast<int>(index)) inner = std::max(inner, height(f, i));
    }
    for (const std::string& callee : f.loops[index].calls) inner = std::max(inner, height_of(callee));
    return inner + 1;
  }
  int height_of(const std::string& name) const {
    const auto [at, fresh] = heights_.try_emplace(name, 0);
    if (!fresh) return at->second;  // also where it calls itself
    const FunctionShape* f = find(name);
    int out = 0;
    if (f) {
      for (std::size_t i = 0; i < f->loops.size(); ++i) out = std::max(out, height(*f, i));
      for (const std::string& callee : f->calls) out = std::max(out, height_of(callee));
    } else {
      out = 1;  // of another unit
    }
    heights_[name] = out;
    return out;
  }

  // Asks `is` of a loop, those in it, and those of the functions that it calls.
  template <class Is>
  bool any_below(const FunctionShape& f, std::size_t index, const Is& is, std::set<std::string>& seen) const {
    const LoopShape& loop = f.loops[index];
    if (is(loop)) return true;
    for (std::size_t i = 0; i < f.loops.size(); ++i) {
      if (f.loops[i].parent == static_cast<int>(index) && any_below(f, i, is, seen)) return true;
    }
    return std::any_of(loop.calls.begin(), loop.calls.end(), [&](const std::string& callee) {
      const FunctionShape* g = find(callee);
      return g && any_in(*g, is, seen);
    });
  }
  template <class Is>
  bool any_in(const FunctionShape& f, const Is& is, std::set<std::string>& seen) const {
    if (!seen.insert(f.name).second) return false;
    LoopShape outside;  // what runs outside of its loops, as if that were one
    outside.calls = f.calls;
    if (is(outside)) return true;
    for (std::size_t i = 0; i < f.loops.size(); ++i) {
      if (f.loops[i].parent < 0 && any_below(f, i, is, seen)) return true;
    }
    return std::any_of(f.calls.begin(), f.calls.end(), [&](const std::string& callee) {
      const FunctionShape* g = find(callee);
      return g && any_in(*g, is, seen);
    });
  }
  template <class Is>
  bool any_below(const FunctionShape& f, std::size_t index, const Is& is) const {
    std::set<std::string> seen;
    return any_below(f, index, is, seen);
  }
  bool subtree_reads(const FunctionShape& f, std::size_t index) const {
    return any_below(f, index, [](const LoopShape& l) { return l.reads_files; });
  }

  // A loop without a sign: one that puts something out each time, or that holds others.
  bool may_be_it(const Found& found) const {
    const bool shows = any_below(*found.function, found.index, [](const LoopShape& l) { return l.prints; });
    return (shows || height(*found.function, found.index) >= 2) && !subtree_reads(*found.function, found.index);
  }

  // Why a loop seems to train; empty: it does not.
  std::string sign_of(const Found& found) const {
    const LoopShape& loop = found.loop();
    const FunctionShape& f = *found.function;
    if (!loop.given.empty()) return "its comment names it";
    if (any_below(f, found.index, [](const LoopShape& l) { return l.trains; })) return "it steps an optimiser or computes gradients";
    const int depth = height(f, found.index);
    const bool label = mentions(loop.label, kTrainingLabels) || mentions(loop.label, kRepeatingLabels);
    const bool beside_by_name = mentions(last_name(f.name), kOtherWords) && !mentions(last_name(f.name), std::array{"train", "fit"});
    if (mentions(loop.label, std::array{"epoch"}) || (label && !beside_by_name && (depth >= 2 || !loop.calls.empty()))) return "it counts '" + loop.label + "'";
    const auto calls_like = [&](const auto& words) {
      std::string hit;
      any_below(f, found.index, [&](const LoopShape& l) {
        for (const std::string& callee : l.calls) {
          if (hit.empty() && mentions(last_name(callee), words) && !mentions(last_name(callee), kOtherWords) && !is_question(last_name(callee))) hit = last_name(callee);
        }
        return !hit.empty();
      });
      return hit;
    };
    const std::string name = last_name(f.name);
    // A loop around calls alone; what is called stands for work that is not seen as loops.
    if (depth >= 2 || !loop.calls.empty()) {
      if (const std::string hit = calls_like(kTrainingWords); !hit.empty()) return "it calls " + hit + "()";
      if (mentions(name, kWholeTrainingWords) && !mentions(name, kOtherWords) && !is_question(name)) return "it is the loop of " + name + "()";
      const bool beside = mentions(name, kOtherWords) || subtree_reads(f, found.index);
      if (const std::string hit = calls_like(kUpdateWords); !hit.empty() && !beside) return "it calls " + hit + "()";
    }
    return {};
  }

  bool repeats(const Found& found) const {
    return mentions(found.loop().label, kRepeatingLabels) || mentions(found.loop().given, kRepeatingLabels);
  }

  void take(const Found& found, unsigned level, const std::string& why, unsigned deepest) {
    const LoopShape& loop = found.loop();
    if (!taken_.insert(&loop).second) return;
    if (loop.is_known) return;
    ChosenLoop chosen{loop.file, loop.line, loop.nth, name_of(loop, *found.function), level, why, loop.refused};
    out_.push_back(chosen);
    if (level >= deepest) return;
    const FunctionShape& f = *found.function;
    for (std::size_t i = 0; i < f.loops.size(); ++i) {
      if (f.loops[i].parent != static_cast<int>(found.index) || is_any({&f, i}, wishes_.never)) continue;
      const bool worth = height(f, i) >= 2 || f.loops[i].trains || f.loops[i].works || !f.loops[i].given.empty();
      if (worth) take({&f, i}, level + 1, "it stands in the loop '" + chosen.name + "'", deepest);
    }
    for (const std::string& callee : loop.calls) called(callee, chosen.name, level, deepest, 0);
  }

  // The loops of a function that a chosen loop calls, if its name says that it trains; or of what only hands on to such a one.
  void called(const std::string& name, const std::string& from, unsigned level, unsigned deepest, int depth) {
    const FunctionShape* f = find(name);
    if (!f || depth > 3) return;
    const bool optimises = std::any_of(f->loops.begin(), f->loops.end(), [](const LoopShape& l) { return l.trains || !l.given.empty(); });
    const bool whole = mentions(last_name(name), std::array{"train", "fit", "epoch", "learn", "run"}) && !mentions(last_name(name), std::array{"step", "forward", "backward"});
    for (std::size_t i = 0; i < f->loops.size(); ++i) {
      if (f->loops[i].parent >= 0 || is_any({f, i}, wishes_.never)) continue;
      if ((whole || optimises) && (height(*f, i) >= 2 || f->loops[i].trains)) take({f, i}, level + 1, "the loop '" + from + "' calls " + last_name(name) + "()", deepest);
    }
    if (!whole) return;
    for (const std::string& callee : f->calls) called(callee, from, level, deepest, depth + 1);
  }

  // ---- the user's word ----

  bool is_it(const Found& found, const std::string& name) const {
    return is_place(found.loop(), name) || name == name_of(found.loop(), *found.function);
  }
  static bool is_function(const Found& found, const std::string& name) { return name == last_name(found.function->name); }
  bool is_any(const Found& found, const std::vector<std::string>& names) const {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return is_it(found, name) || is_function(found, name); });
  }
  bool is_wished(const Found& found) const {
    return std::any_of(wishes_.only.begin(), wishes_.only.end(), [&](const std::string& name) {
      return is_it(found, name) || (found.loop().parent < 0 && is_function(found, name));
    });
  }
  bool contains(const Found& outer, const Found& inner) const {
    return &outer.loop() != &inner.loop() && any_below(*outer.function, outer.index, [&](const LoopShape& l) { return &l == &inner.loop(); });
  }
  template <class Use>
  void for_all(const Use& use) const {
    for (const auto& [name, f] : functions_) {
      for (std::size_t i = 0; i < f->loops.size(); ++i) use(Found{f, i});
    }
  }
  void wished() {
    std::vector<Found> hits;
    for_all([&](const Found& each) {
      if (is_wished(each) && !is_any(each, wishes_.never)) hits.push_back(each);
    });
    for (const Found& each : hits) {
      const auto around = std::count_if(hits.begin(), hits.end(), [&](const Found& other) { return contains(other, each) && !contains(each, other); });
      const auto level = static_cast<unsigned>(around);
      take(each, level, "it was asked for", level);
    }
  }

  std::string name_of(const LoopShape& loop, const FunctionShape& f) const {
    for (const auto& [at, name] : wishes_.names) {
      if (is_place(loop, at)) return name;
    }
    if (!loop.given.empty()) return loop.given;
    if (!loop.label.empty()) return loop.label;
    const std::string name = last_name(f.name);
    return name.find("lambda@") == std::string::npos ? name : "loop";
  }

  std::vector<ChosenLoop> sorted() {
    std::sort(out_.begin(), out_.end());
    return std::move(out_);
  }

  const Wishes& wishes_;
  std::map<std::string, const FunctionShape*> functions_;
  mutable std::map<std::string, int> heights_;
  std::set<const LoopShape*> taken_;
  std::vector<ChosenLoop> out_;
};

}  // namespace

std::vector<ChosenLoop> choose_loops(const std::vector<FunctionShape>& functions, const Wishes& wishes) { return Choice(functions, wishes).run(); }
std::vector<KnownLoop> known_loops(const std::vector<FunctionShape>& functions, const Wishes& wishes) { return Choice(functions, wishes).known(); }
std::vector<std::string> unanswered(const std::vector<FunctionShape>& functions, const Wishes& wishes) { return Choice(functions, wishes).unanswered(); }

void mark_beside_threads(std::vector<ChosenLoop>& chosen, const std::vector<UnitReport>& units) {
  std::set<std::string> beside, known;
  for (const UnitReport& unit : units) {
    for (const FunctionReport& f : unit.functions) {
      if (f.beside_thread) (f.defined ? known : beside).insert(f.name);
    }
  }
  beside.insert(known.begin(), known.end());
  for (bool grown = true; grown;) {
    grown = false;
    for (const UnitReport& unit : units) {
      for (const FunctionReport& f : unit.functions) {
        if (!beside.count(f.name)) continue;
        for (const std::string& callee : f.calls) grown = beside.insert(callee).second || grown;
      }
    }
  }
  for (const UnitReport& unit : units) {
    for (const FunctionShape& f : unit.shapes) {
      if (!beside.count(f.name) || known.count(f.name)) continue;
      for (const LoopShape& loop : f.loops) {
        for (ChosenLoop& each : chosen) {
          if (each.file == loop.file && each.line == loop.line && each.nth == loop.nth) each.beside_thread = true;
        }
      }
    }
  }
}

}  // namespace hindsight::instrument
