#ifndef STUMP_H
#define STUMP_H
#include <vector>

struct Stump {
  int feature;
  double threshold;
  int polarity;
};

typedef std::vector<std::vector<double> > Table;

int stump_predict(const Stump &s, const std::vector<double> &x);
double fit_stump(const Table &x, const std::vector<int> &y, const std::vector<double> &weight,
                 Stump *best);
#endif
