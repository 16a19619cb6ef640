#include "replay/reports.h"
#include "replay/gate.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hindsight::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const store::ProbeId kProbe = {{0x0123456789abcdef, 0xfedcba9876543210}};
store::Probe asked(std::string function = {}) {
  return {.id = kProbe, .name = "w", .expression = "w", .form = store::Probe::Form::kAfter, .statement = "step(w);", .function = std::move(function),
          .file = {}, .line = 0, .nest = {}, .previous = {}, .next = {}, .created_ns = 0};
}
constexpr char kId[] = "0123456789abcdeffedcba9876543210";

Reports parsed(std::string_view json) {
  Result<Reports> reports = parse_reports(json);
  if (!reports) {
    ADD_FAILURE() << reports.error().message();
    return {};
  }
  return *reports;
}

// A small language for reports.
Reports::Loop loop(std::string name, std::string function, std::vector<std::string> nest, std::vector<std::string> state,
                   std::vector<std::string> calls = {}) {
  return {.name = std::move(name), .file = "train.cc", .line = 10, .end_line = 20, .function = std::move(function), .nest = std::move(nest),
          .state = std::move(state), .missing = {}, .dead = {}, .dead_with_probes = std::nullopt, .calls = std::move(calls), .step = {}};
}
Reports::Function function(std::string name, std::vector<std::string> calls = {}, std::vector<std::string> writes = {}) {
  Reports::Function out{.name = std::move(name), .file = "train.cc", .line = 1, .tracked = true, .defined = true, .calls = std::move(calls), .writes_globals = {}, .modifies = {}, .actions = {}};
  for (std::string& global : writes) out.writes_globals.push_back({std::move(global), false, {}});
  return out;
}
Reports::Unit unit(std::string name, std::vector<Reports::Loop> loops, std::vector<Reports::Function> functions) {
  return {.name = std::move(name), .parsed = true, .problem = {}, .registered = {}, .loops = std::move(loops),
          .functions = std::move(functions), .probes = {}};
}
std::vector<std::string> missing(const Reports& reports, const std::string& name) {
  const Gate gate = make_gate(reports);
  std::vector<std::string> all;
  const std::optional<std::vector<Gate::Missing>> found = gate.missing({name});
  if (!found) return {"not there"};
  for (const Gate::Missing& each : *found) all.push_back(each.variable);
  return all;
}
Reports::Place place(std::string in, std::vector<std::string> nest) {
  return {.file = "train.cc", .line = 12, .column = 3, .function = std::move(in), .nest = std::move(nest), .excerpt = {}, .changes = {}, .calls = {}, .results_of = {}, .volatile_why = {}};
}

