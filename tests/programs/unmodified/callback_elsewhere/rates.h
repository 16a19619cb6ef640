#pragma once

typedef double (*Rate)(int);
Rate rate_called(const char* name);
extern int asked;  // how often any of them was
