#pragma once
#include <list>
#include <mutex>

extern std::mutex mutex;
extern std::list<double> recent;  // under the lock
void train();
