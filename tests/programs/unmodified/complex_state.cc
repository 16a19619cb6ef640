// what: std::complex weights, an adaptive equaliser for a rotated signal
// standard: c++17
// loop: frame
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <complex>
#include <cstdio>
#include <vector>

using Complex = std::complex<double>;

int main() {
  std::vector<Complex> taps(4), line(4);
  taps[0] = 1;
  Complex phase(1, 0);
  const Complex turn = std::polar(1.0, 0.01), channel[2] = {{0.9, 0.3}, {-0.2, 0.1}};
  Complex last = 0;
  unsigned bits = 0xACE1u;
  for (int frame = 0; frame < 9; ++frame) {
    double error = 0;
    for (int n = 0; n < 30; ++n) {
      bits = (bits >> 1) ^ (-(bits & 1u) & 0xB400u);
      const Complex symbol(bits & 2 ? 1 : -1, bits & 4 ? 1 : -1);
      for (size_t k = line.size() - 1; k > 0; --k) line[k] = line[k - 1];
      line[0] = phase * (channel[0] * symbol + channel[1] * last);
      last = symbol;
      phase *= turn;
      Complex out = 0;
      for (size_t k = 0; k < taps.size(); ++k) out += taps[k] * line[k];
      const Complex difference = symbol - out;
      for (size_t k = 0; k < taps.size(); ++k) taps[k] += 0.05 * difference * std::conj(line[k]);
      error += std::norm(difference);
    }
    std::printf("error %a\n", error);
  }
  std::printf("tap %a %a\n", taps[0].real(), taps[0].imag());
}
