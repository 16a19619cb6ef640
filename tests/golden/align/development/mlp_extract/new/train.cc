// Two layer perceptron on the "two moons" toy problem.
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

typedef std::vector<double> Vec;

struct Net
{
    std::vector<Vec> W1;
    Vec b1, W2;
    double b2;
};

void sample_moons(std::mt19937 &rng, int count, std::vector<Vec> &points, std::vector<int> &targets)
{
    std::normal_distribution<double> noise(0.0, 0.1); //@1
    std::uniform_real_distribution<double> angle(0.0, M_PI); //@2
    for (int i = 0; i < count; ++i) //@3
    {
        double t = angle(rng); //@4
        int label = i % 2; //@5
        Vec x(2); //@6
        x[0] = label ? 1.0 - std::cos(t) : std::cos(t); //@7
        x[1] = label ? 0.5 - std::sin(t) : std::sin(t); //@8
        x[0] += noise(rng); //@9
        x[1] += noise(rng); //@10
        points.push_back(x); //@11
        targets.push_back(label); //@12
    }
}

void init_weights(Net &net, int width, std::mt19937 &rng)
{
    std::normal_distribution<double> dist(0.0, 0.5); //@18
    net.W1.assign(width, Vec(2)); //@19
    net.b1.assign(width, 0.0); //@20
    net.W2.resize(width); //@?
    net.b2 = 0.0; //@21
    for (int k = 0; k < width; ++k) //@22
    {
        net.W1[k][0] = dist(rng); //@23
        net.W1[k][1] = dist(rng); //@24
        net.W2[k] = dist(rng); //@25
    }
}

double forward(const Net &net, const Vec &in, Vec &act)
{
    const int width = (int)act.size(); //@-
    for (int k = 0; k < width; ++k) //@31
        act[k] = std::tanh(net.W1[k][0] * in[0] + net.W1[k][1] * in[1] + net.b1[k]); //@32
    double logit = net.b2; //@33
    for (int k = 0; k < width; ++k) //@34
        logit += net.W2[k] * act[k]; //@35
    return 1.0 / (1.0 + std::exp(-logit)); //@36
}

void backward(Net &net, const Vec &in, const Vec &act, double err, double step)
{
    for (size_t k = 0; k < act.size(); ++k) //@39
    {
        double da = err * net.W2[k] * (1.0 - act[k] * act[k]); //@40
        net.W2[k] -= step * err * act[k]; //@41
        net.W1[k][0] -= step * da * in[0]; //@42
        net.W1[k][1] -= step * da * in[1]; //@43
        net.b1[k] -= step * da; //@44
    }
    net.b2 -= step * err; //@45
}

int main()
{
    std::mt19937 gen(1234); //@13
    std::vector<Vec> xs; //@14
    std::vector<int> ys; //@15
    sample_moons(gen, 400, xs, ys); //@16

    const int H = 16; //@17
    Net net; //@-
    init_weights(net, H, gen); //@-

    double lr = 0.1; //@26
    Vec hidden(H); //@27
    for (int epoch = 1; epoch <= 100; ++epoch) //@28
    {
        double loss = 0.0; //@29
        int hits = 0; //@-
        for (size_t i = 0; i < xs.size(); ++i) //@30
        {
            double p = forward(net, xs[i], hidden); //@?
            loss += ys[i] ? -std::log(p) : -std::log(1.0 - p); //@37
            hits += (p > 0.5) == (ys[i] == 1); //@-
            double dz = p - ys[i]; //@38
            backward(net, xs[i], hidden, dz, lr); //@-
        }
        lr *= 0.99; //@46
        std::printf("%3d  %.6f  %.3f\n", epoch, loss / xs.size(), (double)hits / xs.size()); //@47
    }
    return 0; //@48
}
