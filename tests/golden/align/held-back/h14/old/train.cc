// Deep-ish Q learning with a ring buffer, gridworld 5x5
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <vector>

#define GRID 5
#define NACT 4
#define NSTATE (GRID * GRID)
#define CAPACITY 500

struct Item
{
    int s;
    int a;
    int s2;
    float r;
    bool end;
};

float q[NSTATE][NACT];
float q_frozen[NSTATE][NACT];
Item buffer[CAPACITY];
int head = 0;
int filled = 0;

void push(Item it)
{
    buffer[head] = it; //@1
    head = head + 1; //@2
    if (head == CAPACITY) //@-
    {
        head = 0; //@-
    }
    if (filled < CAPACITY) //@5
    {
        filled = filled + 1; //@-
    }
}

int move(int s, int a)
{
    int row = s / GRID; //@7
    int col = s % GRID; //@8
    if (a == 0) //@-
    {
        row = row - 1; //@10
    }
    if (a == 1) //@-
    {
        row = row + 1; //@12
    }
    if (a == 2) //@-
    {
        col = col - 1; //@14
    }
    if (a == 3) //@-
    {
        col = col + 1; //@16
    }
    if (row < 0 || row >= GRID || col < 0 || col >= GRID) //@17
    {
        return s; //@-
    }
    return row * GRID + col; //@19
}

int greedy(int s)
{
    int best = 0; //@-
    for (int a = 1; a < NACT; a++) //@-
    {
        if (q[s][a] > q[s][best]) //@-
        {
            best = a; //@-
        }
    }
    return best; //@?
}

void sync()
{
    for (int s = 0; s < NSTATE; s++) //@-
    {
        for (int a = 0; a < NACT; a++) //@-
        {
            q_frozen[s][a] = q[s][a]; //@?
        }
    }
}

int main()
{
    srand(8); //@28
    float epsilon = 1.0f; //@-
    float lr = 0.2f; //@?
    float gamma = 0.95f; //@?
    int steps = 0; //@32
    sync(); //@33
    for (int ep = 0; ep < 300; ep++) //@34
    {
        int s = 0; //@35
        float ret = 0; //@36
        float td = 0; //@-
        int len = 0; //@38
        bool end = false; //@39
        while (!end && len < 100) //@40
        {
            int a = greedy(s); //@41
            if (rand() / (float)RAND_MAX < epsilon) //@42
            {
                a = rand() % NACT; //@-
            }
            int s2 = move(s, a); //@44
            float r = -0.05f; //@45
            if (s2 == NSTATE - 1) //@46
            {
                r = 1.0f; //@47
                end = true; //@48
            }
            else if (s2 == 12)
            {
                r = -1.0f; //@49
                end = true; //@50
            }
            Item it; //@-
            it.s = s; //@-
            it.a = a; //@-
            it.s2 = s2; //@-
            it.r = r; //@-
            it.end = end; //@-
            push(it); //@57
            s = s2; //@58
            ret += r; //@59
            len++; //@60
            steps++; //@61
            if (filled < 32) //@62
            {
                continue; //@-
            }
            for (int k = 0; k < 16; k++) //@64
            {
                Item b = buffer[rand() % filled]; //@?
                float best = q_frozen[b.s2][0]; //@66
                for (int j = 1; j < NACT; j++) //@-
                {
                    if (q_frozen[b.s2][j] > best) //@-
                    {
                        best = q_frozen[b.s2][j]; //@-
                    }
                }
                float target = b.end ? b.r : b.r + gamma * best; //@70
                float err = target - q[b.s][b.a]; //@71
                q[b.s][b.a] += lr * err; //@72
                td += fabsf(err); //@73
            }
            if (steps % 100 == 0) //@74
            {
                sync(); //@-
            }
        }
        if (ep < 100) //@-
        {
            epsilon = 1.0f - ep / 110.0f; //@?
        }
        else
        {
            epsilon = 0.05f; //@-
        }
        if (ep % 25 == 0) //@79
        {
            printf("episode %d return %.2f td %.3f eps %.2f\n", ep, ret, td / (len * 16), epsilon); //@-
        }
    }
    return 0; //@81
}
