// what: std::map of word counts, a naive Bayes classifier fed line by line
// standard: c++17
// loop: batch
// probe: surprise after 'std::printf("surprise %a\n", surprise);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <vector>

struct Document {
  bool spam;
  std::string text;
};

const std::vector<Document> kDocuments = {
    {true, "buy cheap pills now"},       {false, "meeting at noon tomorrow"},  {true, "cheap cheap offer buy"},
    {false, "notes from the meeting"},   {true, "win money now"},              {false, "lunch tomorrow at noon"},
    {true, "offer ends now buy pills"},  {false, "please review the notes"},   {true, "money offer for you"},
    {false, "review meeting for money"}, {true, "you win cheap pills"},        {false, "the offer letter for review"},
    {true, "buy buy buy"},               {false, "noon works for you"},        {true, "now now win"},
    {false, "please buy lunch"},
};

int main() {
  std::map<std::string, std::map<bool, int>> counts;
  std::map<bool, int> totals{{false, 0}, {true, 0}};
  for (size_t batch = 0; batch < kDocuments.size() / 2; ++batch) {
    double surprise = 0;
    for (size_t i = 2 * batch; i < 2 * batch + 2; ++i) {
      const auto& [spam, text] = kDocuments[i];
      std::istringstream words(text);
      for (std::string word; words >> word;) {
        auto& count = counts[word];
        surprise -= std::log((count[spam] + 1.0) / (totals[spam] + 20.0));
        ++count[spam];
        ++totals[spam];
      }
    }
    std::printf("surprise %a\n", surprise);
  }
  for (auto& [word, count] : counts)
    if (count[true] + count[false] > 3) std::printf("%s %d %d\n", word.c_str(), count[true], count[false]);
}