TEST(Reports, AreReadAsTheReadmeSpellsThem) {
  const Reports reports = parsed(R"json([{"unit": "src/train.cc", "cwd": "/p/build", "arguments": ["g++", "-c"], "output": "train.o",
    "parsed": true, "problem": "", "compiler": "/usr/bin/g++", "headers": ["net.h"], "registered": ["seed"],
    "loops": [{"name": "epoch", "file": "src/train.cc", "line": 41, "end_line": 70, "function": "main", "nest": ["fold"],
               "state": ["net", "opt"], "missing": [{"variable": "epoch_loss", "line": 50, "why": "assigned in the body"},
                                                 {"variable": "data", "line": 51, "why": "argument of f()", "if": [{"function": "f()", "parameter": -1, "by_signature": true, "members": ["rows"]}]}],
               "dead": ["batch", "line"], "dead_with_probes": ["line"], "calls": ["train_step(Net&)"], "calls_unknown": true, "reads_files": true, "writes_files": true, "step": {"number": 3, "loop": 2}}],
    "functions": [{"name": "train_step(Net&)", "file": "src/train.cc", "line": 10, "tracked": true, "defined": true, "calls": ["f()"],
                   "calls_unknown": false, "writes_globals": [{"variable": "counter", "line": 12}, {"variable": "(the environment)", "line": 13, "hidden": true}],
                   "modifies": [{"parameter": 0, "member": "rows", "if": []}], "actions": [{"call": "f()", "step": {"number": 1, "loop": 0}}, {"reads_files": true, "step": {"number": 2, "loop": 2}}],
                   "draws": true, "by_pointer": true, "overrides": ["Base::f()"], "takes": "getenv"}],
    "probes": [{"id": "0123456789abcdeffedcba9876543210", "placed": [{"file": "src/train.cc", "line": 50, "column": 5,
                "function": "main", "nest": ["epoch", "step"], "text": "{}", "excerpt": "x;", "beside": 1234, "after": true,
                "changes": [{"what": "x: assigned", "certain": true}, {"what": "y: handed on", "if": [{"function": "f()", "parameter": 0, "by_signature": false}]}],
                "calls": ["f()"], "results_of": ["g()"], "volatile": "std::time",
                "insertions": [{"offset": 20, "text": "#include"}]}],
                "refused": "", "candidates": []}]}])json");
  Reports expected;
  expected.units = {unit("src/train.cc", {}, {})};
  expected.units[0].registered = {"seed"};
  expected.units[0].headers = {"net.h"};
  expected.units[0].arguments = {"g++", "-c"};
  expected.units[0].loops = {{.name = "epoch", .file = "src/train.cc", .line = 41, .end_line = 70, .function = "main", .nest = {"fold"},
                              .state = {"net", "opt"}, .missing = {{"epoch_loss", "assigned in the body", {}}, {"data", "argument of f()", {false, {{"f()", -1, true, {"rows"}}}}}},
                              .dead = {"batch", "line"}, .dead_with_probes = {{"line"}}, .calls = {"train_step(Net&)"}, .calls_unknown = true, .reads_files = true, .writes_files = true, .step = {3, 2}}};
  expected.units[0].functions = {{.name = "train_step(Net&)", .file = "src/train.cc", .line = 10, .tracked = true, .defined = true, .calls = {"f()"},
                                  .calls_unknown = false, .writes_globals = {{"counter", false, {}}, {"(the environment)", true, {}}},
                                  .modifies = {{0, "rows", {false, {}}}}, .actions = {{"f()", false, false, {1, 0}}, {"", true, false, {2, 2}}}, .draws = true, .by_pointer = true, .overrides = {"Base::f()"}, .takes = "getenv"}};
  expected.units[0].probes = {{.id = kProbe, .placed = {{"src/train.cc", 50, 5, "main", {"epoch", "step"}, "x;", 1234, true,
                                           {{"x: assigned", {}, true}, {"y: handed on", {false, {{"f()", 0, false}}}}}, {"f()"}, {"g()"}, "std::time", false, {{20, "#include"}}}},
                               .refused = {}, .candidates = {}}};
  EXPECT_EQ(reports, expected);
}

TEST(Reports, OfBeforeItWasSaidWhatAPointerMayLeadToNameWhatIsNotTracked) {
  for (const bool tracked : {true, false}) {
    const Reports reports = parsed(std::string(R"j([{"unit": "a.cc", "parsed": true, "functions": [{"name": "f()", "file": "a.cc", "line": 1, "tracked": )j") + (tracked ? "true" : "false") + "}]}]");
    ASSERT_EQ(reports.units.size(), 1u);
    ASSERT_EQ(reports.units[0].functions.size(), 1u);
    EXPECT_EQ(reports.units[0].functions[0].by_pointer, !tracked);
  }
}

TEST(Reports, TheEmptyTextIsNoReports) { EXPECT_THAT(parsed("").units, IsEmpty()); }

TEST(Reports, WhatIsNotAReportIsInvalidAndNamesTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "not JSON"},
      {"{}", "not a list"},
      {"[1]", "'entry' should be an object"},
      {R"([{"unit": 1}])", "'unit' should be text"},
      {R"([{"unit": "a.cc", "parsed": 1}])", "a.cc: 'parsed' should be true or false"},
      {R"([{"unit": "a.cc", "loops": {}}])", "a.cc: 'loops' should be a list"},
      {R"([{"unit": "a.cc", "loops": [3]}])", "a.cc: 'entry' should be an object"},
      {R"([{"unit": "a.cc", "loops": [{"line": "3"}]}])", "a.cc: 'line' should be a number"},
      {R"([{"unit": "a.cc", "loops": [{"line": -3}]}])", "a.cc: 'line' should be a number"},
      {R"([{"unit": "a.cc", "functions": [{"calls": [1]}]}])", "a.cc: 'calls' should be a list of texts"},
      {R"([{"unit": "a.cc", "probes": [{"id": "xyz"}]}])", "a.cc: 'xyz' is no probe's id"},
  };
  for (const auto& [json, expected] : cases) {
    SCOPED_TRACE(json);
    const Result<Reports> reports = parse_reports(json);
    ASSERT_FALSE(reports.has_value());
    EXPECT_EQ(reports.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(reports.error().message(), HasSubstr(expected));
  }
}

