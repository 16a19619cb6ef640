#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>
using namespace std;

// Pegasos: linear SVM by stochastic sub-gradient steps
struct Ex
{
  vector<double> f;
  int t;
};

double inner(const vector<double>& a, const vector<double>& b)
{
  double r = 0.0; //@1
  for (unsigned int i = 0; i < a.size(); ++i) //@2
  {
    r += a[i] * b[i]; //@3
  }
  return r; //@4
}

void generate(vector<Ex>& v, int n)
{
  for (int i = 0; i < n; ++i) //@5
  {
    Ex e; //@6
    e.t = (rand() % 2 == 0) ? 1 : -1; //@7
    e.f.resize(6); //@-
    for (int j = 0; j < 5; ++j) //@9
    {
      double r = (double) rand() / RAND_MAX; //@10
      e.f[j] = r - 0.5 + 0.2 * e.t; //@11
    }
    e.f[5] = 1.0; //@12
    v.push_back(e); //@13
  }
}

double errorRate(const vector<Ex>& v, const vector<double>& w)
{
  int bad = 0; //@14
  for (vector<Ex>::const_iterator it = v.begin(); it != v.end(); ++it) //@15
  {
    if (inner(w, it->f) * it->t <= 0.0) //@-
    {
      bad = bad + 1; //@17
    }
  }
  return (double) bad / (double) v.size(); //@18
}

int main()
{
  vector<Ex> train; //@19
  vector<Ex> test; //@-
  vector<double> w(6, 0.0); //@21
  double lambda = 0.01; //@22
  double best = 1.0; //@-
  int verbose = 1; //@-

  generate(train, 500); //@25
  generate(test, 200); //@26

  for (int t = 1; t <= 5000; ++t) //@27
  {
    const Ex& e = train[rand() % train.size()]; //@28
    double eta = 1.0 / (lambda * (double) t); //@29
    double margin = e.t * inner(w, e.f); //@30
    for (unsigned int j = 0; j < w.size(); ++j) //@31
    {
      w[j] = w[j] * (1.0 - eta * lambda); //@32
    }
    if (margin < 1.0) //@33
    {
      for (unsigned int j = 0; j < w.size(); ++j) //@34
      {
        w[j] = w[j] + eta * e.t * e.f[j]; //@35
      }
    }
    double norm = sqrt(inner(w, w)); //@36
    double limit = 1.0 / sqrt(lambda); //@37
    if (norm > limit) //@38
    {
      for (unsigned int j = 0; j < w.size(); ++j) //@39
      {
        w[j] = w[j] * (limit / norm); //@40
      }
    }
    if (t % 500 == 0) //@41
    {
      double tr = errorRate(train, w); //@42
      double te = errorRate(test, w); //@43
      if (te < best) //@-
      {
        best = te; //@-
      }
      if (verbose) //@-
      {
        printf("t=%d train=%.3f test=%.3f\n", t, tr, te); //@47
      }
    }
  }
  printf("best test error %.3f\n", best); //@-
  return 0; //@49
}
