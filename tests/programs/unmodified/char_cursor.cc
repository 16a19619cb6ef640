// what: a char pointer that walks through a constant text, bigram counts
// standard: c++11
// loop: sentence
// probe: bits after 'std::printf("bits %a\n", bits);'
// expect: exact
#include <cctype>
#include <cmath>
#include <cstdio>

static const char kText[] =
    "It was the best of times. It was the worst of times. It was the age of wisdom. It was the age of foolishness. "
    "It was the epoch of belief. It was the epoch of incredulity. It was the season of light. It was the season of darkness.";

int main() {
  static int counts[27][27], totals[27];
  const char* cursor = kText;
  int previous = 0;
  double total = 0;
  for (int sentence = 0; *cursor; ++sentence) {
    double bits = 0;
    for (; *cursor && *cursor != '.'; ++cursor) {
      const unsigned char c = *cursor;
      const int current = std::isalpha(c) ? std::tolower(c) - 'a' + 1 : 0;
      bits -= std::log2((counts[previous][current] + 0.5) / (totals[previous] + 13.5));
      ++counts[previous][current];
      ++totals[previous];
      previous = current;
    }
    if (*cursor == '.') ++cursor;
    total += bits;
    std::printf("bits %a\n", bits);
  }
  std::printf("total %a at %d\n", total, static_cast<int>(cursor - kText));
}
