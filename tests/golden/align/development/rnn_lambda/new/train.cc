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
    Array wx(H), wh(H * H), wo(H), bh(H); //@4
    for (auto &w : wx) w = nd(mt); //@5
    for (auto &w : wh) w = nd(mt); //@6
    for (auto &w : wo) w = nd(mt); //@7
    Array vx(H), vh(H * H), vo(H), vb(H); //@8
    Array gx(H), gh(H * H), go(H), gb(H); //@9
    const Real lr = 0.02f, mom = 0.9f, limit = 1.0f; //@10
    Real running = 0; //@11
    std::vector<int> bits(T), parity(T); //@13
    std::vector<Array> h(T + 1, Array(H, 0)); //@19
    Array p(T); //@20

    auto draw = [&]() //@-
    {
        int acc = 0; //@14
        for (int t = 0; t < T; ++t) //@15
        {
            bits[t] = mt() & 1; //@16
            acc ^= bits[t]; //@17
            parity[t] = acc; //@18
        }
    };

    auto forward = [&]() -> Real //@-
    {
        Real nll = 0; //@21
        for (int t = 0; t < T; ++t) //@22
        {
            const Real x = bits[t] ? 1 : -1; //@-
            Real z = 0; //@23
            for (int i = 0; i < H; ++i) //@24
            {
                Real s = wx[i] * x + bh[i]; //@25
                for (int j = 0; j < H; ++j) //@26
                    s += wh[i * H + j] * h[t][j]; //@27
                h[t + 1][i] = std::tanh(s); //@28
                z += wo[i] * h[t + 1][i]; //@29
            }
            p[t] = 1 / (1 + std::exp(-z)); //@30
            nll -= std::log(parity[t] ? p[t] : 1 - p[t]); //@31
        }
        return nll / T; //@?
    };

    auto backward = [&]() //@-
    {
        std::fill(gb.begin(), gb.end(), 0); //@-
        std::fill(go.begin(), go.end(), 0); //@35
        std::fill(gx.begin(), gx.end(), 0); //@33
        std::fill(gh.begin(), gh.end(), 0); //@34
        Array carry(H, 0); //@36
        for (int t = T - 1; t >= 0; --t) //@37
        {
            const Real dz = p[t] - parity[t]; //@38
            Array next(H, 0); //@39
            for (int i = 0; i < H; ++i) //@40
            {
                const Real ds = (carry[i] + dz * wo[i]) * (1 - h[t + 1][i] * h[t + 1][i]); //@42
                go[i] += dz * h[t + 1][i]; //@41
                gx[i] += ds * (bits[t] ? 1 : -1); //@43
                gb[i] += ds; //@-
                for (int j = 0; j < H; ++j) //@44
                {
                    gh[i * H + j] += ds * h[t][j]; //@45
                    next[j] += ds * wh[i * H + j]; //@46
                }
            }
            carry.swap(next); //@47
        }
    };

    for (int it = 1; it <= 20000; ++it) //@12
    {
        draw(); //@-
        running += forward(); //@32
        backward(); //@-

        Real norm = 0; //@48
        for (Real g : gb) norm += g * g; //@-
        for (Real g : gx) norm += g * g; //@49
        for (Real g : gh) norm += g * g; //@50
        for (Real g : go) norm += g * g; //@51
        norm = std::sqrt(norm); //@52
        Real scale = norm > limit ? limit / norm : 1; //@53
        auto apply = [&](Array &w, Array &v, const Array &g) //@-
        {
            for (size_t i = 0; i < w.size(); ++i) //@?
            {
                v[i] = mom * v[i] - lr * scale * g[i]; //@?
                w[i] += v[i]; //@?
            }
        };
        apply(wx, vx, gx); //@-
        apply(wh, vh, gh); //@-
        apply(wo, vo, go); //@-
        apply(bh, vb, gb); //@-
        if (it % 1000 == 0) //@54
        {
            std::printf("%d %.5f\n", it, running / 1000); //@55
            running = 0; //@56
        }
    }
}
