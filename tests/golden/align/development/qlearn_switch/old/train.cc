// Tabular Q-learning on a windy grid.
#include <cmath>
#include <cstdio>
#include <cstdlib>

static const int ROWS = 7;
static const int COLS = 10;
static const int GOAL_R = 3;
static const int GOAL_C = 7;

static double Q[ROWS][COLS][4];

enum Schedule { CONSTANT, LINEAR, EXPONENTIAL };

static double epsilon(Schedule kind, int episode, int episodes)
{
    double eps = 0.3; //@1
    switch (kind) //@2
    {
    case CONSTANT:
        break; //@-
    case LINEAR:
        eps = 0.3 * (1.0 - (double)episode / episodes); //@4
        break; //@-
    case EXPONENTIAL:
        eps = 0.3 * exp(-5.0 * episode / episodes); //@6
        break; //@-
    }
    return eps; //@8
}

static int best_action(int r, int c)
{
    int best = 0; //@9
    for (int a = 1; a < 4; a++) //@10
        if (Q[r][c][a] > Q[r][c][best]) //@11
            best = a; //@12
    return best; //@13
}

static bool move(int &r, int &c, int action)
{
    static const int wind[COLS] = {0, 0, 0, 1, 1, 1, 2, 2, 1, 0}; //@14
    int up = wind[c]; //@15
    if (action == 0) //@16
        r = r - 1; //@17
    else if (action == 1)
        r = r + 1; //@18
    else if (action == 2)
        c = c - 1; //@19
    else if (action == 3)
        c = c + 1; //@20
    r = r - up; //@21
    if (r < 0) //@22
        r = 0; //@23
    if (r >= ROWS) //@24
        r = ROWS - 1; //@25
    if (c < 0) //@26
        c = 0; //@27
    if (c >= COLS) //@28
        c = COLS - 1; //@29
    return r == GOAL_R && c == GOAL_C; //@30
}

int main(int argc, char **argv)
{
    int episodes = argc > 1 ? atoi(argv[1]) : 500; //@31
    double alpha = 0.5, gamma = 0.95; //@32
    srand(12); //@33
    int recent = 0; //@34
    for (int ep = 0; ep < episodes; ep++) //@35
    {
        int r = 3, c = 0; //@36
        double eps = epsilon(LINEAR, ep, episodes); //@37
        int steps; //@38
        for (steps = 0; steps < 2000; steps++) //@39
        {
            int a; //@-
            if (rand() < eps * RAND_MAX) //@41
                a = rand() % 4; //@42
            else
                a = best_action(r, c); //@43
            int pr = r, pc = c; //@44
            bool done = move(r, c, a); //@45
            double target = -1.0; //@46
            if (!done) //@47
                target += gamma * Q[r][c][best_action(r, c)]; //@48
            Q[pr][pc][a] += alpha * (target - Q[pr][pc][a]); //@49
            if (done) //@-
                break; //@-
        }
        recent += steps; //@52
        if ((ep + 1) % 50 == 0) //@53
        {
            printf("episode %d mean steps %.1f\n", ep + 1, recent / 50.0); //@54
            recent = 0; //@55
        }
    }
    return 0; //@56
}
