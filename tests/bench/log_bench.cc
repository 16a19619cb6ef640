// What a call costs. Run as it is for the costs where nothing records; under `hindsight record --as-built` for the others
// (their names say which), with a real host taking the journal in at the same time.
#include <benchmark/benchmark.h>
#include <hindsight/hindsight.h>

namespace {

constexpr int kSteps = 1000;            // of a round
constexpr int kIterations = 300'000;    // of a repetition: a journal of some ten megabytes
constexpr int kRepetitions = 9;

// An iteration of the inner of two loops, without a log: what the others are to be compared with.
void iteration(benchmark::State& state) {
  double value = 1;
  while (state.KeepRunningBatch(kSteps)) {
    for (const int epoch : hindsight::loop("epoch", 1)) {
      for (const int step : hindsight::loop("step", kSteps)) {
        benchmark::DoNotOptimize(step + epoch);
        benchmark::DoNotOptimize(value);
      }
    }
  }
}

// The same with a log in it.
void iteration_with_log(benchmark::State& state) {
  double value = 1;
  while (state.KeepRunningBatch(kSteps)) {
    for (const int epoch : hindsight::loop("epoch", 1)) {
      for (const int step : hindsight::loop("step", kSteps)) {
        benchmark::DoNotOptimize(step + epoch);
        benchmark::DoNotOptimize(value);
        hindsight::log("value", value);
      }
    }
  }
}

// A log alone, in no loop.
void log_alone(benchmark::State& state) {
  double value = 1;
  while (state.KeepRunningBatch(kSteps)) {
    for (int i = 0; i < kSteps; ++i) {
      benchmark::DoNotOptimize(i);
      benchmark::DoNotOptimize(value);
      hindsight::log("value", value);
    }
  }
}

// Nothing but what the others do besides.
void nothing(benchmark::State& state) {
  double value = 1;
  while (state.KeepRunningBatch(kSteps)) {
    for (int i = 0; i < kSteps; ++i) {
      benchmark::DoNotOptimize(i);
      benchmark::DoNotOptimize(value);
    }
  }
}

BENCHMARK(nothing)->Iterations(kIterations)->Repetitions(kRepetitions);
BENCHMARK(log_alone)->Iterations(kIterations)->Repetitions(kRepetitions);
BENCHMARK(iteration)->Iterations(kIterations)->Repetitions(kRepetitions);
BENCHMARK(iteration_with_log)->Iterations(kIterations)->Repetitions(kRepetitions);

}  // namespace

BENCHMARK_MAIN();
