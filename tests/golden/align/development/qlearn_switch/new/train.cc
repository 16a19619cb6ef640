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
enum Action { NORTH, SOUTH, WEST, EAST };

static double exploration_rate(Schedule s, int episode, int total)
{
    double eps = 0.3; //@1
    if (s == LINEAR) //@2
        eps = 0.3 * (1.0 - (double)episode / total); //@4
    else if (s == EXPONENTIAL)
        eps = 0.3 * exp(-5.0 * episode / total); //@6
    return eps; //@8
}

static int greedy(int row, int col)
{
    int arg = 0; //@9
    for (int a = 1; a < 4; a++) //@10
        if (Q[row][col][a] > Q[row][col][arg]) //@11
            arg = a; //@12
    return arg; //@13
}

static bool env_step(int &row, int &col, int action)
{
    static const int wind[COLS] = {0, 0, 0, 1, 1, 1, 2, 2, 1, 0}; //@14
    int lift = wind[col]; //@15
    switch (action) //@16
    {
    case NORTH:
        row--; //@17
        break; //@-
    case SOUTH:
        row++; //@18
        break; //@-
    case WEST:
        col--; //@19
        break; //@-
    case EAST:
        col++; //@20
        break; //@-
    }
    row -= lift; //@21
    if (col < 0) //@26
        col = 0; //@27
    if (col >= COLS) //@28
        col = COLS - 1; //@29
    if (row < 0) //@22
        row = 0; //@23
    if (row >= ROWS) //@24
        row = ROWS - 1; //@25
    return row == GOAL_R && col == GOAL_C; //@30
}

int main(int argc, char **argv)
{
    int episodes = argc > 1 ? atoi(argv[1]) : 500; //@31
    double alpha = 0.5, gamma = 0.95; //@32
    srand(12); //@33
    int recent = 0; //@34
    for (int ep = 0; ep < episodes; ep++) //@35
    {
        int row = 3, col = 0; //@36
        double eps = exploration_rate(LINEAR, ep, episodes); //@37
        int steps = 0; //@38
        bool done = false; //@-
        while (!done && steps < 2000) //@39
        {
            int a = greedy(row, col); //@43
            if (rand() < eps * RAND_MAX) //@41
                a = rand() % 4; //@42
            int old_row = row, old_col = col; //@44
            done = env_step(row, col, a); //@45
            double target = -1.0; //@46
            if (!done) //@47
                target += gamma * Q[row][col][greedy(row, col)]; //@48
            double &q = Q[old_row][old_col][a]; //@-
            q += alpha * (target - q); //@49
            steps++; //@-
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