// ---- the gate ----

TEST(Gate, HasEveryLoopWithWhatItMisses) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}), loop("step", "main()", {"epoch"}, {"net"})}, {})}};
  reports.units[0].loops[0].missing = {{"epoch_loss", "assigned in the body", {}}};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("epoch_loss"));
  EXPECT_THAT(missing(reports, "step"), IsEmpty());
  EXPECT_THAT(missing(reports, "other"), ElementsAre("not there"));
}

// What the recorded state leaves out because it was dead, and what of that the probes read.
TEST(Gate, WhatAProbeReadsBeforeItIsWrittenIsMissing) {
  Reports recorded;
  recorded.units = {unit("a.cc", {loop("epoch", "main()", {}, {"net"}), loop("step", "main()", {"epoch"}, {"w"})}, {}), unit("b.cc", {loop("other", "f()", {}, {"x"})}, {})};
  recorded.units[0].loops[0].dead = {"batch", "line"};
  recorded.units[0].loops[1].dead = {"row"};
  recorded.units[1].loops[0].dead = {"y"};
  struct Row {
    const char* what;
    std::vector<std::optional<std::vector<std::string>>> still;  // of epoch and step; fewer: the loop is not there
    std::vector<std::string> epoch, step;
  };
  using Names = std::vector<std::string>;
  const std::vector<Row> rows = {{"nothing is read", {Names{"batch", "line"}, Names{"row"}}, {}, {}},
                                 {"one is", {Names{"line"}, Names{"row"}}, {"batch"}, {}},
                                 {"all are", {Names{}, Names{}}, Names{"batch", "line"}, {"row"}},
                                 {"nobody knows", {std::nullopt, std::nullopt}, Names{"batch", "line"}, {"row"}},
                                 {"a loop is not found", {Names{"batch", "line"}}, {}, {"row"}}};
  for (const Row& row : rows) {
    std::vector<Reports::Unit> probed = {recorded.units[0]};
    probed[0].loops.resize(row.still.size());
    for (std::size_t i = 0; i < row.still.size(); ++i) probed[0].loops[i].dead_with_probes = row.still[i];
    for (Reports::Loop& each : probed[0].loops) each.dead.clear();  // what a newer analysis finds does not count
    Gate gate = make_gate(recorded);
    add_what_probes_read(recorded, probed, gate);
    const auto of = [&](const char* name) {
      std::vector<std::string> out;
      const std::optional<std::vector<Gate::Missing>> missing = gate.missing({name});
      for (const Gate::Missing& each : *missing) out.push_back(each.variable);
      return out;
    };
    EXPECT_EQ(of("epoch"), row.epoch) << row.what;
    EXPECT_EQ(of("step"), row.step) << row.what;
    EXPECT_EQ(of("other"), std::vector<std::string>()) << row.what << ": b.cc has no probe";
  }
}

TEST(Gate, WhatOneUnitCannotFollowIsMissingInAllLoops) {
  Reports reports{{unit("a.cc", {loop("epoch", "f()", {}, {"net"})}, {}), unit("b.cc", {}, {})}};
  reports.units[1].unfollowed = {{"step", "has another symbol", {}}};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("step"));
}

TEST(Gate, LoopsOfOneNameAreToldApartByTheirPlaces) {
  Reports reports{{unit("a.cc", {loop("iter", "f()", {}, {"net"}), loop("iter", "g()", {}, {"net"})}, {})}};
  reports.units[0].loops[0].line = 10;
  reports.units[0].loops[1].line = 20;
  reports.units[0].loops[1].missing = {{"total", "", {}}};
  const Gate gate = make_gate(reports);
  const std::string file = reports.units[0].loops[0].file;
  EXPECT_THAT(*gate.missing({"iter", file, 10}), IsEmpty());
  EXPECT_THAT(*gate.missing({"iter", file, 20}), SizeIs(1));
  // Of a place that the analysis has not seen, any of them may be meant.
  EXPECT_THAT(*gate.missing({"iter", file, 30}), SizeIs(1));
  EXPECT_THAT(*gate.missing({"iter", "other.cc", 10}), SizeIs(1));
  EXPECT_EQ(gate.missing({"other", file, 10}), std::nullopt);
}

