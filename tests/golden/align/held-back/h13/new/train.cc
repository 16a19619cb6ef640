#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

using Vec = std::vector<double>;

#define LOG(what) (std::cout << what << "\n")
#define ASSERT_FINITE(v)                                  \
    if (!std::isfinite(v)) {                              \
        std::cerr << #v << " is not finite" << std::endl; \
        return 1;                                         \
    }

static const double kEps = 1e-5;

struct Param {
    Vec value, grad, m, v;
    explicit Param(size_t n) : value(n), grad(n), m(n), v(n) {}
};

struct Net {
    int in, hid, out;
    Param w1, gain, shift, w2, b2;
    Net(int i, int h, int o)
        : in(i), hid(h), out(o), w1(i * h), gain(h), shift(h), w2(h * o), b2(o) {}
};

struct Cache {
    Vec x, pre, norm, act, y;
    double mu, inv;
};

void clear_grads(Net& net) {
    std::fill(net.w1.grad.begin(), net.w1.grad.end(), 0.0); //@1
    std::fill(net.w2.grad.begin(), net.w2.grad.end(), 0.0); //@4
    std::fill(net.b2.grad.begin(), net.b2.grad.end(), 0.0); //@-
    std::fill(net.shift.grad.begin(), net.shift.grad.end(), 0.0); //@3
    std::fill(net.gain.grad.begin(), net.gain.grad.end(), 0.0); //@2
}

void forward(const Net& net, const Vec& x, Cache& c) {
    c.x = x; //@5
    c.pre.assign(net.hid, 0.0); //@6
    c.mu = 0; //@9
    double sq = 0; //@13
    for (int h = 0; h < net.hid; ++h) { //@7
        for (int i = 0; i < net.in; ++i) c.pre[h] += net.w1.value[h * net.in + i] * x[i]; //@8
        c.mu += c.pre[h]; //@11
        sq += c.pre[h] * c.pre[h]; //@15
    }
    c.mu /= net.hid; //@12
    const double var = sq / net.hid - c.mu * c.mu; //@16
    c.inv = 1 / std::sqrt(var + kEps); //@-
    c.act.assign(net.hid, 0.0); //@18
    c.norm.assign(net.hid, 0.0); //@17
    for (int h = 0; h < net.hid; ++h) { //@19
        c.norm[h] = (c.pre[h] - c.mu) * c.inv; //@20
        c.act[h] = std::max(0.0, net.gain.value[h] * c.norm[h] + net.shift.value[h]); //@21
    }
    c.y = net.b2.value; //@22
    for (int o = 0; o < net.out; ++o) { //@23
        for (int h = 0; h < net.hid; ++h) c.y[o] += net.w2.value[o * net.hid + h] * c.act[h]; //@24
    }
}

void backward(Net& net, const Cache& c, const Vec& dy) {
    Vec dn(net.hid); //@25
    double mean_dn = 0, mean_dnn = 0; //@26
    for (int o = 0; o < net.out; ++o) net.b2.grad[o] += dy[o]; //@-
    for (int h = 0; h < net.hid; ++h) { //@27
        double up = 0; //@28
        for (int o = 0; o < net.out; ++o) { //@29
            net.w2.grad[o * net.hid + h] += dy[o] * c.act[h]; //@31
            up += dy[o] * net.w2.value[o * net.hid + h]; //@30
        }
        if (c.act[h] <= 0) continue; //@32
        net.shift.grad[h] += up; //@34
        net.gain.grad[h] += up * c.norm[h]; //@33
        dn[h] = up * net.gain.value[h]; //@35
        mean_dn += dn[h] / net.hid; //@36
        mean_dnn += dn[h] * c.norm[h] / net.hid; //@37
    }
    for (int h = 0; h < net.hid; ++h) { //@38
        double dpre = (dn[h] - mean_dn - c.norm[h] * mean_dnn) * c.inv; //@39
        for (int i = 0; i < net.in; ++i) net.w1.grad[h * net.in + i] += dpre * c.x[i]; //@40
    }
}

void adamw(Param& p, double lr, int t, double decay) {
    const double c1 = 1 - std::pow(0.9, t); //@?
    const double c2 = 1 - std::pow(0.999, t); //@?
    for (size_t k = 0; k < p.value.size(); ++k) { //@41
        p.m[k] = 0.9 * p.m[k] + 0.1 * p.grad[k]; //@42
        p.v[k] = 0.999 * p.v[k] + 0.001 * p.grad[k] * p.grad[k]; //@43
        p.value[k] -= lr * decay * p.value[k]; //@-
        p.value[k] -= lr * (p.m[k] / c1) / (std::sqrt(p.v[k] / c2) + 1e-8); //@46
    }
}

int main() {
    std::mt19937 gen(99); //@47
    std::normal_distribution<double> nd(0, 0.4); //@48
    Net net(2, 16, 1); //@49
    for (double& v : net.w1.value) v = nd(gen); //@50
    for (double& v : net.w2.value) v = nd(gen); //@51
    net.gain.value.assign(16, 1.0); //@52
    Cache c; //@53
    double lr = 0.01; //@55
    for (int epoch = 0; epoch < 100; ++epoch) { //@56
        clear_grads(net); //@58
        double loss = 0; //@57
        for (int k = 0; k < 64; ++k) { //@59
            Vec x = {nd(gen), nd(gen)}; //@60
            double target = x[0] * x[1]; //@61
            forward(net, x, c); //@62
            double diff = c.y[0] - target; //@63
            ASSERT_FINITE(diff); //@-
            loss += diff * diff; //@64
            backward(net, c, {2 * diff / 64}); //@65
        }
        ASSERT_FINITE(loss); //@-
        const int t = epoch + 1; //@?
        adamw(net.w1, lr, t, 1e-3); //@67
        adamw(net.w2, lr, t, 1e-3); //@70
        adamw(net.b2, lr, t, 0); //@-
        adamw(net.gain, lr, t, 0); //@68
        adamw(net.shift, lr, t, 0); //@69
        if (epoch == 60) lr *= 0.5; //@71
        LOG("epoch " << epoch << " loss " << loss / 64); //@72
        if (epoch % 20 != 19) continue; //@-
        double valid = 0; //@-
        for (int k = 0; k < 200; ++k) { //@-
            Vec x = {nd(gen), nd(gen)}; //@-
            double target = x[0] * x[1]; //@-
            forward(net, x, c); //@-
            double diff = c.y[0] - target; //@-
            valid += diff * diff; //@-
        }
        LOG("valid " << valid / 200); //@-
    }
    double test = 0; //@73
    for (int k = 0; k < 200; ++k) { //@74
        Vec x = {nd(gen), nd(gen)}; //@75
        double target = x[0] * x[1]; //@76
        forward(net, x, c); //@77
        double diff = c.y[0] - target; //@78
        test += diff * diff; //@79
    }
    LOG("test " << test / 200); //@80
    return 0; //@81
}
