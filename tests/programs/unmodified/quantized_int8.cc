// what: int8 weights with a scale per row, overflow-free integer arithmetic
// standard: c++17
// loop: step
// probe: error after 'std::printf("error %d\n", error);'
// expect: exact
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

struct Row {
  std::int8_t w[12];
  std::uint16_t scale;
  std::int64_t carried;
};

int main() {
  Row rows[3] = {};
  for (Row& row : rows) row.scale = 64;
  std::uint32_t bits = 0x2545F491u;
  for (int step = 0; step < 12; ++step) {
    int error = 0;
    for (int n = 0; n < 20; ++n) {
      bits ^= bits << 13, bits ^= bits >> 17, bits ^= bits << 5;
      std::int32_t x[12], target = 0;
      for (int i = 0; i < 12; ++i) x[i] = bits >> i & 1 ? 1 : -1, target += x[i] * (i * 7 % 5 - 2) * 40;
      for (Row& row : rows) {
        std::int32_t sum = 0;
        for (int i = 0; i < 12; ++i) sum += row.w[i] * x[i];
        const std::int32_t difference = target - sum * row.scale / 16;
        row.carried += difference;
        error += std::abs(difference);
        for (int i = 0; i < 12; ++i) row.w[i] = static_cast<std::int8_t>(std::clamp(row.w[i] + difference * x[i] / 150, -127, 127));
        if (std::abs(difference) > 200 && row.scale < 96) ++row.scale;
        target /= 2;
      }
    }
    std::printf("error %d\n", error);
  }
  std::printf("carried %lld scale %d\n", static_cast<long long>(rows[2].carried), rows[2].scale);
}
