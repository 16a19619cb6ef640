// what: vector<vector<double>> factors, matrix factorisation of ratings
// standard: c++11
// loop: epoch
// probe: rmse after 'std::printf("rmse %a\n", rmse);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>
using namespace std;

typedef vector<vector<double> > Matrix;

int main() {
  const int users = 12, items = 9, rank = 3;
  Matrix u(users, vector<double>(rank)), v(items, vector<double>(rank));
  srand(3);
  for (int i = 0; i < users; i++)
    for (int k = 0; k < rank; k++) u[i][k] = rand() / (double)RAND_MAX * 0.5;
  for (int j = 0; j < items; j++)
    for (int k = 0; k < rank; k++) v[j][k] = rand() / (double)RAND_MAX * 0.5;

  for (int epoch = 0; epoch < 10; epoch++) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < users; i++)
      for (int j = 0; j < items; j++) {
        if ((i * 5 + j * 3) % 4 == 0) continue;  // unknown rating
        double error = 1 + (i * j) % 5;
        for (int k = 0; k < rank; k++) error -= u[i][k] * v[j][k];
        for (int k = 0; k < rank; k++) {
          const double before = u[i][k];
          u[i][k] += 0.03 * (error * v[j][k] - 0.02 * before);
          v[j][k] += 0.03 * (error * before - 0.02 * v[j][k]);
        }
        sum += error * error;
        n++;
      }
    const double rmse = sqrt(sum / n);
    std::printf("rmse %a\n", rmse);
  }
  printf("missing %a\n", u[0][0] * v[0][0] + u[0][1] * v[0][1] + u[0][2] * v[0][2]);
  return 0;
}
