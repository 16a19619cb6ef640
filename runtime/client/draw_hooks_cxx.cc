// What the linker calls in place of functions of libstdc++ (draws.h), by their mangled names: a program that has none of them need not have the library.
#include "runtime/client/draws.h"
#include "runtime/client/wrap.h"

using hindsight::client::draws::draw;
using hindsight::wire::Draw;

// std::random_device::_M_getval()
HINDSIGHT_WRAP(unsigned, _ZNSt13random_device9_M_getvalEv, void* device) {
  return static_cast<unsigned>(draw(Draw::kRandomDevice, __real__ZNSt13random_device9_M_getvalEv(device)));
}
// std::chrono::system_clock::now(), steady_clock::now(): a time point is one number, returned as such.
HINDSIGHT_WRAP(int64_t, _ZNSt6chrono3_V212system_clock3nowEv, void) {
  return static_cast<int64_t>(draw(Draw::kSystemClock, static_cast<uint64_t>(__real__ZNSt6chrono3_V212system_clock3nowEv())));
}
HINDSIGHT_WRAP(int64_t, _ZNSt6chrono3_V212steady_clock3nowEv, void) {
  return static_cast<int64_t>(draw(Draw::kSteadyClock, static_cast<uint64_t>(__real__ZNSt6chrono3_V212steady_clock3nowEv())));
}
