// Elman network learning running parity of a bit stream, BPTT + momentum.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

using Real = float;
using Array = std::vector<Real>;

int main()
{
    const int H = 8, T = 6; //@1
    std::mt19937 mt(31); //@2
    std::normal_distribution<Real> nd(0, 0.5f); //@3
    Array wx(H), wh(H * H), wo(H); //@4
    for (auto &w : wx) w = nd(mt); //@5
    for (auto &w : wh) w = nd(mt); //@6
    for (auto &w : wo) w = nd(mt); //@7
    Array vx(H), vh(H * H), vo(H); //@8
    Array gx(H), gh(H * H), go(H); //@9
    const Real lr = 0.02f, mom = 0.9f, limit = 1.0f; //@10
    Real running = 0; //@11

    for (int it = 1; it <= 20000; ++it) //@12
    {
        std::vector<int> bits(T), parity(T); //@13
        int state = 0; //@14
        for (int t = 0; t < T; ++t) //@15
        {
            bits[t] = mt() & 1; //@16
            state ^= bits[t]; //@17
            parity[t] = state; //@18
        }

        std::vector<Array> h(T + 1, Array(H, 0)); //@19
        Array p(T); //@20
        Real loss = 0; //@21
        for (int t = 0; t < T; ++t) //@22
        {
            Real z = 0; //@23
            for (int i = 0; i < H; ++i) //@24
            {
                Real s = wx[i] * (bits[t] ? 1 : -1); //@25
                for (int j = 0; j < H; ++j) //@26
                    s += wh[i * H + j] * h[t][j]; //@27
                h[t + 1][i] = std::tanh(s); //@28
                z += wo[i] * h[t + 1][i]; //@29
            }
            p[t] = 1 / (1 + std::exp(-z)); //@30
            loss -= std::log(parity[t] ? p[t] : 1 - p[t]); //@31
        }
        running += loss / T; //@32

        std::fill(gx.begin(), gx.end(), 0); //@33
        std::fill(gh.begin(), gh.end(), 0); //@34
        std::fill(go.begin(), go.end(), 0); //@35
        Array dh(H, 0); //@36
        for (int t = T - 1; t >= 0; --t) //@37
        {
            Real dz = p[t] - parity[t]; //@38
            Array next(H, 0); //@39
            for (int i = 0; i < H; ++i) //@40
            {
                go[i] += dz * h[t + 1][i]; //@41
                Real ds = (dh[i] + dz * wo[i]) * (1 - h[t + 1][i] * h[t + 1][i]); //@42
                gx[i] += ds * (bits[t] ? 1 : -1); //@43
                for (int j = 0; j < H; ++j) //@44
                {
                    gh[i * H + j] += ds * h[t][j]; //@45
                    next[j] += ds * wh[i * H + j]; //@46
                }
            }
            dh = next; //@47
        }

        Real norm = 0; //@48
        for (Real g : gx) norm += g * g; //@49
        for (Real g : gh) norm += g * g; //@50
        for (Real g : go) norm += g * g; //@51
        norm = std::sqrt(norm); //@52
        Real scale = norm > limit ? limit / norm : 1; //@53
        for (int i = 0; i < H; ++i) //@?
        {
            vx[i] = mom * vx[i] - lr * scale * gx[i]; //@?
            wx[i] += vx[i]; //@?
        }
        for (int i = 0; i < H * H; ++i) //@?
        {
            vh[i] = mom * vh[i] - lr * scale * gh[i]; //@?
            wh[i] += vh[i]; //@?
        }
        for (int i = 0; i < H; ++i) //@?
        {
            vo[i] = mom * vo[i] - lr * scale * go[i]; //@?
            wo[i] += vo[i]; //@?
        }
        if (it % 1000 == 0) //@54
        {
            std::printf("%d %.5f\n", it, running / 1000); //@55
            running = 0; //@56
        }
    }
}