TEST(Gate, LoopsOfOneNameAndPlaceMissWhatAnyOfThemDoes) {
  Reports reports{{unit("a.cc", {loop("step", "f()", {}, {"net"})}, {}), unit("b.cc", {loop("step", "g()", {}, {"net"})}, {})}};
  reports.units[1].loops[0].missing = {{"total", "", {}}};
  EXPECT_THAT(missing(reports, "step"), ElementsAre("total"));
}

TEST(Gate, AGlobalThatAnotherUnitWritesIsMissing) {
  const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"helper()"})}, {function("main()", {"helper()"})}),
                         unit("helper.cc", {}, {function("helper()", {"deeper()"}), function("deeper()", {}, {"counter"})})}};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
  EXPECT_THAT(make_gate(reports).missing({"epoch"})->front().why, HasSubstr("deeper() of helper.cc"));
}

Reports::Conditions if_modified(std::string function, std::int32_t parameter, bool by_signature) {
  return {.always = false, .any = {{std::move(function), parameter, by_signature}}};
}

TEST(Gate, WhatDependsOnAFunctionOfAnotherUnitHoldsIfItModifiesThatParameter) {
  for (const std::int32_t modified : {0, 1, 2}) {
    Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {}, {"f(S&,S&)"})}, {}), unit("f.cc", {}, {function("f(S&,S&)")})}};
    reports.units[0].loops[0].missing = {{"a", "", if_modified("f(S&,S&)", 0, true)}, {"b", "", if_modified("f(S&,S&)", 1, false)}};
    reports.units[1].functions[0].modifies = {{modified, "", {}}};
    EXPECT_EQ(missing(reports, "epoch"), modified == 2 ? std::vector<std::string>{} : std::vector<std::string>{modified == 0 ? "a" : "b"});
  }
}

TEST(Gate, WhatDependsOnAFunctionThatNoUnitHasIsAsItsSignatureSays) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {}, {})}, {function("f(S&)")})}};
  reports.units[0].functions[0].defined = false;  // only its address is taken here
  reports.units[0].loops[0].missing = {{"a", "", if_modified("f(S&)", 0, true)}, {"b", "", if_modified("f(S&)", 0, false)}};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("a"));
}

TEST(Gate, ConditionsAreFollowedThroughSeveralUnitsAndRecursion) {
  for (const bool writes : {false, true}) {
    Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {}, {"f(S&)"})}, {}), unit("f.cc", {}, {function("f(S&)", {"g(S&)"})}),
                     unit("g.cc", {}, {function("g(S&)", {"f(S&)", "h(S&)"})}), unit("h.cc", {}, {function("h(S&)")})}};
    reports.units[0].loops[0].missing = {{"a", "", if_modified("f(S&)", 0, true)}};
    reports.units[1].functions[0].modifies = {{0, "", if_modified("g(S&)", 0, true)}};
    reports.units[2].functions[0].modifies = {{0, "", {false, {{"f(S&)", 0, true}, {"h(S&)", 0, true}}}}};
    if (writes) reports.units[3].functions[0].modifies = {{0, "", {}}};
    EXPECT_EQ(missing(reports, "epoch").size(), writes ? 1u : 0u);
  }
}

TEST(Gate, WhatNoStateCanHoldIsMissingHoweverItIsCovered) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"::first"}, {"base()"})}, {}), unit("base.cc", {}, {function("base()")})}};
  reports.units[1].functions[0].writes_globals = {{"first", true, {}}};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("first"));
}

TEST(Gate, AThreadOfAnotherUnitGoesOnBesideALoop) {
  for (const bool beside : {false, true}) {
    Reports reports{{unit("main.cc", {}, {function("main()", {"run(Net&)"}), function("run(Net&)")}),
                     unit("train.cc", {loop("epoch", "train(Net&)", {}, {"net"})}, {function("run(Net&)", {"train(Net&)"}), function("train(Net&)")})}};
    reports.units[0].functions[1].defined = false;
    reports.units[0].functions[1].beside_thread = beside;
    EXPECT_EQ(missing(reports, "epoch"), beside ? std::vector<std::string>{"(a thread)"} : std::vector<std::string>{});
  }
}

