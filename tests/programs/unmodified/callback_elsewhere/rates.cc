#include "rates.h"

#include <cstring>

int asked = 0;
static double last = 0.1;

static double halving(int epoch) {
  ++asked;
  return last = epoch % 3 == 2 ? last / 2 : last;
}
static double steady(int) {
  ++asked;
  return 0.05;
}

Rate rate_called(const char* name) { return std::strcmp(name, "halving") == 0 ? halving : steady; }
