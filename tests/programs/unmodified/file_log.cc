// what: a FILE* log that is open during the whole loop and appended to
// standard: c++11
// loop: epoch
// probe: loss after 'printf("loss %a\n", loss);'
// expect: exact
#include <math.h>
#include <stdio.h>

int main(void) {
  FILE *log = fopen("training.log", "w");
  if (!log) {
    perror("training.log");
    return 1;
  }
  fprintf(log, "# epoch loss\n");
  double a = 0, b = 0;
  for (int epoch = 0; epoch < 10; epoch++) {
    double loss = 0;
    for (int i = 0; i < 30; i++) {
      const double x = i / 30.0, error = a * x + b - sqrt(x);
      loss += error * error;
      a -= 0.1 * error * x;
      b -= 0.1 * error;
    }
    fprintf(log, "%d %.17g\n", epoch, loss);
    if (epoch % 4 == 3) fflush(log);
    printf("loss %a\n", loss);
  }
  fprintf(log, "# a %.17g b %.17g\n", a, b);
  printf("log %ld bytes\n", ftell(log));
  return fclose(log);
}