// ---- files ----

TEST(Gate, FilesThatABodyWritesAndReadsAreNoState) {
  for (const bool reads : {false, true}) {
    Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"save()"})}, {function("main()", {"save()"})}), unit("save.cc", {}, {function("save()")})}};
    reports.units[1].functions[0].actions = {{"", reads, true, {1, 0}}};
    EXPECT_EQ(missing(reports, "epoch"), reads ? std::vector<std::string>{"(files)"} : std::vector<std::string>{});
  }
}

TEST(Gate, FilesThatAreReadAfterTheLoopThatWritesThemAreNoState) {
  struct Case {
    Reports::Step read;
    bool missing;
  };
  // The loop is at step 5 of run(), which main calls at its step 10; then something reads a file.
  for (const auto& [read, expected] : {Case{{4, 0}, false}, Case{{6, 0}, true}}) {
    Reports reports{{unit("train.cc", {loop("epoch", "run()", {}, {"net"})}, {function("run()"), function("load()")})}};
    reports.units[0].loops[0].writes_files = true;
    reports.units[0].loops[0].step = {5, 5};
    reports.units[0].functions[0].actions = {{"load()", false, false, read}};
    reports.units[0].functions[1].actions = {{"", true, false, {1, 0}}};
    EXPECT_EQ(missing(reports, "epoch").size(), expected ? 1u : 0u) << "read at step " << read.number;
  }
  for (const auto& [read, expected] : {Case{{9, 0}, false}, Case{{11, 0}, true}, Case{{9, 3}, true}}) {
    Reports reports{{unit("train.cc", {loop("epoch", "run()", {}, {"net"})}, {function("run()")}),
                     unit("main.cc", {}, {function("main()", {"run()", "load()"})}), unit("load.cc", {}, {function("load()")})}};
    reports.units[0].loops[0].writes_files = true;
    reports.units[1].functions[0].actions = {{"run()", false, false, {10, read.loop}}, {"load()", false, false, read}};
    reports.units[2].functions[0].actions = {{"", true, false, {1, 0}}};
    EXPECT_EQ(missing(reports, "epoch").size(), expected ? 1u : 0u) << "main reads at step " << read.number << " in loop " << read.loop;
  }
}

TEST(Gate, WhatTheUnitsOwnAnalysisSawIsNotJudgedAgain) {
  const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net", "counter"}, {"helper()"})},
                              {function("main()", {"helper()"}), function("helper()", {}, {"counter"})})}};
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
}

TEST(Gate, AFunctionOfTheSameUnitThatIsOnlyReachedThroughAnotherIsJudged) {
  const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"there()"})}, {function("back()", {}, {"counter"})}),
                         unit("helper.cc", {}, {function("there()", {"back()"})})}};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
}

TEST(Gate, StaticFunctionsOfOneNameAreKeptApart) {
  const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"reset()"})}, {function("reset()")}),
                         unit("other.cc", {}, {function("reset()", {}, {"counter"})})}};
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
}

TEST(Gate, AGlobalIsCoveredByItsQualifiedNameOnly) {
  const auto with_state = [](std::string argument, std::string global) {
    return missing({{unit("train.cc", {loop("epoch", "main()", {}, {std::move(argument)}, {"helper()"})}, {}),
                     unit("helper.cc", {}, {function("helper()", {}, {std::move(global)})})}},
                   "epoch");
  };
  EXPECT_THAT(with_state("::counter", "counter"), IsEmpty());
  EXPECT_THAT(with_state("ns::counter", "ns::counter"), IsEmpty());
  EXPECT_THAT(with_state("::ns::counter", "ns::counter"), IsEmpty());
  EXPECT_THAT(with_state("counter", "counter"), ElementsAre("counter"));  // could be a local variable
  EXPECT_THAT(with_state("other::counter", "counter"), ElementsAre("counter"));
  EXPECT_THAT(with_state("::counter.x", "counter"), ElementsAre("counter"));
}

TEST(Gate, TheStateOfALoopAroundItCoversToo) {
  const Reports reports{{unit("train.cc",
                              {loop("epoch", "main()", {}, {"::counter"}), loop("step", "main()", {"epoch"}, {"net"}, {"helper()"}),
                               loop("step2", "other()", {"epoch"}, {"net"}, {"helper()"})},
                              {}),
                         unit("helper.cc", {}, {function("helper()", {}, {"counter"})})}};
  EXPECT_THAT(missing(reports, "step"), IsEmpty());
  EXPECT_THAT(missing(reports, "step2"), ElementsAre("counter"));
}

