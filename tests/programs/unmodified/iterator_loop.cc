// what: main loop over an iterator, which is the loop's variable
// standard: c++11
// loop: it
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'it'
#include <cmath>
#include <cstdio>
#include <list>
#include <string>

struct Task {
  std::string name;
  double target;
  int steps;
};

int main() {
  std::list<Task> tasks;
  for (int i = 0; i < 7; ++i) tasks.push_back({"task" + std::to_string(i), std::sin(2.0 * i), 3 + i % 3});
  double w = 0, momentum = 0, memory = 0;
  for (std::list<Task>::iterator it = tasks.begin(); it != tasks.end(); ++it) {
    double loss = 0;
    for (int step = 0; step < it->steps; ++step) {
      const double error = w - it->target + 0.1 * memory;
      momentum = 0.5 * momentum - 0.3 * error;
      w += momentum;
      loss += error * error;
    }
    memory = 0.8 * memory + it->target;
    it->name += loss < 0.5 ? " learned" : " failed";
    std::printf("loss %a\n", loss);
  }
  for (const Task& task : tasks) std::printf("%s\n", task.name.c_str());
}
