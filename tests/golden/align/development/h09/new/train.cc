/*
 * Evolution strategy for a small controller (pole on a cart, crude Euler).
 */
#include <cmath>
#include <cstdio>
#include <random>

const int DIM = 5;
const int PAIRS = 10;
const int UPDATES = 240;
const int REPORT_EVERY = 4;

static std::mt19937 rng(123);
static std::normal_distribution<double> normal(0.0, 1.0);

static double episode(const double *k, double a0, double x0)
{
    double a = a0, o = 0, x = x0, v = 0; //@1
    double alive = 0; //@2
    int t = 0; //@-
    while (t < 200) { //@3
        double push = std::tanh(k[0] * x + k[1] * v + k[2] * a + k[3] * o + k[4]) * 10; //@4
        double acc = (push + 0.5 * std::sin(a)) / 1.1; //@5
        double oacc = (9.8 * std::sin(a) - acc * std::cos(a)) / 0.6; //@6
        v += 0.02 * acc; //@8
        o += 0.02 * oacc; //@10
        x += 0.02 * v; //@7
        a += 0.02 * o; //@9
        if (std::fabs(a) > 0.3) //@13
            break; //@14
        if (std::fabs(x) > 2.4) //@11
            break; //@12
        if (!std::isfinite(acc)) //@-
            break; //@-
        alive += 1; //@15
        t++; //@-
    }
    return alive; //@16
}

static double fitness(const double *k)
{
    double sum = 0; //@17
    sum += episode(k, 0.05, 0.0); //@18
    sum += episode(k, -0.05, 0.3); //@19
    sum += episode(k, 0.02, -0.3); //@20
    sum += episode(k, -0.02, 0.6); //@-
    return sum / 4; //@21
}

int main()
{
    double mean[DIM] = {0}; //@22
    double step[DIM]; //@23
    double dir[DIM]; //@24
    double minus[DIM], plus[DIM]; //@25
    double lrate = 0.3; //@26
    double sigma = 0.05; //@27
    double record = 0; //@28
    int evals = 0; //@29

    for (int u = 0; u < UPDATES; u++) { //@?
        for (int i = 0; i < DIM; i++) //@32
            step[i] = 0; //@33
        for (int p = 0; p < PAIRS; p++) { //@34
            for (int i = 0; i < DIM; i++) { //@35
                dir[i] = normal(rng); //@36
                minus[i] = mean[i] - lrate * dir[i]; //@38
                plus[i] = mean[i] + lrate * dir[i]; //@37
            }
            double fm = fitness(minus); //@41
            double fp = fitness(plus); //@39
            for (int i = 0; i < DIM; i++) //@43
                step[i] += (fp - fm) * dir[i] / (2 * lrate * PAIRS); //@44
        }
        evals += 2 * PAIRS; //@?
        double norm = 0; //@45
        for (int i = 0; i < DIM; i++) //@46
            norm += step[i] * step[i]; //@47
        norm = std::sqrt(norm) + 1e-8; //@48
        for (int i = 0; i < DIM; i++) //@49
            mean[i] += sigma * step[i] / norm; //@50
        if (u % REPORT_EVERY != REPORT_EVERY - 1) //@-
            continue; //@-
        double now = fitness(mean); //@51
        evals++; //@52
        if (now > record) { //@53
            record = now; //@54
            std::printf("update %d: new best %.1f\n", u, record); //@55
        }
        lrate *= 0.99; //@56
        sigma *= 0.995; //@57
    }
    double last = fitness(mean); //@-
    evals++; //@-
    std::printf("%d evaluations, best %.1f, last %.1f\n", evals, record, last); //@58
    return 0; //@59
}