TEST(Gate, RegisteredGlobalsAreCovered) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"helper()"})}, {}),
                   unit("helper.cc", {}, {function("helper()", {}, {"counter"})})}};
  reports.units[0].registered = {"counter"};
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
}

TEST(Gate, AUnitThatCouldNotBeParsedMayModifyAnythingForLoopsThatMayCallIt) {
  Reports reports{{unit("train.cc",
                        {loop("epoch", "main()", {}, {"net"}, {"known()", "std::sort(int*, int*)"}),
                         loop("step", "main()", {}, {"net"}, {"stranger(Net&)"}), loop("batch", "main()", {}, {"net"})},
                        {function("known()")}),
                   unit("broken.cc", {}, {})}};
  reports.units[0].loops[2].calls_unknown = true;
  EXPECT_THAT(missing(reports, "step"), IsEmpty());
  reports.units[1].parsed = false;
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
  EXPECT_THAT(missing(reports, "step"), ElementsAre("broken.cc"));
  EXPECT_THAT(missing(reports, "batch"), ElementsAre("broken.cc"));
}

TEST(Gate, ACallThroughAPointerMayBeEveryFunctionThatOneCanLeadTo) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}), loop("named", "main()", {}, {"::counter"})}, {}),
                   unit("helper.cc", {}, {function("callback()", {}, {"counter"})})}};
  for (auto& each : reports.units[0].loops) each.calls_unknown = true;
  reports.units[1].functions[0].by_pointer = true;
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
  EXPECT_THAT(missing(reports, "named"), IsEmpty());
  reports.units[1].functions[0].by_pointer = false;  // only called by name
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
  // Its address is taken by a unit that does not have its body.
  reports.units.push_back(unit("table.cc", {}, {function("callback()")}));
  reports.units[2].functions[0].defined = false;
  reports.units[2].functions[0].by_pointer = true;
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
}

TEST(Gate, WhatACallThroughAPointerLeadsToIsFollowed) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"run()"})}, {}), unit("run.cc", {}, {function("run()")}),
                   unit("back.cc", {}, {function("callback()", {"helper()"})}), unit("helper.cc", {}, {function("helper()", {}, {"counter"})})}};
  reports.units[2].functions[0].by_pointer = true;
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
  reports.units[1].functions[0].calls_unknown = true;  // far from the loop
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
}

TEST(Gate, StaticFunctionsOfOneNameAreAllMeantByACallThroughAPointer) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"})}, {function("callback()")}), unit("other.cc", {}, {function("callback()", {}, {"counter"})})}};
  reports.units[0].loops[0].calls_unknown = true;
  for (auto& each : reports.units) each.functions[0].by_pointer = true;
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
}

TEST(Gate, AVirtualCallMayRunWhatOverridesItInAnyUnit) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"Layer::forward()"})}, {function("Layer::forward()")}),
                   unit("dense.cc", {}, {function("Dense::forward()", {"count()"}), function("Dense::load()", {}, {"unrelated"})}), unit("count.cc", {}, {function("count()", {}, {"counter"})})}};
  EXPECT_THAT(missing(reports, "epoch"), IsEmpty());
  reports.units[1].functions[0].overrides = {"Base::forward()", "Layer::forward()"};
  EXPECT_THAT(missing(reports, "epoch"), ElementsAre("counter"));
}

// ---- probes ----

Reports with_probe(std::vector<Reports::Probe> per_unit) {
  Reports reports;
  for (Reports::Probe& probe : per_unit) {
    reports.units.push_back(unit("u" + std::to_string(reports.units.size()) + ".cc", {}, {}));
    probe.id = kProbe;
    reports.units.back().probes = {std::move(probe)};
  }
  return reports;
}

TEST(ProbeReport, OnePlaceInAllUnitsTogetherIsAPlacement) {
  const Reports reports = with_probe({{.id = {}, .placed = {}, .refused = "not in this unit", .candidates = {}},
                                      {.id = {}, .placed = {place("main()", {"epoch"})}, .refused = {}, .candidates = {}}});
  const ProbeReport report = find_probe(reports, asked());
  EXPECT_EQ(report.refused, "");
  EXPECT_EQ(report.place, place("main()", {"epoch"}));
}

