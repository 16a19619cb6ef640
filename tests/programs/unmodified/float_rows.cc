// what: new[] arrays, float** with one row per unit, a self-organising map
// standard: c++11
// loop: epoch
// probe: spread after 'std::printf("spread %a\n", spread);'
// expect: exact
#include <cmath>
#include <cstdio>

float** make_rows(int rows, int columns) {
  float** m = new float*[rows];
  for (int r = 0; r < rows; r++) {
    m[r] = new float[columns];
    for (int c = 0; c < columns; c++) m[r][c] = 0.5f + 0.1f * std::sin(r * 3.f + c);
  }
  return m;
}

void delete_rows(float** m, int rows) {
  for (int r = 0; r < rows; r++) delete[] m[r];
  delete[] m;
}

int main() {
  const int units = 10, dimensions = 2;
  float** map = make_rows(units, dimensions);
  float radius = 4, rate = 0.5f;
  for (int epoch = 0; epoch < 10; epoch++) {
    for (int i = 0; i < 50; i++) {
      const float angle = (i * 19 % 50) * 0.1256f, sample[2] = {std::cos(angle), std::sin(angle)};
      int winner = 0;
      float least = 1e9f;
      for (int u = 0; u < units; u++) {
        float d = 0;
        for (int k = 0; k < dimensions; k++) d += (map[u][k] - sample[k]) * (map[u][k] - sample[k]);
        if (d < least) least = d, winner = u;
      }
      for (int u = 0; u < units; u++) {
        const float near = std::exp(-(u - winner) * (u - winner) / (2 * radius * radius));
        for (int k = 0; k < dimensions; k++) map[u][k] += rate * near * (sample[k] - map[u][k]);
      }
    }
    radius *= 0.7f;
    rate *= 0.9f;
    float spread = 0;
    for (int u = 1; u < units; u++) spread += std::hypot(map[u][0] - map[u - 1][0], map[u][1] - map[u - 1][1]);
    std::printf("spread %a\n", spread);
  }
  std::printf("first %a %a\n", map[0][0], map[0][1]);
  delete_rows(map, units);
}
