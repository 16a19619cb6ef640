// Pairs of versions in which every statement is labelled: is the counterpart that the alignment finds the right one?
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "instrument/align.h"
#include "instrument/outlines.h"
#include "instrument/parse.h"

namespace hindsight::instrument {
namespace {

namespace fs = std::filesystem;

std::string text_of_file(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// `//@7` at the end of a line: the label of the statement that begins there. `-`: it has no counterpart; `?`: nobody can say.
using Labels = std::map<std::pair<std::string, unsigned>, std::string>;  // by file and line

struct Version {
  Outline outline;
  Labels labels;
};

Version read_version(const fs::path& folder) {
  Version out;
  std::vector<Outline> units;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string text = text_of_file(file);
    std::istringstream lines(text);
    unsigned number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      const std::size_t at = line.rfind("//@");
      if (at != std::string::npos) out.labels[{file.filename(), number}] = line.substr(at + 3, line.find_last_not_of(" \t\r") - at - 2);
    }
    if (file.extension() == ".h" || file.extension() == ".hpp") continue;
    ParseInput input;
    const bool newest = text.find("// standard: c++20") != std::string::npos;
    input.flags = {newest ? "-std=c++20" : "-std=c++17", "-I", folder.string()};
    input.file = file.string();
    input.cwd = input.project = folder.string();
    if (file.extension() == ".c") input.language = Language::kC, input.flags = {"-std=c11"};
    const ParseOutcome outcome = parse(input, [&](clang::ASTContext& context, const Preprocessed&) {
      const UserCode user(context.getSourceManager(), input.project, input.cwd);
      units.push_back(outline_of(context, user, functions_of(context, user)));
    });
    EXPECT_TRUE(outcome.parsed) << file << ": " << (outcome.errors.empty() ? "" : outcome.errors[0].message);
  }
  out.outline = joined(units);
  return out;
}

// The outermost statement that begins on each labelled line.
std::map<std::size_t, std::string> labelled(const Version& version) {
  std::map<std::pair<std::string, unsigned>, std::size_t> first;
  for (std::size_t i = 0; i < version.outline.statements.size(); ++i) {
    const OutlineStatement& s = version.outline.statements[i];
    const auto [at, is_new] = first.try_emplace({s.file, s.line}, i);
    if (!is_new && s.begin < version.outline.statements[at->second].begin) at->second = i;
  }
  std::map<std::size_t, std::string> out;
  for (const auto& [at, label] : version.labels) {
    const auto found = first.find(at);
    if (found == first.end()) ADD_FAILURE() << at.first << ":" << at.second << ": no statement begins at the label " << label;
    else out[found->second] = label;
  }
  return out;
}

struct Score {
  int right = 0, refused = 0, wrong = 0;
  int missed_nothing = 0;  // of `right`: rightly without a counterpart
  int sure = 0, wrongly_sure = 0;
  void add(const Score& other) {
    right += other.right;
    refused += other.refused;
    wrong += other.wrong;
    missed_nothing += other.missed_nothing;
    sure += other.sure;
    wrongly_sure += other.wrongly_sure;
  }
  double share() const { return 100.0 * right / std::max(1, right + refused + wrong); }
};
std::ostream& operator<<(std::ostream& out, const Score& score) {
  return out << "right " << score.right << " (" << score.missed_nothing << " without a counterpart), refused " << score.refused << ", wrong " << score.wrong << "; " << score.share() << " % right; sure of " << score.sure << ", wrongly of " << score.wrongly_sure;
}

std::string shown(const Outline& outline, std::size_t i) {
  const OutlineStatement& s = outline.statements[i];
  std::string text;
  for (const OutlineToken& token : s.tokens) text += token.text + " ";
  return s.file + ":" + std::to_string(s.line) + ": " + text.substr(0, 90);
}

Score score_pair(const fs::path& folder, bool shows) {
  const Version from = read_version(folder / "new"), to = read_version(folder / "old");
  const Alignment alignment = align(from.outline, to.outline);
  const std::map<std::size_t, std::string> asked = labelled(from), known = labelled(to);
  std::map<std::string, std::size_t> by_label;
  for (const auto& [statement, label] : known) {
    if (label != "-" && label != "?") by_label[label] = statement;
  }
  Score score;
  for (const auto& [statement, label] : asked) {
    if (label == "?") continue;
    const Counterpart& found = alignment.statements[statement];
    const auto expected = by_label.find(label);
    if (expected == by_label.end() && label != "-") ADD_FAILURE() << folder << ": the old version has no label " << label;
    const bool has_one = expected != by_label.end();
    score.sure += found.is_sure;
    std::string verdict;
    if (!found.statement && !has_one) {
      ++score.right, ++score.missed_nothing;
    } else if (!found.statement) {
      ++score.refused;
      verdict = "refused (" + found.refused + ")";
    } else if (has_one && *found.statement == expected->second) {
      ++score.right;
    } else if (to.labels.count({to.outline.statements[*found.statement].file, to.outline.statements[*found.statement].line}) && known.count(*found.statement) && known.at(*found.statement) == "?") {
      // Nobody can say.
    } else {
      ++score.wrong;
      score.wrongly_sure += found.is_sure;
      verdict = found.is_sure ? "WRONG, AND SURE" : "WRONG";
    }
    if (verdict.empty() || !shows) continue;
    std::cout << "  " << verdict << " //@" << label << " likeness " << found.likeness << " margin " << found.margin << "\n    " << shown(from.outline, statement) << "\n";
    if (found.statement || !found.candidates.empty()) std::cout << "    found    " << shown(to.outline, found.statement ? *found.statement : found.candidates[0]) << "\n";
    if (has_one) std::cout << "    expected " << shown(to.outline, expected->second) << "\n";
  }
  return score;
}

// What is reached: it may only become better. Values are exact only at counterparts that are sure (replay/README.md), and of these none may be wrong.
struct Half {
  const char* name;
  double least_right;  // percent
  int most_wrong;
  int least_sure;
};
std::ostream& operator<<(std::ostream& out, const Half& half) { return out << half.name; }

class Golden : public testing::TestWithParam<Half> {};

TEST_P(Golden, AsManyStatementsAsBeforeAreFoundInTheOtherVersion) {
  const fs::path folder = fs::path(std::getenv("GOLDEN_FOLDER") ? std::getenv("GOLDEN_FOLDER") : GOLDEN_FOLDER) / GetParam().name;
  const bool shows = std::getenv("GOLDEN_SHOW") != nullptr;
  // GOLDEN_SHOW=1 prints every statement that is not right; GOLDEN_PAIR=NAME scores one pair.
  std::vector<fs::path> pairs;
  for (const auto& entry : fs::directory_iterator(folder)) pairs.push_back(entry.path());
  std::sort(pairs.begin(), pairs.end());
  ASSERT_GE(pairs.size(), 16u);
  Score all;
  for (const fs::path& pair : pairs) {
    if (std::getenv("GOLDEN_PAIR") && pair.filename() != std::getenv("GOLDEN_PAIR")) continue;
    const Score score = score_pair(pair, shows);
    std::cout << pair.filename().string() << ": " << score << "\n";
    all.add(score);
  }
  std::cout << GetParam().name << ", all: " << all << "\n";
  EXPECT_LE(all.wrong, GetParam().most_wrong);
  EXPECT_GE(all.share(), GetParam().least_right);
  EXPECT_EQ(all.wrongly_sure, 0);
  EXPECT_GE(all.sure, GetParam().least_sure);
}

INSTANTIATE_TEST_SUITE_P(Corpus, Golden, testing::Values(Half{"development", 73, 6, 635}, Half{"held-back", 68, 2, 395}));

}  // namespace
}  // namespace hindsight::instrument
