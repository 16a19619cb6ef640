#include <cmath>
#include <iostream>
#include <random>
#include <vector>

typedef std::vector<double> Vec;

const int kVisible = 10;
const int kHidden = 3;

static void encode(const std::vector<Vec>& enc, const Vec& bh, const Vec& x, Vec& code) {
    for (int j = 0; j < kHidden; ++j) { //@15
        double s = bh[j]; //@16
        for (int i = 0; i < kVisible; ++i) { //@17
            s += enc[j][i] * x[i]; //@18
        }
        code[j] = std::tanh(s); //@19
    }
}

int main() {
    std::vector<Vec> data; //@44
    for (int k = 0; k < 200; ++k) { //@45
        double phase = 0.05 * k; //@46
        Vec row(kVisible); //@47
        for (int i = 0; i < kVisible; ++i) { //@48
            row[i] = std::sin(phase + 0.6 * i); //@49
        }
        data.push_back(row); //@50
    }

    std::mt19937 engine(17); //@1
    std::uniform_real_distribution<double> dist(-0.2, 0.2); //@2
    std::vector<Vec> enc(kHidden, Vec(kVisible)); //@3
    std::vector<Vec> dec(kVisible, Vec(kHidden)); //@4
    for (auto& row : enc) { //@5
        for (auto& e : row) { //@6
            e = dist(engine); //@7
        }
    }
    for (auto& row : dec) { //@8
        for (auto& e : row) { //@9
            e = dist(engine); //@10
        }
    }
    Vec bv(kVisible, 0.0); //@12
    Vec bh(kHidden, 0.0); //@11
    Vec code(kHidden, 0.0); //@13
    Vec recon(kVisible, 0.0); //@14
    double rate = 0.05; //@?

    for (int epoch = 0; epoch < 60; ++epoch) { //@52
        double total = 0.0; //@53
        for (const auto& x : data) { //@54
            encode(enc, bh, x, code); //@27
            for (int i = 0; i < kVisible; ++i) { //@21
                double s = bv[i]; //@22
                for (int j = 0; j < kHidden; ++j) { //@23
                    s += dec[i][j] * code[j]; //@24
                }
                recon[i] = s; //@25
            }
            Vec back(kHidden, 0.0); //@30
            for (int i = 0; i < kVisible; ++i) { //@31
                double d = recon[i] - x[i]; //@32
                total += 0.5 * d * d; //@33
                for (int j = 0; j < kHidden; ++j) { //@34
                    back[j] += d * dec[i][j]; //@35
                    dec[i][j] -= rate * d * code[j]; //@36
                }
                bv[i] -= rate * d; //@37
            }
            for (int j = 0; j < kHidden; ++j) { //@38
                double d = back[j] * (1.0 - code[j] * code[j]); //@39
                for (int i = 0; i < kVisible; ++i) { //@40
                    enc[j][i] -= rate * d * x[i]; //@41
                }
                bh[j] -= rate * d; //@42
            }
        }
        if (epoch % 10 == 9) { //@56
            rate *= 0.8; //@57
            std::cout << "epoch " << epoch << " loss " << total / data.size() << " rate " << rate << "\n"; //@58
        }
    }
    encode(enc, bh, data[0], code); //@?
    std::cout << "code:"; //@59
    for (double c : code) { //@60
        std::cout << ' ' << c; //@61
    }
    std::cout << "\n"; //@62
    return 0; //@63
}
