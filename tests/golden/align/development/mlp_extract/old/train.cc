// Two layer perceptron on the "two moons" toy problem.
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

typedef std::vector<double> Vec;

void moons(std::mt19937 &gen, int n, std::vector<Vec> &xs, std::vector<int> &ys)
{
    std::normal_distribution<double> noise(0.0, 0.1); //@1
    std::uniform_real_distribution<double> angle(0.0, M_PI); //@2
    for (int i = 0; i < n; ++i) //@3
    {
        double t = angle(gen); //@4
        int label = i % 2; //@5
        Vec x(2); //@6
        x[0] = label ? 1.0 - std::cos(t) : std::cos(t); //@7
        x[1] = label ? 0.5 - std::sin(t) : std::sin(t); //@8
        x[0] += noise(gen); //@9
        x[1] += noise(gen); //@10
        xs.push_back(x); //@11
        ys.push_back(label); //@12
    }
}

int main()
{
    std::mt19937 gen(1234); //@13
    std::vector<Vec> xs; //@14
    std::vector<int> ys; //@15
    moons(gen, 400, xs, ys); //@16

    const int H = 16; //@17
    std::normal_distribution<double> init(0.0, 0.5); //@18
    std::vector<Vec> W1(H, Vec(2)); //@19
    Vec b1(H, 0.0), W2(H); //@20
    double b2 = 0.0; //@21
    for (int h = 0; h < H; ++h) //@22
    {
        W1[h][0] = init(gen); //@23
        W1[h][1] = init(gen); //@24
        W2[h] = init(gen); //@25
    }

    double lr = 0.1; //@26
    Vec a(H); //@27
    for (int epoch = 1; epoch <= 100; ++epoch) //@28
    {
        double loss = 0.0; //@29
        for (size_t i = 0; i < xs.size(); ++i) //@30
        {
            // forward
            for (int h = 0; h < H; ++h) //@31
                a[h] = std::tanh(W1[h][0] * xs[i][0] + W1[h][1] * xs[i][1] + b1[h]); //@32
            double z = b2; //@33
            for (int h = 0; h < H; ++h) //@34
                z += W2[h] * a[h]; //@35
            double p = 1.0 / (1.0 + std::exp(-z)); //@36
            loss += ys[i] ? -std::log(p) : -std::log(1.0 - p); //@37
            // backward
            double dz = p - ys[i]; //@38
            for (int h = 0; h < H; ++h) //@39
            {
                double da = dz * W2[h] * (1.0 - a[h] * a[h]); //@40
                W2[h] -= lr * dz * a[h]; //@41
                W1[h][0] -= lr * da * xs[i][0]; //@42
                W1[h][1] -= lr * da * xs[i][1]; //@43
                b1[h] -= lr * da; //@44
            }
            b2 -= lr * dz; //@45
        }
        lr *= 0.99; //@46
        std::printf("%3d  %.6f\n", epoch, loss / xs.size()); //@47
    }
    return 0; //@48
}
