// One recorded run, and one run that had every statement from the start; the questions of a suite are asked of the first
// and compared with the second, bit for bit.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "tests/e2e/question.h"

namespace hindsight::e2e {

inline std::string label_of(const testing::TestParamInfo<Question>& each) { return each.param.label; }

struct Pair {
  ScratchProject recorded;
  ScratchProject truth;
};

// Records both. Fatal failures are left to the caller to look for.
inline Pair record_pair(const std::string& sample, const std::vector<Question>& questions, const Words& program,
                        const std::vector<std::pair<std::string, std::string>>& includes = {}) {
  Pair pair{ScratchProject::of_sample(sample, sample + "-recorded"), ScratchProject::of_sample(sample, sample + "-truth")};
  for (const Question& question : questions) write_into(pair.truth, question);
  for (const auto& [file, line] : includes) pair.truth.insert_line(file, line, "#include <hindsight/hindsight.h>");
  for (const ScratchProject* project : {&pair.recorded, &pair.truth}) {
    Words words = {"--"};
    words.insert(words.end(), program.begin(), program.end());
    const Call call = project->hindsight("record", words);
    EXPECT_EQ(call.code, 0) << call.story();
    EXPECT_EQ(call.of_type("run").size(), 1u) << call.story();
  }
  return pair;
}

// What the training logged itself has to be the same in both, or the comparison would say nothing.
inline void expect_same_recording(const Pair& pair, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const Answer recorded = pair.recorded.values(name);
    EXPECT_GT(recorded.bits.size(), 0u) << name;
    EXPECT_EQ(recorded.bits, pair.truth.values(name).bits) << name;
  }
}

inline void expect_exact(const Pair& pair, const Question& question) {
  const Call added = add_probe(pair.recorded, question);
  ASSERT_EQ(added.code, 0) << added.story();
  const Call replayed = ask(pair.recorded, question);
  EXPECT_EQ(replayed.code, 0) << replayed.story();

  const Answer answer = pair.recorded.values(question.name);
  const Answer truth = pair.truth.values(question.name, "r1", question.where);
  EXPECT_EQ(truth.bits.size(), question.values);
  EXPECT_EQ(answer.bits, truth.bits) << replayed.story();
  EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"exact", static_cast<int>(question.values)}})) << replayed.story();
}

// The same question again runs nothing, and says the same.
inline void expect_asking_again_runs_nothing(const Pair& pair, const Question& question) {
  const Answer before = pair.recorded.values(question.name);
  const std::size_t replays = pair.recorded.hindsight("show", {"r1"}).of_type("replay").size();
  const Call again = ask(pair.recorded, question);
  EXPECT_EQ(again.code, 0) << again.story();
  EXPECT_EQ(again.summary().value("segments", -1), 0) << again.story();
  EXPECT_EQ(pair.recorded.hindsight("show", {"r1"}).of_type("replay").size(), replays) << again.story();
  EXPECT_EQ(pair.recorded.values(question.name).bits, before.bits);
}

// A probe that changes the training is refused.
inline void expect_refused(const Pair& pair, const Question& question) {
  const Call added = add_probe(pair.recorded, question);
  ASSERT_EQ(added.code, 0) << added.story();
  const Call refused = ask(pair.recorded, question);
  EXPECT_EQ(refused.code, 3) << refused.story();
  for (const nlohmann::json& placement : refused.of_type("placement")) {
    EXPECT_NE(placement.at("refused").dump().find("it changes the program's state"), std::string::npos) << refused.story();
  }
  EXPECT_TRUE(pair.recorded.values(question.name).records.empty());
}

// What it draws from a generator that belongs to no variable is put back behind it, so that it disturbs nothing, and its values are marked all the same.
inline void expect_put_back(const Pair& pair, const Question& question) {
  expect_refused(pair, question);
  const Call replayed = ask(pair.recorded, question, {"--force"});
  const Answer answer = pair.recorded.values(question.name);
  EXPECT_FALSE(answer.records.empty()) << replayed.story();
  EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"unverified", static_cast<int>(answer.records.size())}})) << replayed.story();
}

// Where it is forced it is caught: nothing after it passes for exact, and the first difference is named.
inline void expect_caught(const Pair& pair, const Question& question) {
  expect_refused(pair, question);
  const Call replayed = ask(pair.recorded, question, {"--force"});
  EXPECT_EQ(replayed.code, 3) << replayed.story();
  bool named = false;
  for (const nlohmann::json& answer : replayed.of_type("answer")) {
    named = named || (answer.contains("first_difference") && answer.at("first_difference").is_string() &&
                      !answer.at("first_difference").get<std::string>().empty());
  }
  EXPECT_TRUE(named) << replayed.story();
  const Answer answer = pair.recorded.values(question.name);
  EXPECT_GT(answer.statuses.count("diverged") ? answer.statuses.at("diverged") : 0, 0) << replayed.story();
  // Every value comes after the disturbance that it made itself, so none may pass for exact.
  for (const nlohmann::json& record : answer.records) {
    if (record.at("status") == "exact") {
      ADD_FAILURE() << "exact, though the probe disturbs the training before the next comparison: " << record.dump();
    }
  }
}

}  // namespace hindsight::e2e
