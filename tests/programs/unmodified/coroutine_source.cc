// what: samples come from a coroutine, whose frame is part of the state
// standard: c++20
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses '(a coroutine's frame)'
#include <coroutine>
#include <cstdio>
#include <exception>

class Stream {
 public:
  struct promise_type {
    double value = 0;
    Stream get_return_object() { return Stream(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(double v) {
      value = v;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  Stream(Stream&& other) : handle_(other.handle_) { other.handle_ = nullptr; }
  ~Stream() {
    if (handle_) handle_.destroy();
  }
  double next() {
    handle_.resume();
    return handle_.promise().value;
  }

 private:
  explicit Stream(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

Stream samples() {
  unsigned state = 1;
  for (;;) {
    state = state * 1664525u + 1013904223u;
    co_yield state / 4294967296.0;
  }
}

int main() {
  Stream stream = samples();
  double w = 0, b = 0;
  for (int epoch = 0; epoch < 8; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      const double x = stream.next(), error = w * x + b - (1.5 * x - 0.25);
      loss += error * error;
      w -= 0.2 * error * x;
      b -= 0.2 * error;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("w %a b %a\n", w, b);
}
