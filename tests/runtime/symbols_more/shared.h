// Two units of one name have a function of one name.
#pragma once

int (*symbols_test_first())(int);
int (*symbols_test_second())(int);
