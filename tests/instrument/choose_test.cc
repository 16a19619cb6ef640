// Which loops are chosen, of programs that are written down as shapes.
#include "instrument/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A small language for shapes: loops of one function stand in src/main.cc, one every ten lines of it.
LoopShape loop(std::string label, int parent = -1, std::vector<std::string> calls = {}) {
  LoopShape out;
  out.file = "src/main.cc";
  out.parent = parent;
  out.label = std::move(label);
  out.calls = std::move(calls);
  return out;
}
LoopShape training(LoopShape of) { return of.trains = true, of; }
LoopShape working(LoopShape of) { return of.works = true, of; }
LoopShape reading(LoopShape of) { return of.reads_files = true, of; }
LoopShape printing(LoopShape of) { return of.prints = true, of; }
LoopShape given(LoopShape of, std::string name) { return of.given = std::move(name), of; }
LoopShape refused(LoopShape of, std::string why) { return of.refused = std::move(why), of; }

struct Program {
  std::vector<FunctionShape> functions;
  unsigned line = 0;

  Program& add(std::string name, std::vector<LoopShape> loops, std::vector<std::string> calls = {}) {
    for (LoopShape& each : loops) each.line = line += 10;
    const bool is_main = name == "main()";
    functions.push_back({.name = std::move(name), .is_main = is_main, .calls = std::move(calls), .loops = std::move(loops)});
    return *this;
  }
};

// `epoch@10 batch+1@20 (refused)`: name, depth where it is not 0, line.
std::vector<std::string> chosen(const Program& program, const Wishes& wishes = {}) {
  std::vector<std::string> out;
  for (const ChosenLoop& each : choose_loops(program.functions, wishes)) {
    EXPECT_FALSE(each.why.empty());
    out.push_back(each.name + (each.level > 0 ? "+" + std::to_string(each.level) : "") + "@" + std::to_string(each.line) +
                  (each.refused.empty() ? "" : " (refused)"));
  }
  return out;
}

TEST(Choose, TheLoopsThatTrainAreChosenInManyShapesOfPrograms) {
  struct Case {
    const char* what;
    Program program;
    std::vector<std::string> loops;
  };
  const std::vector<Case> cases = {
      {"nothing at all", {}, {}},
      {"a program without loops", Program().add("main()", {}), {}},
      {"one loop over epochs", Program().add("main()", {loop("epoch")}), {"epoch@10"}},
      {"epochs and batches", Program().add("main()", {loop("epoch"), training(loop("i", 0))}), {"epoch@10", "i+1@20"}},
      {"a light inner loop has no position", Program().add("main()", {training(loop("epoch")), loop("k", 0)}), {"epoch@10"}},
      {"train() called by main()", Program().add("main()", {}, {"Net::train(int)"}).add("Net::train(int)", {loop("e"), training(loop("b", 0))}), {"e@10", "b+1@20"}},
      {"epochs in main(), steps in a function", Program().add("main()", {loop("epoch", -1, {"train_epoch(Net&)"})}).add("train_epoch(Net&)", {training(loop("b"))}), {"epoch@10", "b+1@20"}},
      {"two phases", Program().add("main()", {loop("epoch"), training(loop("i", 0)), loop("epoch"), training(loop("i", 2))}), {"epoch@10", "i+1@20", "epoch@30", "i+1@40"}},
      {"folds, epochs, batches", Program().add("main()", {loop("fold"), loop("epoch", 0), training(loop("b", 1))}), {"fold@10", "epoch+1@20", "b+2@30"}},
      {"a fourth level is not chosen", Program().add("main()", {loop("fold"), loop("epoch", 0), loop("b", 1), training(loop("k", 2))}), {"fold@10", "epoch+1@20", "b+2@30"}},
      {"data is loaded first", Program().add("main()", {reading(loop("row")), loop("epoch"), training(loop("i", 1))}, {"load_data()"}).add("load_data()", {reading(loop("line")), loop("col", 0)}),
       {"epoch@20", "i+1@30"}},
      {"a comment names the loop", Program().add("main()", {given(loop("t"), "sweep")}), {"sweep@10"}},
      {"without a sign the deepest", Program().add("main()", {loop("a"), loop("p"), loop("q", 1), loop("r", 2)}), {"p@20", "q+1@30"}},
      {"without a sign one that prints", Program().add("main()", {loop("a"), printing(loop("b"))}), {"b@20"}},
      {"neither a sign nor a reason", Program().add("main()", {loop("a")}), {}},
      {"without a sign none that reads files", Program().add("main()", {reading(loop("p")), loop("q", 0)}), {}},
      {"a loop nobody counts is called as its function", Program().add("main()", {}, {"fit()"}).add("fit()", {training(loop(""))}), {"fit@10"}},
      {"one that cannot be rewritten is named", Program().add("main()", {refused(loop("epoch"), "goto"), training(loop("i", 0))}), {"epoch@10 (refused)", "i+1@20"}},
      {"a function that calls itself", Program().add("main()", {loop("epoch", -1, {"walk(int)"})}).add("walk(int)", {working(loop("k", -1, {"walk(int)"}))}, {"walk(int)"}), {"epoch@10"}},
      {"functions that call one another", Program().add("main()", {}, {"a()"}).add("a()", {}, {"b()"}).add("b()", {training(loop("step"))}, {"a()"}), {"step@10"}},
      {"asking for a gradient is no training", Program().add("main()", {loop("i", -1, {"Layer::is_trainable_weight()"}), loop("k", -1, {"get_gradient(int)"}), loop("t"), training(loop("b", 2))}), {"t@30", "b+1@40"}},
      {"a gradient is a part of a step", Program().add("main()", {loop("t", -1, {"solve()"})}, {"reconstruct_gradient()"}).add("reconstruct_gradient()", {loop("i"), loop("j", 0)}).add("solve()", {training(loop("iter"))}), {"t@10", "iter+1@40"}},
      {"a descent is a training", Program().add("main()", {}, {"gradient_descent()"}).add("gradient_descent()", {loop("i"), loop("j", 0)}), {"i@10"}},
      {"several programs", Program().add("main()", {loop("row"), working(loop("col", 0)), loop("k", 1)}).add("main()", {}, {"fit()"}).add("fit()", {loop("epoch"), training(loop("i", 0))}), {"epoch@40", "i+1@50"}},
      {"what main() does not reach", Program().add("main()", {}).add("old_train()", {training(loop("epoch"))}), {}},
  };
  for (const Case& each : cases) EXPECT_EQ(chosen(each.program), each.loops) << each.what;
}

