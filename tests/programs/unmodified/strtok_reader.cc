// what: strtok keeps its position in the C library between iterations
// standard: c++11
// loop: line
// probe: mean after 'printf("mean %a\n", mean);'
// changes: text
// expect: whole: misses '(hidden state of the C library)'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[] = "3 1 4 1 5 9 2 6 5 3 5 8 9 7 9 3 2 3 8 4 6 2 6 4 3 3 8 3 2 7 9 5";

int main(void) {
  double mean = 0, square = 0;
  int count = 0, line, i;
  char *token = strtok(text, " ");
  for (line = 0; line < 8; line++) {
    for (i = 0; i < 4 && token; i++) {
      const double value = atof(token), before = mean;
      count++;
      mean += (value - mean) / count;
      square += (value - before) * (value - mean);
      token = strtok(NULL, " ");
    }
    printf("mean %a\n", mean);
  }
  printf("count %d variance %a\n", count, square / count);
  return 0;
}
