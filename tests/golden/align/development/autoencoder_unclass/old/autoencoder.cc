#include "autoencoder.h"

#include <cmath>

namespace ae {

Autoencoder::Autoencoder(std::size_t visible, std::size_t hidden, double rate, unsigned seed)
    : visible_(visible), hidden_(hidden), rate_(rate) {
    std::mt19937 engine(seed); //@1
    std::uniform_real_distribution<double> dist(-0.2, 0.2); //@2
    enc_.assign(hidden_, std::vector<double>(visible_)); //@3
    dec_.assign(visible_, std::vector<double>(hidden_)); //@4
    for (auto& row : enc_) { //@5
        for (auto& e : row) { //@6
            e = dist(engine); //@7
        }
    }
    for (auto& row : dec_) { //@8
        for (auto& e : row) { //@9
            e = dist(engine); //@10
        }
    }
    bh_.assign(hidden_, 0.0); //@11
    bv_.assign(visible_, 0.0); //@12
    code_.assign(hidden_, 0.0); //@13
    recon_.assign(visible_, 0.0); //@14
}

const std::vector<double>& Autoencoder::encode(const std::vector<double>& x) {
    for (std::size_t j = 0; j < hidden_; ++j) { //@15
        double s = bh_[j]; //@16
        for (std::size_t i = 0; i < visible_; ++i) { //@17
            s += enc_[j][i] * x[i]; //@18
        }
        code_[j] = std::tanh(s); //@19
    }
    return code_; //@-
}

const std::vector<double>& Autoencoder::decode() {
    for (std::size_t i = 0; i < visible_; ++i) { //@21
        double s = bv_[i]; //@22
        for (std::size_t j = 0; j < hidden_; ++j) { //@23
            s += dec_[i][j] * code_[j]; //@24
        }
        recon_[i] = s; //@25
    }
    return recon_; //@-
}

double Autoencoder::trainOne(const std::vector<double>& x) {
    encode(x); //@27
    decode(); //@-
    double loss = 0.0; //@-
    std::vector<double> back(hidden_, 0.0); //@30
    for (std::size_t i = 0; i < visible_; ++i) { //@31
        double d = recon_[i] - x[i]; //@32
        loss += 0.5 * d * d; //@33
        for (std::size_t j = 0; j < hidden_; ++j) { //@34
            back[j] += d * dec_[i][j]; //@35
            dec_[i][j] -= rate_ * d * code_[j]; //@36
        }
        bv_[i] -= rate_ * d; //@37
    }
    for (std::size_t j = 0; j < hidden_; ++j) { //@38
        double d = back[j] * (1.0 - code_[j] * code_[j]); //@39
        for (std::size_t i = 0; i < visible_; ++i) { //@40
            enc_[j][i] -= rate_ * d * x[i]; //@41
        }
        bh_[j] -= rate_ * d; //@42
    }
    return loss; //@-
}

}  // namespace ae
