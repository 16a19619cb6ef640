#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace ae {

class Autoencoder {
public:
    Autoencoder(std::size_t visible, std::size_t hidden, double rate, unsigned seed);
    const std::vector<double>& encode(const std::vector<double>& x);
    const std::vector<double>& decode();
    double trainOne(const std::vector<double>& x);
    void decayRate(double factor) { rate_ *= factor; }
    double rate() const { return rate_; }

private:
    std::size_t visible_, hidden_;
    double rate_;
    std::vector<std::vector<double>> enc_, dec_;
    std::vector<double> bh_, bv_;
    std::vector<double> code_, recon_;
};

}  // namespace ae
