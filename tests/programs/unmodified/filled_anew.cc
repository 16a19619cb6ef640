// what: what gmtime() returned before the loop is filled anew by a call in the loop
// standard: c++11
// loop: day
// probe: sum after 'printf("sum %.1f\n", sum);'
// changes: date
// expect: whole: changed while it was recorded
#include <stdio.h>
#include <time.h>

int main() {
  time_t begin = 86400 * 40;
  const tm* date = gmtime(&begin);
  double sum = 0;
  for (int day = 0; day < 12; day++) {
    sum += date->tm_mday;
    printf("sum %.1f\n", sum);
    const time_t now = begin + 86400 * day;
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%d", gmtime(&now));
    puts(text);
  }
}
