// what: goto jumps into the middle of the main loop, past its head
// standard: c++11
// loop: main
// probe: loss after 'printf("loss %a\n", loss);'
// expect: refused: a goto or case label leads into it
#include <math.h>
#include <stdio.h>

int main(void) {
  static double w[4] = {0.5, -0.5, 0.25, 0};
  double loss = 0, rate = 0.2;
  int round = 0, j;
  goto evaluate;
  while (round < 9) {
    for (j = 0; j < 4; j++) w[j] -= rate * 2 * (w[j] - sin(j + 1.0));
    rate *= 0.9;
  evaluate:
    loss = 0;
    for (j = 0; j < 4; j++) loss += (w[j] - sin(j + 1.0)) * (w[j] - sin(j + 1.0));
    round++;
    printf("loss %a\n", loss);
  }
  printf("rounds %d\n", round);
  return 0;
}
