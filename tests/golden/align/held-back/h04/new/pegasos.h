#pragma once
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

struct Sample
{
    std::vector<double> x;
    int label = 0;
};

class Pegasos
{
public:
    Pegasos(std::size_t dim, double lambda) : lambda_(lambda)
    {
        w_.assign(dim, 0.0); //@14
        bias_ = 0.0; //@15
        steps_ = 0; //@16
    }

    double decision(const Sample& s) const
    {
        double f = this->bias_; //@?
        for (std::size_t j = 0; j < w_.size(); ++j) //@?
            f += this->w_[j] * s.x[j]; //@?
        return f; //@-
    }

    // returns the hinge loss seen before the step
    double step(const Sample& s)
    {
        ++steps_; //@22
        const double eta = 1.0 / (lambda_ * steps_); //@23
        const double margin = s.label * decision(s); //@27
        double lost = 0.0; //@-
        for (double& wj : w_) //@28
            wj *= 1.0 - eta * lambda_; //@29
        if (margin < 1.0) //@30
        {
            for (std::size_t j = 0; j < w_.size(); ++j) //@31
                this->w_[j] += eta * s.label * s.x[j]; //@32
            this->bias_ += 0.01 * s.label; //@33
            lost = 1.0 - margin; //@?
        }
        project(); //@-
        return lost; //@-
    }

    void dump() const
    {
        std::printf("w ="); //@50
        for (double wj : w_) //@51
            std::printf(" %.3f", wj); //@52
        std::printf("  b = %.3f\n", bias_); //@53
    }

private:
    void project()
    {
        double sq = 0.0; //@35
        for (double wj : w_) //@36
            sq += wj * wj; //@37
        const double radius = 1.0 / std::sqrt(lambda_); //@38
        if (sq <= radius * radius) //@39
            return; //@-
        for (double& wj : w_) //@40
            wj *= radius / std::sqrt(sq); //@41
    }

    double lambda_;
    double bias_;
    long steps_;
    std::vector<double> w_;
};
