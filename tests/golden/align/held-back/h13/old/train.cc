#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

using Vec = std::vector<double>;

struct Param {
    Vec value, grad, m, v;
    explicit Param(size_t n) : value(n), grad(n), m(n), v(n) {}
};

struct Net {
    int in, hid, out;
    Param w1, g, b, w2;
    Net(int i, int h, int o) : in(i), hid(h), out(o), w1(i * h), g(h), b(h), w2(h * o) {}
};

struct Cache {
    Vec x, pre, norm, act, y;
    double mean, var;
};

void zero_grad(Net& net) {
    std::fill(net.w1.grad.begin(), net.w1.grad.end(), 0.0); //@1
    std::fill(net.g.grad.begin(), net.g.grad.end(), 0.0); //@2
    std::fill(net.b.grad.begin(), net.b.grad.end(), 0.0); //@3
    std::fill(net.w2.grad.begin(), net.w2.grad.end(), 0.0); //@4
}

void forward(const Net& net, const Vec& x, Cache& c) {
    c.x = x; //@5
    c.pre.assign(net.hid, 0.0); //@6
    for (int h = 0; h < net.hid; ++h) { //@7
        for (int i = 0; i < net.in; ++i) c.pre[h] += net.w1.value[h * net.in + i] * x[i]; //@8
    }
    c.mean = 0; //@9
    for (int h = 0; h < net.hid; ++h) { //@-
        c.mean += c.pre[h]; //@11
    }
    c.mean /= net.hid; //@12
    c.var = 0; //@13
    for (int h = 0; h < net.hid; ++h) { //@-
        c.var += (c.pre[h] - c.mean) * (c.pre[h] - c.mean); //@15
    }
    c.var /= net.hid; //@16
    c.norm.assign(net.hid, 0.0); //@17
    c.act.assign(net.hid, 0.0); //@18
    for (int h = 0; h < net.hid; ++h) { //@19
        c.norm[h] = (c.pre[h] - c.mean) / std::sqrt(c.var + 1e-5); //@20
        c.act[h] = std::max(0.0, net.g.value[h] * c.norm[h] + net.b.value[h]); //@21
    }
    c.y.assign(net.out, 0.0); //@22
    for (int o = 0; o < net.out; ++o) { //@23
        for (int h = 0; h < net.hid; ++h) c.y[o] += net.w2.value[o * net.hid + h] * c.act[h]; //@24
    }
}

void backward(Net& net, const Cache& c, const Vec& dy) {
    Vec dnorm(net.hid); //@25
    double m1 = 0, m2 = 0; //@26
    for (int h = 0; h < net.hid; ++h) { //@27
        double da = 0; //@28
        for (int o = 0; o < net.out; ++o) { //@29
            da += dy[o] * net.w2.value[o * net.hid + h]; //@30
            net.w2.grad[o * net.hid + h] += dy[o] * c.act[h]; //@31
        }
        if (c.act[h] <= 0) da = 0; //@32
        net.g.grad[h] += da * c.norm[h]; //@33
        net.b.grad[h] += da; //@34
        dnorm[h] = da * net.g.value[h]; //@35
        m1 += dnorm[h] / net.hid; //@36
        m2 += dnorm[h] * c.norm[h] / net.hid; //@37
    }
    for (int h = 0; h < net.hid; ++h) { //@38
        double dpre = (dnorm[h] - m1 - c.norm[h] * m2) / std::sqrt(c.var + 1e-5); //@39
        for (int i = 0; i < net.in; ++i) net.w1.grad[h * net.in + i] += dpre * c.x[i]; //@40
    }
}

void adam(Param& p, double lr, int t) {
    for (size_t k = 0; k < p.value.size(); ++k) { //@41
        p.m[k] = 0.9 * p.m[k] + 0.1 * p.grad[k]; //@42
        p.v[k] = 0.999 * p.v[k] + 0.001 * p.grad[k] * p.grad[k]; //@43
        double mhat = p.m[k] / (1 - std::pow(0.9, t)); //@?
        double vhat = p.v[k] / (1 - std::pow(0.999, t)); //@?
        p.value[k] -= lr * mhat / (std::sqrt(vhat) + 1e-8); //@46
    }
}

int main() {
    std::mt19937 gen(99); //@47
    std::normal_distribution<double> nd(0, 0.4); //@48
    Net net(2, 16, 1); //@49
    for (double& v : net.w1.value) v = nd(gen); //@50
    for (double& v : net.w2.value) v = nd(gen); //@51
    net.g.value.assign(16, 1.0); //@52
    Cache c; //@53
    int t = 0; //@-
    double lr = 0.01; //@55
    for (int epoch = 0; epoch < 100; ++epoch) { //@56
        double loss = 0; //@57
        zero_grad(net); //@58
        for (int k = 0; k < 64; ++k) { //@59
            Vec x = {nd(gen), nd(gen)}; //@60
            double target = x[0] * x[1]; //@61
            forward(net, x, c); //@62
            double diff = c.y[0] - target; //@63
            loss += diff * diff; //@64
            backward(net, c, {2 * diff / 64}); //@65
        }
        ++t; //@?
        adam(net.w1, lr, t); //@67
        adam(net.g, lr, t); //@68
        adam(net.b, lr, t); //@69
        adam(net.w2, lr, t); //@70
        if (epoch == 60) lr *= 0.5; //@71
        std::cout << "epoch " << epoch << " loss " << loss / 64 << "\n"; //@72
    }
    double test = 0; //@73
    for (int k = 0; k < 200; ++k) { //@74
        Vec x = {nd(gen), nd(gen)}; //@75
        double target = x[0] * x[1]; //@76
        forward(net, x, c); //@77
        double diff = c.y[0] - target; //@78
        test += diff * diff; //@79
    }
    std::cout << "test " << test / 200 << "\n"; //@80
    return 0; //@81
}
