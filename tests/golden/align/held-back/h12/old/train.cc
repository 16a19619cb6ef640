// Gaussian process regression, hyperparameters by numeric gradient ascent.
#include <cmath>
#include <cstdio>
#include <cstdlib>

struct GP {
    int n;
    double *x, *y;      // data
    double *K, *L;      // kernel, cholesky factor
    double *alpha;
    double ell, amp, noise;
};

double kernel(const GP *gp, double a, double b) {
    double d = (a - b) / gp->ell; //@1
    return gp->amp * gp->amp * exp(-0.5 * d * d); //@2
}

GP *gp_new(int n) {
    GP *gp = new GP; //@3
    gp->n = n; //@4
    gp->x = new double[n]; //@5
    gp->y = new double[n]; //@6
    gp->K = new double[n * n]; //@7
    gp->L = new double[n * n]; //@8
    gp->alpha = new double[n]; //@9
    gp->ell = 1.0; //@10
    gp->amp = 1.0; //@11
    gp->noise = 0.1; //@12
    return gp; //@13
}

void gp_free(GP *gp) {
    delete[] gp->x; //@-
    delete[] gp->y; //@-
    delete[] gp->K; //@-
    delete[] gp->L; //@-
    delete[] gp->alpha; //@-
    delete gp; //@-
}

void cholesky(const double *A, double *L, int n) {
    for (int i = 0; i < n * n; i++) L[i] = 0; //@20
    for (int i = 0; i < n; i++) { //@21
        for (int j = 0; j <= i; j++) { //@22
            double s = A[i * n + j]; //@23
            for (int k = 0; k < j; k++) s -= L[i * n + k] * L[j * n + k]; //@24
            if (i == j) { //@-
                L[i * n + i] = sqrt(s); //@26
            } else {
                L[i * n + j] = s / L[j * n + j]; //@27
            }
        }
    }
}

double gp_loglik(GP *gp) {
    int n = gp->n; //@28
    for (int i = 0; i < n; i++) { //@29
        for (int j = 0; j < n; j++) { //@30
            gp->K[i * n + j] = kernel(gp, gp->x[i], gp->x[j]); //@31
        }
        gp->K[i * n + i] += gp->noise * gp->noise; //@32
    }
    cholesky(gp->K, gp->L, n); //@33
    for (int i = 0; i < n; i++) { //@34
        double s = gp->y[i]; //@35
        for (int k = 0; k < i; k++) s -= gp->L[i * n + k] * gp->alpha[k]; //@36
        gp->alpha[i] = s / gp->L[i * n + i]; //@37
    }
    for (int i = n - 1; i >= 0; i--) { //@38
        double s = gp->alpha[i]; //@39
        for (int k = i + 1; k < n; k++) s -= gp->L[k * n + i] * gp->alpha[k]; //@40
        gp->alpha[i] = s / gp->L[i * n + i]; //@41
    }
    double ll = -0.5 * n * log(2 * 3.14159265358979); //@42
    for (int i = 0; i < n; i++) { //@43
        ll -= 0.5 * gp->y[i] * gp->alpha[i]; //@44
        ll -= log(gp->L[i * n + i]); //@45
    }
    return ll; //@46
}

double gp_mean(const GP *gp, double at) {
    double m = 0; //@47
    for (int i = 0; i < gp->n; i++) { //@48
        m += kernel(gp, at, gp->x[i]) * gp->alpha[i]; //@49
    }
    return m; //@50
}

int main() {
    GP *gp = gp_new(25); //@51
    srand(4); //@52
    for (int i = 0; i < gp->n; i++) { //@53
        gp->x[i] = 0.25 * i; //@54
        gp->y[i] = sin(gp->x[i]) + 0.1 * (rand() / (double)RAND_MAX - 0.5); //@55
    }
    double h = 1e-4; //@56
    double step = 0.01; //@57
    for (int it = 0; it < 60; it++) { //@58
        double base = gp_loglik(gp); //@?
        double *hyper[3] = {&gp->ell, &gp->amp, &gp->noise}; //@60
        double g[3]; //@61
        for (int p = 0; p < 3; p++) { //@62
            double keep = *hyper[p]; //@63
            *hyper[p] = keep * exp(h); //@64
            g[p] = (gp_loglik(gp) - base) / h; //@65
            *hyper[p] = keep; //@66
        }
        for (int p = 0; p < 3; p++) { //@67
            *hyper[p] *= exp(step * g[p] / (1 + fabs(g[p]))); //@68
        }
        if (it % 10 == 0) { //@69
            printf("it %d loglik %f ell %f amp %f noise %f\n", it, base, gp->ell, gp->amp, gp->noise); //@70
        }
    }
    printf("final loglik %f\n", gp_loglik(gp)); //@71
    double mse = 0; //@72
    for (int i = 0; i < 20; i++) { //@73
        double at = 0.1 + 0.3 * i; //@74
        double e = gp_mean(gp, at) - sin(at); //@75
        mse += e * e / 20; //@76
    }
    printf("mse %f\n", mse); //@77
    gp_free(gp); //@-
    return 0; //@79
}
