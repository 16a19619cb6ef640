// what: static data members count across all objects
// standard: c++17
// loop: tick
// probe: activity after 'std::printf("activity %a\n", activity);'
// expect: whole: misses 'Neuron::spikes_'
#include <cmath>
#include <cstdio>
#include <vector>

class Neuron {
 public:
  explicit Neuron(double leak) : leak_(leak) { ++created_; }
  bool receive(double current) {
    potential_ = leak_ * potential_ + current;
    if (potential_ < threshold) return false;
    potential_ = 0;
    ++spikes_;
    threshold += 0.01;  // the whole population gets tired
    return true;
  }
  double potential() const { return potential_; }
  static int created() { return created_; }
  static long spikes() { return spikes_; }
  inline static double threshold = 1.0;

 private:
  static int created_;
  static long spikes_;
  double leak_, potential_ = 0;
};
int Neuron::created_ = 0;
long Neuron::spikes_ = 0;

int main() {
  std::vector<Neuron> neurons;
  for (int n = 0; n < 10; ++n) neurons.emplace_back(0.7 + 0.02 * n);
  double feedback = 0;
  for (int tick = 0; tick < 12; ++tick) {
    double activity = 0;
    int fired = 0;
    for (size_t n = 0; n < neurons.size(); ++n) {
      fired += neurons[n].receive(0.4 + 0.2 * std::sin(tick * (n + 1.0)) + 0.05 * feedback);
      activity += neurons[n].potential();
    }
    feedback = fired;
    std::printf("activity %a\n", activity);
  }
  std::printf("created %d spikes %ld threshold %a\n", Neuron::created(), Neuron::spikes(), Neuron::threshold);
}
