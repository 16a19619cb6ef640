#pragma once
#include <random>
#include <vector>

using Row = std::vector<double>;
using Matrix = std::vector<Row>;
using Sequence = std::vector<int>;

class HiddenMarkovModel
{
public:
    HiddenMarkovModel(int states, int symbols, std::mt19937& engine);

    // One EM iteration over all sequences; returns the log likelihood before it.
    double fitOnce(const std::vector<Sequence>& sequences);
    double score(const Sequence& seq);

    const Matrix& emission() const
    {
        return emission_; //@-
    }

private:
    double forward(const Sequence& seq);
    void backward(const Sequence& seq);
    void accumulate(const Sequence& seq);
    void reestimate();

    int states_, symbols_;
    Row start_;
    Matrix transition_, emission_;

    Matrix alpha_, beta_;
    Row scale_;
    Row startCount_;
    Matrix transitionCount_, emissionCount_;
};
