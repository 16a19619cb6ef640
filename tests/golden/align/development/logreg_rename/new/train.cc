#include <cmath>
#include <cstdio>
#include <cstdlib>

#define N_TRAIN 300
#define N_TEST 100
#define N_FEAT 5

static double features[N_TRAIN + N_TEST][N_FEAT];
static int labels[N_TRAIN + N_TEST];

static double rand01() { return rand() / (double)RAND_MAX; }

static void generate(void) {
    double w_ref[N_FEAT] = {1.0, -2.0, 0.5, 0.0, 1.5}; //@1
    for (int s = 0; s < N_TRAIN + N_TEST; s++) { //@2
        double margin = 0.3; //@3
        for (int i = 0; i < N_FEAT; i++) { //@4
            features[s][i] = 2.0 * rand01() - 1.0; //@5
            margin += w_ref[i] * features[s][i]; //@6
        }
        labels[s] = margin > 0 ? 1 : 0; //@7
    }
}

int main() {
    srand(7); //@8
    generate(); //@9
    double weight[N_FEAT], grad_w[N_FEAT]; //@10
    double bias = 0.0, grad_b; //@11
    double rate = 0.5; //@12
    for (int i = 0; i < N_FEAT; i++) //@13
        weight[i] = 0.01 * (rand01() - 0.5); //@14

    for (int iter = 0; iter < 200; iter++) { //@15
        double sum = 0.0; //@16
        grad_b = 0.0; //@17
        for (int i = 0; i < N_FEAT; i++) //@18
            grad_w[i] = 0.0; //@19
        for (int s = 0; s < N_TRAIN; s++) { //@20
            double acc = bias; //@21
            for (int i = 0; i < N_FEAT; i++) //@22
                acc += weight[i] * features[s][i]; //@23
            double prob = 1.0 / (1.0 + exp(-acc)); //@24
            double delta = prob - labels[s]; //@25
            sum -= labels[s] ? log(prob + 1e-12) : log(1.0 - prob + 1e-12); //@26
            for (int i = 0; i < N_FEAT; i++) //@27
                grad_w[i] += delta * features[s][i]; //@28
            grad_b += delta; //@29
        }
        double norm = grad_b * grad_b; //@-
        for (int i = 0; i < N_FEAT; i++) //@-
            norm += grad_w[i] * grad_w[i]; //@-
        for (int i = 0; i < N_FEAT; i++) //@30
            weight[i] -= rate * grad_w[i] / N_TRAIN; //@31
        bias -= rate * grad_b / N_TRAIN; //@32
        if (iter % 20 == 0) //@33
            printf("iter %d loss %.5f |g| %.5f\n", iter, sum / N_TRAIN, sqrt(norm) / N_TRAIN); //@34
    }

    int correct = 0; //@35
    for (int s = N_TRAIN; s < N_TRAIN + N_TEST; s++) { //@36
        double acc = bias; //@37
        for (int i = 0; i < N_FEAT; i++) //@38
            acc += weight[i] * features[s][i]; //@39
        if ((acc > 0.0) == (labels[s] == 1)) //@40
            correct++; //@41
    }
    printf("test accuracy %.3f\n", correct / (double)N_TEST); //@42
    return 0; //@43
}
