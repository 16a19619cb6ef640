#include "hmm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace
{
constexpr double kPseudoCount = 1e-3;

void normalize(Row& row)
{
    const double sum = std::accumulate(row.begin(), row.end(), 0.0); //@?
    for (double& v : row) //@1
    {
        v /= sum; //@2
    }
}
} // namespace

HiddenMarkovModel::HiddenMarkovModel(int states, int symbols, std::mt19937& engine)
    : states_(states), symbols_(symbols), start_(states),
      transition_(states, Row(states)), emission_(states, Row(symbols))
{
    std::uniform_real_distribution<double> uniform(0.0, 1.0); //@-
    for (int s = 0; s < states_; ++s) //@10
    {
        for (int to = 0; to < states_; ++to) //@12
        {
            transition_[s][to] = (s == to ? 5.0 : 0.0) + uniform(engine); //@13
        }
        normalize(transition_[s]); //@16
        for (int o = 0; o < symbols_; ++o) //@14
        {
            emission_[s][o] = 0.5 + uniform(engine); //@15
        }
        normalize(emission_[s]); //@17
        start_[s] = 0.5 + uniform(engine); //@11
    }
    normalize(start_); //@18
}

double HiddenMarkovModel::forward(const Sequence& seq)
{
    const size_t length = seq.size(); //@-
    alpha_.assign(length, Row(states_, 0.0)); //@-
    scale_.assign(length, 0.0); //@?
    double logLikelihood = 0.0; //@65
    for (size_t t = 0; t < length; ++t) //@22
    {
        for (int s = 0; s < states_; ++s) //@23
        {
            if (t == 0) //@-
            {
                alpha_[t][s] = start_[s] * emission_[s][seq[t]]; //@21
            }
            else
            {
                double incoming = 0.0; //@24
                for (int from = 0; from < states_; ++from) //@25
                {
                    incoming += alpha_[t - 1][from] * transition_[from][s]; //@26
                }
                alpha_[t][s] = incoming * emission_[s][seq[t]]; //@27
            }
            scale_[t] += alpha_[t][s]; //@28
        }
        for (double& v : alpha_[t]) //@29
        {
            v /= scale_[t]; //@30
        }
        logLikelihood += std::log(scale_[t]); //@31
    }
    return logLikelihood; //@32
}

void HiddenMarkovModel::backward(const Sequence& seq)
{
    const int length = static_cast<int>(seq.size()); //@-
    beta_.assign(length, Row(states_, 1.0)); //@?
    for (int t = length - 2; t >= 0; --t) //@35
    {
        for (int s = 0; s < states_; ++s) //@36
        {
            double outgoing = 0.0; //@37
            for (int to = 0; to < states_; ++to) //@38
            {
                outgoing += transition_[s][to] * emission_[to][seq[t + 1]] * beta_[t + 1][to]; //@39
            }
            beta_[t][s] = outgoing / scale_[t + 1]; //@40
        }
    }
}

void HiddenMarkovModel::accumulate(const Sequence& seq)
{
    for (size_t t = 0; t < seq.size(); ++t) //@41
    {
        for (int s = 0; s < states_; ++s) //@42
        {
            const double occupied = alpha_[t][s] * beta_[t][s]; //@43
            emissionCount_[s][seq[t]] += occupied; //@47
            if (t == 0) //@-
            {
                startCount_[s] += occupied; //@?
            }
            if (t + 1 == seq.size()) //@-
            {
                continue; //@-
            }
            for (int to = 0; to < states_; ++to) //@44
            {
                transitionCount_[s][to] += alpha_[t][s] * transition_[s][to] * emission_[to][seq[t + 1]] * beta_[t + 1][to] / scale_[t + 1]; //@45
            }
        }
    }
}

void HiddenMarkovModel::reestimate()
{
    start_ = startCount_; //@?
    transition_ = transitionCount_; //@?
    emission_ = emissionCount_; //@?
    normalize(start_); //@-
    for (int s = 0; s < states_; ++s) //@46
    {
        normalize(transition_[s]); //@?
        normalize(emission_[s]); //@?
    }
}

double HiddenMarkovModel::score(const Sequence& seq)
{
    return forward(seq) / seq.size(); //@-
}

double HiddenMarkovModel::fitOnce(const std::vector<Sequence>& sequences)
{
    startCount_.assign(states_, kPseudoCount); //@-
    transitionCount_.assign(states_, Row(states_, kPseudoCount)); //@-
    emissionCount_.assign(states_, Row(symbols_, kPseudoCount)); //@-
    double total = 0.0; //@-
    for (const Sequence& seq : sequences) //@-
    {
        total += forward(seq); //@53
        backward(seq); //@54
        accumulate(seq); //@66
    }
    reestimate(); //@55
    return total; //@-
}
