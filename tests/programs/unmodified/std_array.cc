// what: std::array of std::array, value iteration on a small grid
// standard: c++14
// loop: iteration
// probe: change after 'std::printf("change %a\n", change);'
// expect: exact
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

using Row = std::array<double, 5>;
using Grid = std::array<Row, 4>;

int main() {
  Grid values{};
  std::array<std::array<char, 5>, 4> policy{};
  for (int iteration = 0; iteration < 9; ++iteration) {
    double change = 0;
    for (int r = 0; r < 4; ++r)
      for (int c = 0; c < 5; ++c) {
        const std::array<std::array<int, 2>, 4> moves{{{{0, 1}}, {{1, 0}}, {{0, -1}}, {{-1, 0}}}};
        double best = -1e9;
        for (size_t m = 0; m < moves.size(); ++m) {
          const int nr = std::min(3, std::max(0, r + moves[m][0])), nc = std::min(4, std::max(0, c + moves[m][1]));
          const double reward = nr == 3 && nc == 4 ? 1 : nr == 1 && nc == 2 ? -0.5 : -0.02;
          const double value = reward + 0.9 * values[nr][nc];
          if (value > best) best = value, policy[r][c] = ">v<^"[m];
        }
        change += std::fabs(best - values[r][c]);
        values[r][c] = best;
      }
    std::printf("change %a\n", change);
  }
  for (const auto& row : policy) std::printf("%.5s\n", row.data());
}
