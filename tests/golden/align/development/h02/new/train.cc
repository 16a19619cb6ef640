// Character level RNN, after a weekend of reading.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

typedef std::vector<double> vec;

struct Weights {
    vec xh, hh, hy, bh, by;
};

static void fill_normal(vec& m, std::mt19937& g, double sd) {
    std::normal_distribution<double> nd(0, sd); //@10
    for (auto& x : m) x = nd(g); //@?
}

// one recurrent step: reads `before`, writes `after`
static void cell(const Weights& m, int in, const vec& before, vec& after, int V) {
    const int H = before.size(); //@-
    for (int i = 0; i < H; i++) { //@27
        double a = m.bh[i] + m.xh[i * V + in]; //@28
        for (int j = 0; j < H; j++) a += m.hh[i * H + j] * before[j]; //@29
        after[i] = std::tanh(a); //@30
    }
}

static void readout(const Weights& m, const vec& h, vec& prob) {
    const int H = h.size(); //@-
    double total = 0; //@31
    for (size_t k = 0; k < prob.size(); k++) { //@32
        double a = m.by[k]; //@33
        for (int j = 0; j < H; j++) a += m.hy[k * H + j] * h[j]; //@34
        prob[k] = std::exp(a); //@35
        total += prob[k]; //@36
    }
    for (double& q : prob) q /= total; //@37
}

static void clipped_update(vec& theta, const vec& grad, double step, double limit) {
    for (size_t i = 0; i < theta.size(); i++) { //@61
        double g = std::max(-limit, std::min(limit, grad[i])); //@62
        theta[i] -= step * g; //@65
    }
}

static double window_pass(const Weights& m, Weights& d, const int* ids, int T, vec& carry) {
    const int H = carry.size(), V = m.by.size(); //@-
    std::vector<vec> hs(T + 1, vec(H)), ps(T, vec(V)); //@22
    hs[0] = carry; //@23
    double nll = 0; //@24
    for (int t = 0; t < T; t++) { //@25
        cell(m, ids[t], hs[t], hs[t + 1], V); //@-
        readout(m, hs[t + 1], ps[t]); //@-
        nll -= std::log(ps[t][ids[t + 1]]); //@38
    }
    vec dhnext(H); //@-
    for (int t = T - 1; t >= 0; t--) { //@40
        vec dy = ps[t]; //@42
        dy[ids[t + 1]] -= 1; //@43
        vec dh = dhnext; //@44
        for (int k = 0; k < V; k++) { //@45
            d.by[k] += dy[k]; //@46
            for (int j = 0; j < H; j++) { //@47
                d.hy[k * H + j] += dy[k] * hs[t + 1][j]; //@48
                dh[j] += m.hy[k * H + j] * dy[k]; //@49
            }
        }
        dhnext.assign(H, 0.0); //@50
        for (int i = 0; i < H; i++) { //@51
            double draw = (1 - hs[t + 1][i] * hs[t + 1][i]) * dh[i]; //@52
            d.bh[i] += draw; //@53
            d.xh[i * V + ids[t]] += draw; //@54
            for (int j = 0; j < H; j++) { //@55
                d.hh[i * H + j] += draw * hs[t][j]; //@56
                dhnext[j] += m.hh[i * H + j] * draw; //@57
            }
        }
    }
    carry = hs[T]; //@66
    return nll; //@-
}

int main() {
    const std::string text = "the cat sat on the mat and the dog sat on the log. "; //@1
    std::map<char, int> vocab; //@2
    std::vector<int> ids; //@-
    for (char ch : text) { //@4
        if (vocab.count(ch) == 0) { //@5
            const int next = (int)vocab.size(); //@-
            vocab[ch] = next; //@6
        }
        ids.push_back(vocab[ch]); //@-
    }
    const int V = vocab.size(), H = 24, T = 12; //@8
    std::mt19937 gen(42); //@9
    Weights model{vec(H * V), vec(H * H), vec(V * H), vec(H), vec(V)}; //@11
    fill_normal(model.xh, gen, 0.1); //@12
    fill_normal(model.hh, gen, 0.1); //@13
    fill_normal(model.hy, gen, 0.1); //@14
    double step = 0.1, avg = std::log((double)V) * T; //@15
    vec state(H, 0.0); //@16
    size_t pos = 0; //@17
    for (int n = 0; n < 2000; n++) { //@18
        if (pos + T + 1 >= text.size()) { //@19
            pos = 0; //@20
            state.assign(H, 0.0); //@21
        }
        Weights d{vec(H * V), vec(H * H), vec(V * H), vec(H), vec(V)}; //@39
        const double nll = window_pass(model, d, ids.data() + pos, T, state); //@-
        clipped_update(model.xh, d.xh, step, 5); //@-
        clipped_update(model.hh, d.hh, step, 5); //@-
        clipped_update(model.hy, d.hy, step, 5); //@-
        clipped_update(model.bh, d.bh, step, 5); //@-
        clipped_update(model.by, d.by, step, 5); //@-
        avg = 0.99 * avg + 0.01 * nll; //@67
        if (n % 200 == 0) { //@68
            printf("iter %d loss %f\n", n, avg); //@69
        }
        pos += T; //@70
    }
    return 0; //@71
}
