// Gradient boosting with decision stumps, logistic loss, on points inside/outside of a ball.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

struct Stump {
    int feature;
    float threshold;
    float left, right;
};

struct Dataset {
    std::vector<std::vector<float>> x;
    std::vector<int> y;
};

Dataset make_ball(int n, std::mt19937 &rng) {
    std::normal_distribution<float> gauss(0, 1); //@1
    Dataset d; //@2
    for (int i = 0; i < n; i++) { //@3
        std::vector<float> row(5); //@4
        float r2 = 0; //@?
        for (float &v : row) { //@6
            v = gauss(rng); //@7
            r2 += v * v; //@?
        }
        d.x.push_back(row); //@9
        d.y.push_back(r2 > 4.35f ? 1 : 0); //@10
    }
    return d; //@11
}

float sigmoid(float z) {
    return 1 / (1 + std::exp(-z)); //@12
}

float predict(const Stump &s, const std::vector<float> &row) {
    return row[s.feature] < s.threshold ? s.left : s.right; //@13
}

Stump fit_stump(const Dataset &d, const std::vector<float> &grad, const std::vector<float> &hess) {
    const int n = d.x.size(); //@-
    float total_g = 0, total_h = 0; //@15
    for (int i = 0; i < n; i++) { //@16
        total_g += grad[i]; //@17
        total_h += hess[i]; //@18
    }
    Stump best{0, 0, 0, 0}; //@19
    float best_gain = 0; //@-
    std::vector<int> order(n); //@?
    for (size_t f = 0; f < d.x[0].size(); f++) { //@22
        for (int i = 0; i < n; i++) //@?
            order[i] = i; //@?
        std::sort(order.begin(), order.end(), [&](int a, int b) { return d.x[a][f] < d.x[b][f]; }); //@25
        float g = 0, h = 0; //@26
        for (int k = 0; k + 1 < n; k++) { //@27
            int i = order[k]; //@-
            g += grad[i]; //@29
            h += hess[i]; //@30
            float lo = d.x[i][f], hi = d.x[order[k + 1]][f]; //@31
            if (lo == hi) //@32
                continue; //@33
            float gain = g * g / h + (total_g - g) * (total_g - g) / (total_h - h); //@34
            if (gain > best_gain) { //@35
                best_gain = gain; //@36
                best.feature = f; //@37
                best.threshold = (lo + hi) / 2; //@38
                best.left = -g / h; //@39
                best.right = -(total_g - g) / (total_h - h); //@40
            }
        }
    }
    return best; //@41
}

int main() {
    std::mt19937 rng(17); //@42
    Dataset train = make_ball(2000, rng); //@43
    const int n = train.x.size(); //@44
    std::vector<float> score(n, 0.0f); //@45
    std::vector<float> grad(n), hess(n); //@46
    std::vector<Stump> model; //@47
    for (int round = 0; round < 200; round++) { //@48
        float loss = 0; //@49
        for (int i = 0; i < n; i++) { //@50
            float p = sigmoid(score[i]); //@51
            grad[i] = p - train.y[i]; //@52
            hess[i] = p * (1 - p); //@53
            loss -= std::log(train.y[i] ? p : 1 - p); //@54
        }
        Stump s = fit_stump(train, grad, hess); //@55
        model.push_back(s); //@56
        for (int i = 0; i < n; i++) //@57
            score[i] += 0.1f * predict(s, train.x[i]); //@58
        if (round % 20 == 0) //@59
            printf("round %d loss %.5f\n", round, loss / n); //@60
    }

    Dataset test = make_ball(1000, rng); //@61
    int correct = 0; //@62
    for (size_t i = 0; i < test.x.size(); i++) { //@63
        float z = 0; //@64
        for (const Stump &s : model) //@65
            z += 0.1f * predict(s, test.x[i]); //@66
        correct += (z > 0) == (test.y[i] == 1); //@67
    }
    printf("accuracy %.3f\n", correct / (double)test.x.size()); //@68
    return 0; //@69
}
