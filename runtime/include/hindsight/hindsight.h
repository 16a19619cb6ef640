// All of Hindsight but the adapters for other libraries (hindsight/torch.h, hindsight/eigen.h).
//
//   const double lr = hindsight::arg("lr", 1e-3);
//   for (int epoch : hindsight::loop("epoch", 20, hindsight::named("net", net), rng)) {
//     hindsight::log("loss", train(net, lr));
//   }
//
// Where compile time matters, include log.h, loop.h and the std/ headers that are needed instead.
#pragma once

#ifndef __cplusplus
#error "Hindsight's header is for C++: compile this file as C++ (g++, or gcc -x c++), or call Hindsight from a C++ file of the program"
#endif

#include "hindsight/arg.h"
#include "hindsight/log.h"
#include "hindsight/loop.h"
#include "hindsight/probe.h"
#include "hindsight/state.h"
#include "hindsight/stats.h"
#include "hindsight/std.h"
#include "hindsight/version.h"
