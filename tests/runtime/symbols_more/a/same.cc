#include "tests/runtime/symbols_more/shared.h"

static int same(int n) { return n + 1; }

int (*symbols_test_first())(int) { return &same; }
