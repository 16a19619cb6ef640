// Character level RNN, after a weekend of reading.
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

typedef std::vector<double> vec;

int main() {
    const std::string text = "the cat sat on the mat and the dog sat on the log. "; //@1
    std::map<char, int> char_to_ix; //@2
    std::vector<char> ix_to_char; //@-
    for (char ch : text) { //@4
        if (char_to_ix.count(ch) == 0) { //@5
            char_to_ix[ch] = (int)ix_to_char.size(); //@6
            ix_to_char.push_back(ch); //@-
        }
    }
    const int V = ix_to_char.size(), H = 24, T = 12; //@8
    std::mt19937 gen(42); //@9
    std::normal_distribution<double> nd(0, 0.1); //@10
    vec Wxh(H * V), Whh(H * H), Why(V * H), bh(H), by(V); //@11
    for (auto& x : Wxh) x = nd(gen); //@12
    for (auto& x : Whh) x = nd(gen); //@13
    for (auto& x : Why) x = nd(gen); //@14
    double learning_rate = 0.1, smooth_loss = std::log((double)V) * T; //@15
    vec hprev(H, 0.0); //@16
    size_t pos = 0; //@17
    for (int n = 0; n < 2000; n++) { //@18
        if (pos + T + 1 >= text.size()) { //@19
            pos = 0; //@20
            hprev.assign(H, 0.0); //@21
        }
        std::vector<vec> hs(T + 1, vec(H)), ps(T, vec(V)); //@22
        hs[0] = hprev; //@23
        double loss = 0; //@24
        for (int t = 0; t < T; t++) { //@25
            int ix = char_to_ix[text[pos + t]], target = char_to_ix[text[pos + t + 1]]; //@-
            for (int i = 0; i < H; i++) { //@27
                double a = bh[i] + Wxh[i * V + ix]; //@28
                for (int j = 0; j < H; j++) a += Whh[i * H + j] * hs[t][j]; //@29
                hs[t + 1][i] = std::tanh(a); //@30
            }
            double z = 0; //@31
            for (int k = 0; k < V; k++) { //@32
                double a = by[k]; //@33
                for (int j = 0; j < H; j++) a += Why[k * H + j] * hs[t + 1][j]; //@34
                ps[t][k] = std::exp(a); //@35
                z += ps[t][k]; //@36
            }
            for (int k = 0; k < V; k++) ps[t][k] /= z; //@37
            loss -= std::log(ps[t][target]); //@38
        }
        vec dWxh(H * V), dWhh(H * H), dWhy(V * H), dbh(H), dby(V), dhnext(H); //@39
        for (int t = T - 1; t >= 0; t--) { //@40
            int ix = char_to_ix[text[pos + t]], target = char_to_ix[text[pos + t + 1]]; //@-
            vec dy = ps[t]; //@42
            dy[target] -= 1; //@43
            vec dh = dhnext; //@44
            for (int k = 0; k < V; k++) { //@45
                dby[k] += dy[k]; //@46
                for (int j = 0; j < H; j++) { //@47
                    dWhy[k * H + j] += dy[k] * hs[t + 1][j]; //@48
                    dh[j] += Why[k * H + j] * dy[k]; //@49
                }
            }
            dhnext.assign(H, 0.0); //@50
            for (int i = 0; i < H; i++) { //@51
                double raw = (1 - hs[t + 1][i] * hs[t + 1][i]) * dh[i]; //@52
                dbh[i] += raw; //@53
                dWxh[i * V + ix] += raw; //@54
                for (int j = 0; j < H; j++) { //@55
                    dWhh[i * H + j] += raw * hs[t][j]; //@56
                    dhnext[j] += Whh[i * H + j] * raw; //@57
                }
            }
        }
        vec* params[5] = {&Wxh, &Whh, &Why, &bh, &by}; //@-
        vec* grads[5] = {&dWxh, &dWhh, &dWhy, &dbh, &dby}; //@-
        for (int p = 0; p < 5; p++) { //@-
            for (size_t i = 0; i < params[p]->size(); i++) { //@61
                double g = (*grads[p])[i]; //@62
                if (g > 5) g = 5; //@-
                if (g < -5) g = -5; //@-
                (*params[p])[i] -= learning_rate * g; //@65
            }
        }
        hprev = hs[T]; //@66
        smooth_loss = 0.99 * smooth_loss + 0.01 * loss; //@67
        if (n % 200 == 0) { //@68
            printf("iter %d loss %f\n", n, smooth_loss); //@69
        }
        pos += T; //@70
    }
    return 0; //@71
}