TEST(ProbeReport, ASourceThatTwoProgramsShareIsOnePlace) {
  const Reports reports = with_probe({{.id = {}, .placed = {place("f()", {})}, .refused = {}, .candidates = {}},
                                      {.id = {}, .placed = {place("f()", {})}, .refused = {}, .candidates = {}}});
  EXPECT_EQ(find_probe(reports, asked()).refused, "");
}

TEST(ProbeReport, TwoPlacesAreAmbiguousAndListed) {
  Reports::Place other = place("g()", {});
  other.line = 99;
  const Reports reports = with_probe({{.id = {}, .placed = {place("f()", {})}, .refused = {}, .candidates = {}},
                                      {.id = {}, .placed = {other}, .refused = {}, .candidates = {}}});
  const ProbeReport report = find_probe(reports, asked());
  EXPECT_THAT(report.refused, HasSubstr("2 places"));
  EXPECT_THAT(report.candidates, SizeIs(2));
}

TEST(ProbeReport, OfAPatternHasEveryPlaceOnceAndEveryRefusal) {
  Reports::Place other = place("g()", {});
  other.line = 99;
  Reports::Place header = place("h()", {});
  header.file = "net.h";
  const Reports::Probe in_header{.id = kProbe, .placed = {header}, .refused = {}, .candidates = {}};
  Reports reports = with_probe({{.id = {}, .placed = {place("f()", {})}, .refused = {}, .candidates = {}},
                                {.id = {}, .placed = {}, .refused = "does not compile there", .candidates = {"train.cc:99: step();"}},
                                {.id = {}, .placed = {}, .refused = "not in this unit", .candidates = {}}});
  reports.units[0].probes.push_back({.id = kProbe, .placed = {other}, .refused = {}, .candidates = {}});
  for (std::size_t i : {0u, 2u}) reports.units[i].probes.push_back(in_header);
  store::Probe asked = {.id = kProbe, .name = "w", .expression = "w", .form = store::Probe::Form::kOnCall, .statement = "step"};
  const std::string file = other.file;
  reports.units[1].probes[0].candidates = {file + ":99: step();"};
  const std::vector<ProbeReport> found = find_pattern(reports, asked);
  // One unit refuses the place of another: it is refused.
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].place.file, "net.h");
  EXPECT_THAT(found[0].seen, SizeIs(2));
  EXPECT_EQ(found[1].place, place("f()", {}));
  EXPECT_EQ(found[2].refused, "does not compile there");
  EXPECT_EQ(find_pattern({}, asked).at(0).refused, "this version has no call of `step`");
}

TEST(ProbeReport, TheReasonOfTheUnitThatHasThePlaceIsGiven) {
  const Reports reports =
      with_probe({{.id = {}, .placed = {}, .refused = "not in this unit", .candidates = {}},
                  {.id = {}, .placed = {}, .refused = "'w' is not declared here", .candidates = {"train.cc:5: step();"}},
                  {.id = {}, .placed = {}, .refused = "not in this unit", .candidates = {}}});
  const ProbeReport report = find_probe(reports, asked());
  EXPECT_EQ(report.refused, "'w' is not declared here");
  EXPECT_THAT(report.candidates, ElementsAre("train.cc:5: step();"));
}

TEST(ProbeReport, NowhereIsARefusal) {
  EXPECT_EQ(find_probe(with_probe({{.id = {}, .placed = {}, .refused = "not in this unit", .candidates = {}}}), asked()).refused,
            "this version has no statement `step(w);`");
  EXPECT_EQ(find_probe({}, asked("train(Net&)")).refused, "this version has no statement `step(w);` in train(Net&)");
  EXPECT_EQ(find_probe({}, asked()).refused, "this version has no statement `step(w);`");
  EXPECT_NE(kId, nullptr);
}

// ---- where a probe can be reached from ----

TEST(ReachedFrom, ALoopInMainAroundTheProbeIsAllThereIs) {
  const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}), loop("step", "main()", {"epoch"}, {"net"})},
                              {function("main()")})}};
  const Placement placement = make_placement(reports, kProbe, place("main()", {"epoch"}));
  ASSERT_TRUE(placement.reached_from.has_value());
  EXPECT_THAT(*placement.reached_from, UnorderedElementsAre("epoch"));
  EXPECT_FALSE(placement.before_first_loop);
  EXPECT_FALSE(placement.after_last_loop);
}