Program whole() {
  return Program()
      .add("main()", {loop("epoch", -1, {"Net::train(int)", "evaluate(const Net&)"}), working(loop("i", 0))})
      .add("Net::train(int)", {training(loop("batch")), loop("k", 0)})
      .add("evaluate(const Net&)", {working(loop("row"))});
}

TEST(Choose, TheUsersWordIsKept) {
  struct Case {
    const char* what;
    Wishes wishes;
    std::vector<std::string> loops;
  };
  const std::vector<Case> cases = {
      {"none", {}, {"epoch@10", "i+1@20", "batch+1@30"}},
      {"only a name", {.only = {"epoch"}, .never = {}, .names = {}}, {"epoch@10"}},
      {"only a place", {.only = {"src/main.cc:50"}, .never = {}, .names = {}}, {"row@50"}},
      {"the end of a path", {.only = {"main.cc:50"}, .never = {}, .names = {}}, {"row@50"}},
      {"not the end of a name", {.only = {"n.cc:50"}, .never = {}, .names = {}}, {}},
      {"only a function: its outermost loops", {.only = {"train"}, .never = {}, .names = {}}, {"batch@30"}},
      {"two, one in the other", {.only = {"epoch", "i"}, .never = {}, .names = {}}, {"epoch@10", "i+1@20"}},
      {"one in the other through a call", {.only = {"epoch", "batch", "k"}, .never = {}, .names = {}}, {"epoch@10", "batch+1@30", "k+2@40"}},
      {"never a name", {.only = {}, .never = {"i"}, .names = {}}, {"epoch@10", "batch+1@30"}},
      {"never a function", {.only = {}, .never = {"train"}, .names = {}}, {"epoch@10", "i+1@20"}},
      {"never wins", {.only = {"epoch", "i"}, .never = {"main.cc:20"}, .names = {}}, {"epoch@10"}},
      {"a name for a place", {.only = {}, .never = {}, .names = {{"src/main.cc:20", "step"}}}, {"epoch@10", "step+1@20", "batch+1@30"}},
      {"a wish by its new name", {.only = {"step"}, .never = {}, .names = {{"src/main.cc:20", "step"}}}, {"step@20"}},
  };
  for (const Case& each : cases) EXPECT_EQ(chosen(whole(), each.wishes), each.loops) << each.what;
}

