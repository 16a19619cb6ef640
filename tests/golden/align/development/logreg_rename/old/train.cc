#include <cmath>
#include <cstdio>
#include <cstdlib>

#define N 300
#define NTEST 100
#define D 5

static double X[N + NTEST][D];
static int y[N + NTEST];

static double uniform() { return rand() / (double)RAND_MAX; }

static void make_data(void) {
    double truth[D] = {1.0, -2.0, 0.5, 0.0, 1.5}; //@1
    for (int i = 0; i < N + NTEST; i++) { //@2
        double dot = 0.3; //@3
        for (int j = 0; j < D; j++) { //@4
            X[i][j] = 2.0 * uniform() - 1.0; //@5
            dot += truth[j] * X[i][j]; //@6
        }
        y[i] = dot > 0 ? 1 : 0; //@7
    }
}

int main() {
    srand(7); //@8
    make_data(); //@9
    double w[D], gw[D]; //@10
    double b = 0.0, gb; //@11
    double lr = 0.5; //@12
    for (int j = 0; j < D; j++) //@13
        w[j] = 0.01 * (uniform() - 0.5); //@14

    for (int epoch = 0; epoch < 200; epoch++) { //@15
        double acc = 0.0; //@16
        gb = 0.0; //@17
        for (int j = 0; j < D; j++) //@18
            gw[j] = 0.0; //@19
        for (int i = 0; i < N; i++) { //@20
            double sum = b; //@21
            for (int j = 0; j < D; j++) //@22
                sum += w[j] * X[i][j]; //@23
            double p = 1.0 / (1.0 + exp(-sum)); //@24
            double e = p - y[i]; //@25
            acc -= y[i] ? log(p + 1e-12) : log(1.0 - p + 1e-12); //@26
            for (int j = 0; j < D; j++) //@27
                gw[j] += e * X[i][j]; //@28
            gb += e; //@29
        }
        for (int j = 0; j < D; j++) //@30
            w[j] -= lr * gw[j] / N; //@31
        b -= lr * gb / N; //@32
        if (epoch % 20 == 0) //@33
            printf("epoch %d loss %.5f\n", epoch, acc / N); //@34
    }

    int hits = 0; //@35
    for (int i = N; i < N + NTEST; i++) { //@36
        double sum = b; //@37
        for (int j = 0; j < D; j++) //@38
            sum += w[j] * X[i][j]; //@39
        if ((sum > 0.0) == (y[i] == 1)) //@40
            hits++; //@41
    }
    printf("test accuracy %.3f\n", hits / (double)NTEST); //@42
    return 0; //@43
}
