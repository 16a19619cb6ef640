#include "tests/runtime/symbols_more/shared.h"

static int same(int n) { return n + 2; }

int (*symbols_test_second())(int) { return &same; }
