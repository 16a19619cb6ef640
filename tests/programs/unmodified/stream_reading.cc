// what: one open file from which every iteration reads on, rewound at its end
// standard: c++11
// loop: step
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <cstdlib>

struct Record {
  float x[3];
  float y;
};

class Reader {
 public:
  explicit Reader(const char* path) : file_(std::fopen(path, "rb")), rewinds_(0) {
    if (!file_) std::exit(1);
  }
  ~Reader() { std::fclose(file_); }
  Record next() {
    Record r;
    while (std::fread(&r, sizeof r, 1, file_) != 1) {
      std::rewind(file_);
      ++rewinds_;
    }
    return r;
  }
  int rewinds() const { return rewinds_; }

 private:
  Reader(const Reader&);
  FILE* file_;
  int rewinds_;
};

int main() {
  FILE* out = std::fopen("records.bin", "wb");
  if (!out) return 1;
  for (int i = 0; i < 50; i++) {
    Record r = {{1, std::sin(0.5f * i), std::cos(0.9f * i)}, 0};
    r.y = 0.3f - 0.8f * r.x[1] + 0.5f * r.x[2];
    std::fwrite(&r, sizeof r, 1, out);
  }
  std::fclose(out);

  Reader reader("records.bin");
  float w[3] = {0, 0, 0};
  for (int step = 0; step < 12; step++) {
    float loss = 0;
    for (int i = 0; i < 16; i++) {
      const Record r = reader.next();
      float error = -r.y;
      for (int j = 0; j < 3; j++) error += w[j] * r.x[j];
      for (int j = 0; j < 3; j++) w[j] -= 0.1f * error * r.x[j];
      loss += error * error;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("rewinds %d w %a %a %a\n", reader.rewinds(), w[0], w[1], w[2]);
}