TEST(Choose, AWishThatNamesNoLoopIsToldAndThoseThatAreThereAreListed) {
  const Program program = whole();
  const Wishes wishes{.only = {"epcoh", "train"}, .never = {"evaluate", "src/main.cc:51"}, .names = {{"src/main.cc:1", "a"}, {"src/main.cc:10", "b"}}};
  EXPECT_THAT(unanswered(program.functions, wishes), ElementsAre("epcoh", "src/main.cc:51", "src/main.cc:1"));
  EXPECT_THAT(unanswered(program.functions, {}), IsEmpty());
  std::vector<std::string> known;
  for (const KnownLoop& each : known_loops(program.functions)) known.push_back(each.function + ": " + each.name + (each.outermost ? "" : " (inner)"));
  EXPECT_THAT(known, ElementsAre("main: epoch", "main: i (inner)", "train: batch", "train: k (inner)", "evaluate: row"));
}

TEST(Choose, AHeaderThatTwoUnitsIncludeIsOneLoop) {
  Program program = Program().add("main()", {}, {"fit()"}).add("fit()", {training(loop("epoch"))});
  program.functions.push_back(program.functions.back());
  EXPECT_THAT(chosen(program), ElementsAre("epoch@10"));
  EXPECT_EQ(known_loops(program.functions).size(), 1u);
}

TEST(Wishes, AreReadFromTheirFileOrRefused) {
  const std::optional<Wishes> read = parse_wishes(R"({"only": ["a"], "never": ["b", "c.cc:3"], "names": {"c.cc:4": "d"}})");
  ASSERT_TRUE(read);
  EXPECT_THAT(read->only, ElementsAre("a"));
  EXPECT_THAT(read->never, ElementsAre("b", "c.cc:3"));
  EXPECT_EQ(read->names, (std::map<std::string, std::string>{{"c.cc:4", "d"}}));
  for (const char* bad : {"", "[]", "{}", R"({"only": [], "never": []})", R"({"only": [1], "never": [], "names": {}})", R"({"only": [], "never": "b", "names": {}})",
                          R"({"only": [], "never": [], "names": {"c.cc:4": 1}})", R"({"only": ["a")"}) {
    EXPECT_FALSE(parse_wishes(bad)) << bad;
  }
}

TEST(Wishes, WhatIsChosenIsReadBackFromTheChoiceFile) {
  const Program program = whole();
  const Choosing choosing{choose_loops(program.functions), known_loops(program.functions), {"x"}};
  EXPECT_EQ(parse_choice(to_json(choosing)), choosing.chosen);
}

TEST(Choose, LoopsBesideAThreadOfAnotherUnitAreMarked) {
  const auto unit = [](std::vector<FunctionReport> functions, std::vector<FunctionShape> shapes) {
    UnitReport out;
    out.functions = std::move(functions);
    out.shapes = std::move(shapes);
    return out;
  };
  const auto function = [](const char* name, std::vector<std::string> calls, bool defined, bool beside) {
    FunctionReport out;
    out.name = name;
    out.calls = std::move(calls);
    out.defined = defined;
    out.beside_thread = beside;
    return out;
  };
  LoopShape loop;
  loop.file = "train.cc";
  loop.line = 3;
  FunctionShape shape;
  shape.name = "train()";
  shape.loops = {loop};
  for (const bool beside : {false, true}) {
    for (const bool own : {false, true}) {
      std::vector<ChosenLoop> chosen = {{.file = "train.cc", .line = 3, .nth = 0, .name = "epoch", .level = 0, .why = ""}, {.file = "train.cc", .line = 9, .nth = 0, .name = "other", .level = 0, .why = ""}};
      mark_beside_threads(chosen, {unit({function("run()", {}, false, beside)}, {}), unit({function("run()", {"train()"}, true, false), function("train()", {}, true, own)}, {shape})});
      EXPECT_EQ(chosen[0].beside_thread, beside && !own) << beside << own;
      EXPECT_FALSE(chosen[1].beside_thread);
    }
  }
}

}  // namespace
}  // namespace hindsight::instrument
