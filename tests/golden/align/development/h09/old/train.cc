/*
 * Evolution strategy for a small controller (pole on a cart, crude Euler).
 */
#include <cmath>
#include <cstdio>
#include <random>

const int DIM = 5;
const int HALF = 10;
const int GENERATIONS = 60;
const int INNER = 4;

static std::mt19937 rng(123);
static std::normal_distribution<double> normal(0.0, 1.0);

static double episode(const double *w, double x0, double a0)
{
    double x = x0, v = 0, a = a0, o = 0; //@1
    double alive = 0; //@2
    for (int t = 0; t < 200; t++) { //@3
        double force = std::tanh(w[0] * x + w[1] * v + w[2] * a + w[3] * o + w[4]) * 10; //@4
        double acc = (force + 0.5 * std::sin(a)) / 1.1; //@5
        double oacc = (9.8 * std::sin(a) - acc * std::cos(a)) / 0.6; //@6
        x += 0.02 * v; //@7
        v += 0.02 * acc; //@8
        a += 0.02 * o; //@9
        o += 0.02 * oacc; //@10
        if (std::fabs(x) > 2.4) //@11
            break; //@12
        if (std::fabs(a) > 0.3) //@13
            break; //@14
        alive += 1; //@15
    }
    return alive; //@16
}

static double fitness(const double *w)
{
    double sum = 0; //@17
    sum += episode(w, 0.0, 0.05); //@18
    sum += episode(w, 0.3, -0.05); //@19
    sum += episode(w, -0.3, 0.02); //@20
    return sum / 3; //@21
}

int main()
{
    double theta[DIM] = {0}; //@22
    double grad[DIM]; //@23
    double eps[DIM]; //@24
    double up[DIM], down[DIM]; //@25
    double sigma = 0.3; //@26
    double lrate = 0.05; //@27
    double best = 0; //@28
    int evals = 0; //@29

    for (int g = 0; g < GENERATIONS; g++) { //@?
        for (int k = 0; k < INNER; k++) { //@?
            for (int i = 0; i < DIM; i++) //@32
                grad[i] = 0; //@33
            for (int h = 0; h < HALF; h++) { //@34
                for (int i = 0; i < DIM; i++) { //@35
                    eps[i] = normal(rng); //@36
                    up[i] = theta[i] + sigma * eps[i]; //@37
                    down[i] = theta[i] - sigma * eps[i]; //@38
                }
                double fu = fitness(up); //@39
                evals++; //@?
                double fd = fitness(down); //@41
                evals++; //@?
                for (int i = 0; i < DIM; i++) //@43
                    grad[i] += (fu - fd) * eps[i] / (2 * sigma * HALF); //@44
            }
            double norm = 0; //@45
            for (int i = 0; i < DIM; i++) //@46
                norm += grad[i] * grad[i]; //@47
            norm = std::sqrt(norm) + 1e-8; //@48
            for (int i = 0; i < DIM; i++) //@49
                theta[i] += lrate * grad[i] / norm; //@50
        }
        double now = fitness(theta); //@51
        evals++; //@52
        if (now > best) { //@53
            best = now; //@54
            std::printf("gen %d: new best %.1f\n", g, best); //@55
        }
        sigma *= 0.99; //@56
        lrate *= 0.995; //@57
    }
    std::printf("%d evaluations, best %.1f\n", evals, best); //@58
    return 0; //@59
}