TEST(ReachedFrom, OutsideEveryLoopOfMainItMayFireBeforeAndAfter) {
  const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"})}, {function("main()")})}};
  const Placement placement = make_placement(reports, kProbe, place("main()", {}));
  ASSERT_TRUE(placement.reached_from.has_value());
  EXPECT_THAT(*placement.reached_from, IsEmpty());
  EXPECT_TRUE(placement.before_first_loop);
  EXPECT_TRUE(placement.after_last_loop);
}

TEST(ReachedFrom, ALoopWithoutStateAroundItSaysNothingOfBeforeAndAfter) {
  const Reports reports{{unit("train.cc", {loop("warmup", "main()", {}, {})}, {function("main()")})}};
  const Placement placement = make_placement(reports, kProbe, place("main()", {"warmup"}));
  EXPECT_TRUE(placement.before_first_loop);
  EXPECT_TRUE(placement.after_last_loop);
}

TEST(ReachedFrom, LoopsThatCallTheFunctionAndThoseAroundThemReachIt) {
  const Reports reports{{unit("train.cc",
                              {loop("epoch", "main()", {}, {"net"}, {"train(Net&)"}), loop("tune", "main()", {}, {"net"}),
                               loop("outer", "train(Net&)", {}, {"net"}), loop("step", "train(Net&)", {"outer"}, {"net"}, {"update(Net&)"})},
                              {function("main()", {"train(Net&)"}), function("train(Net&)", {"update(Net&)"})}),
                         unit("update.cc", {}, {function("update(Net&)", {"inner()"}), function("inner()")})}};
  const Placement placement = make_placement(reports, kProbe, place("inner()", {}));
  ASSERT_TRUE(placement.reached_from.has_value());
  EXPECT_THAT(*placement.reached_from, UnorderedElementsAre("epoch", "outer", "step"));
  EXPECT_TRUE(placement.before_first_loop);
}

TEST(ReachedFrom, ALambdaOfMainIsReachedFromWhereItIsCalled) {
  for (const std::string inside : {"main()::lambda@5:15", "main()::Local::run()", "main(int, char **)::lambda@5:15"}) {
    const Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {inside})}, {function(inside)})}};
    EXPECT_FALSE(is_main(inside));
    const Placement placement = make_placement(reports, kProbe, place(inside, {}));
    ASSERT_TRUE(placement.reached_from.has_value()) << inside;
    EXPECT_THAT(*placement.reached_from, ElementsAre("epoch")) << inside;
  }
  for (const char* main : {"main", "main()", "main(int, char **)"}) EXPECT_TRUE(is_main(main)) << main;
}

TEST(ReachedFrom, AnUntrackedFunctionOnTheWayMakesEveryLoopPossible) {
  Reports reports{{unit("train.cc", {loop("epoch", "main()", {}, {"net"}, {"a()"})}, {function("a()", {"b()"}), function("b()")})}};
  EXPECT_TRUE(make_placement(reports, kProbe, place("b()", {})).reached_from.has_value());
  reports.units[0].functions[0].tracked = false;  // a() may be called through a pointer, from any loop
  EXPECT_FALSE(make_placement(reports, kProbe, place("b()", {})).reached_from.has_value());
  reports.units[0].functions[0].tracked = true;
  reports.units[0].functions[1].tracked = false;
  EXPECT_FALSE(make_placement(reports, kProbe, place("b()", {})).reached_from.has_value());
}

TEST(ReachedFrom, AFunctionThatNoReportHasIsReachableFromEverywhere) {
  EXPECT_FALSE(make_placement({}, kProbe, place("f()", {})).reached_from.has_value());
}

TEST(ReachedFrom, AUnitThatCouldNotBeParsedMayCallFromEverywhere) {
  Reports reports{{unit("train.cc", {}, {function("f()")}), unit("broken.cc", {}, {})}};
  EXPECT_TRUE(make_placement(reports, kProbe, place("f()", {})).reached_from.has_value());
  reports.units[1].parsed = false;
  EXPECT_FALSE(make_placement(reports, kProbe, place("f()", {})).reached_from.has_value());
}

}  // namespace
}  // namespace hindsight::replay
