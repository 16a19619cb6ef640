// Gradient boosting with decision stumps, logistic loss, on points inside/outside of a ball.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

struct Options {
    int rounds = 500;
    int patience = 25;
    float shrinkage = 0.1f;
    float subsample = 0.7f;
    float lambda = 1.0f;
};

struct Stump {
    int feature;
    float threshold;
    float left, right;
    float gain;
};

struct Dataset {
    std::vector<std::vector<float>> x;
    std::vector<int> y;
    size_t size() const {
        return x.size(); //@-
    }
};

Dataset make_ball(int n, std::mt19937 &rng) {
    std::normal_distribution<float> gauss(0, 1); //@1
    Dataset d; //@2
    for (int i = 0; i < n; i++) { //@3
        std::vector<float> row(5); //@4
        for (float &v : row) { //@6
            v = gauss(rng); //@7
        }
        float r2 = std::inner_product(row.begin(), row.end(), row.begin(), 0.0f); //@?
        d.x.push_back(row); //@9
        d.y.push_back(r2 > 4.35f ? 1 : 0); //@10
    }
    return d; //@11
}

float sigmoid(float z) {
    return 1 / (1 + std::exp(-z)); //@12
}

float log_loss(float z, int y) {
    float p = std::min(std::max(sigmoid(z), 1e-6f), 1 - 1e-6f); //@-
    return -std::log(y ? p : 1 - p); //@-
}

float predict(const Stump &s, const std::vector<float> &row) {
    return row[s.feature] < s.threshold ? s.left : s.right; //@13
}

float predict(const std::vector<Stump> &stumps, const std::vector<float> &row, float shrinkage) {
    float z = 0; //@64
    for (const Stump &s : stumps) //@65
        z += shrinkage * predict(s, row); //@66
    return z; //@-
}

Stump fit_stump(const Dataset &d, std::vector<int> rows, const std::vector<float> &grad, const std::vector<float> &hess, const Options &opt) {
    float total_g = 0, total_h = opt.lambda; //@15
    for (int i : rows) { //@16
        total_g += grad[i]; //@17
        total_h += hess[i]; //@18
    }
    const float unsplit = total_g * total_g / total_h; //@-
    Stump best{0, 0, 0, 0, 0}; //@19
    for (size_t f = 0; f < d.x[0].size(); f++) { //@22
        std::sort(rows.begin(), rows.end(), [&](int a, int b) { return d.x[a][f] < d.x[b][f]; }); //@25
        float g = 0, h = opt.lambda; //@26
        for (size_t k = 0; k + 1 < rows.size(); k++) { //@27
            g += grad[rows[k]]; //@29
            h += hess[rows[k]]; //@30
            float lo = d.x[rows[k]][f], hi = d.x[rows[k + 1]][f]; //@31
            if (lo == hi) //@32
                continue; //@33
            float rest_g = total_g - g, rest_h = total_h - h + opt.lambda; //@-
            float gain = g * g / h + rest_g * rest_g / rest_h - unsplit; //@34
            if (gain > best.gain) { //@35
                best.gain = gain; //@36
                best.feature = f; //@37
                best.threshold = (lo + hi) / 2; //@38
                best.left = -g / h; //@39
                best.right = -rest_g / rest_h; //@40
            }
        }
    }
    return best; //@41
}

int main() {
    const Options opt; //@-
    std::mt19937 rng(17); //@42
    Dataset train = make_ball(2000, rng); //@43
    Dataset valid = make_ball(500, rng); //@-
    const int n = train.size(); //@44
    const int m = valid.size(); //@-
    std::vector<float> valid_score(m, 0.0f); //@-
    std::vector<float> train_score(n, 0.0f); //@45
    std::vector<float> grad(n), hess(n); //@46
    std::vector<float> importance(train.x[0].size(), 0.0f); //@-
    std::vector<int> rows(n); //@?
    std::iota(rows.begin(), rows.end(), 0); //@?
    std::vector<Stump> model; //@47
    float best_loss = 1e9f; //@-
    size_t best_round = 0; //@-
    for (int round = 0; round < opt.rounds; round++) { //@48
        for (int i = 0; i < n; i++) { //@50
            float p = sigmoid(train_score[i]); //@51
            grad[i] = p - train.y[i]; //@52
            hess[i] = p * (1 - p); //@53
        }
        std::shuffle(rows.begin(), rows.end(), rng); //@-
        std::vector<int> bag(rows.begin(), rows.begin() + int(opt.subsample * n)); //@-
        Stump s = fit_stump(train, bag, grad, hess, opt); //@55
        model.push_back(s); //@56
        importance[s.feature] += s.gain; //@-

        float valid_loss = 0; //@-
        for (int i = 0; i < m; i++) { //@-
            valid_score[i] += opt.shrinkage * predict(s, valid.x[i]); //@-
            valid_loss += log_loss(valid_score[i], valid.y[i]); //@-
        }
        float train_loss = 0; //@49
        for (int i = 0; i < n; i++) { //@57
            train_score[i] += opt.shrinkage * predict(s, train.x[i]); //@58
            train_loss += log_loss(train_score[i], train.y[i]); //@54
        }

        if (valid_loss < best_loss) { //@-
            best_loss = valid_loss; //@-
            best_round = model.size(); //@-
        }
        if (round % 20 == 0) //@59
            std::cout << "round " << round << " train " << train_loss / n << " valid " << valid_loss / m << "\n"; //@60
        if (model.size() > best_round + opt.patience) { //@-
            std::cout << "stopping early at round " << round << "\n"; //@-
            break; //@-
        }
    }
    model.resize(best_round); //@-

    Dataset test = make_ball(1000, rng); //@61
    int correct = 0; //@62
    for (size_t i = 0; i < test.size(); i++) { //@63
        float z = predict(model, test.x[i], opt.shrinkage); //@?
        correct += (z > 0) == (test.y[i] == 1); //@67
    }
    std::cout << "accuracy " << correct / double(test.size()) << "\n"; //@68
    for (size_t f = 0; f < importance.size(); f++) //@-
        std::cout << "feature " << f << " gain " << importance[f] << "\n"; //@-
    return 0; //@69
}
