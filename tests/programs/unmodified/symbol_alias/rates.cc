namespace {

double rate = 0.1;

}  // namespace

extern "C" double falling_rate() { return rate *= 0.97; }
extern "C" double next_rate() __attribute__((alias("falling_rate")));
