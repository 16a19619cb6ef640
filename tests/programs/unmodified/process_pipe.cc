// what: samples come through a pipe from another process that is open during the whole loop
// standard: c++17
// loop: epoch
// probe: mean after 'std::printf("mean %a\n", mean);'
// expect: refused: reads what has no path
#include <cstdio>

int main() {
  FILE* source = popen("i=0; while [ $i -lt 40 ]; do echo $((i * 37 % 41)); i=$((i + 1)); done", "r");
  if (!source) return 1;
  double mean = 0, spread = 0;
  int count = 0;
  for (int epoch = 0; epoch < 8; ++epoch) {
    for (int i = 0; i < 5; ++i) {
      double value = 0;
      if (std::fscanf(source, "%lf", &value) != 1) return 1;
      const double difference = value - mean;
      mean += difference / ++count;
      spread += difference * (value - mean);
    }
    std::printf("mean %a\n", mean);
  }
  std::printf("variance %a\n", spread / count);
  return pclose(source);
}
