/* skip-gram with negative sampling over a generated token stream */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VOCAB 60
#define DIM 12
#define TOKENS 3000
#define WINDOW 2
#define NEG 4

int corpus[TOKENS];
int counts[VOCAB];
int table[1000];

void make_corpus() {
    int cur = 0; //@1
    memset(counts, 0, sizeof(counts)); //@2
    for (int i = 0; i < TOKENS; i++) { //@3
        if (rand() % 10 < 7) { //@4
            cur = (cur + 1) % VOCAB; //@5
        } else {
            cur = rand() % VOCAB; //@6
        }
        corpus[i] = cur; //@7
        counts[cur]++; //@8
    }
}

void make_table() {
    double norm = 0; //@-
    for (int w = 0; w < VOCAB; w++) { //@10
        norm += pow(counts[w], 0.75); //@11
    }
    int w = 0; //@-
    double cum = pow(counts[0], 0.75) / norm; //@-
    for (int i = 0; i < 1000; i++) { //@-
        table[i] = w; //@-
        if (i / 1000.0 > cum && w < VOCAB - 1) { //@-
            w++; //@-
            cum += pow(counts[w], 0.75) / norm; //@-
        }
    }
}

int main() {
    srand(1); //@19
    make_corpus(); //@20
    make_table(); //@21
    float *in = (float *)malloc(VOCAB * DIM * sizeof(float)); //@22
    float *out = (float *)malloc(VOCAB * DIM * sizeof(float)); //@23
    float *grad = (float *)malloc(DIM * sizeof(float)); //@24
    if (!in || !out || !grad) { //@-
        fprintf(stderr, "out of memory\n"); //@-
        return 1; //@-
    }
    for (int i = 0; i < VOCAB * DIM; i++) { //@28
        in[i] = ((float)rand() / RAND_MAX - 0.5f) / DIM; //@29
        out[i] = 0.0f; //@30
    }
    float lr = 0.05f; //@31
    for (int epoch = 0; epoch < 10; epoch++) { //@32
        double loss = 0; //@33
        long pairs = 0; //@34
        for (int i = 0; i < TOKENS; i++) { //@35
            for (int j = i - WINDOW; j <= i + WINDOW; j++) { //@36
                if (j < 0 || j >= TOKENS || j == i) continue; //@37
                float *u = in + corpus[i] * DIM; //@38
                memset(grad, 0, DIM * sizeof(float)); //@39
                for (int k = 0; k <= NEG; k++) { //@40
                    int word = k == 0 ? corpus[j] : table[rand() % 1000]; //@41
                    float label = k == 0 ? 1.0f : 0.0f; //@42
                    float *v = out + word * DIM; //@43
                    float s = 0; //@44
                    for (int d = 0; d < DIM; d++) s += u[d] * v[d]; //@45
                    float p = 1.0f / (1.0f + expf(-s)); //@46
                    loss -= logf(label > 0 ? p + 1e-7f : 1 - p + 1e-7f); //@47
                    float g = lr * (label - p); //@48
                    for (int d = 0; d < DIM; d++) { //@49
                        grad[d] += g * v[d]; //@50
                        v[d] += g * u[d]; //@51
                    }
                }
                for (int d = 0; d < DIM; d++) u[d] += grad[d]; //@52
                pairs++; //@53
            }
        }
        lr *= 0.9f; //@54
        printf("epoch %d loss %.4f\n", epoch, loss / pairs); //@55
    }
    free(in); //@-
    free(out); //@-
    free(grad); //@-
    return 0; //@59
}
