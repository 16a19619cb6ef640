// State adapters for std::atomic of numbers, and for std::atomic_flag where it can be read (C++20).
#pragma once
#pragma GCC system_header

#include <atomic>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

template <class T>
struct Adapter<std::atomic<T>> {
  static void visit(Archive& archive, std::atomic<T>& value) {
    static_assert(detail::is_number<T>, "hindsight: only atomic numbers can be part of the state");
    T now = value.load(std::memory_order_relaxed);
    archive.visit(now);
    if (archive.loading() && !archive.failed()) value.store(now, std::memory_order_relaxed);
  }
};

#if defined(__cpp_lib_atomic_flag_test)
template <>
struct Adapter<std::atomic_flag> {
  static void visit(Archive& archive, std::atomic_flag& value) {
    bool now = value.test(std::memory_order_relaxed);
    archive.visit(now);
    if (!archive.loading() || archive.failed()) return;
    if (now) {
      value.test_and_set(std::memory_order_relaxed);
    } else {
      value.clear(std::memory_order_relaxed);
    }
  }
};
#endif

HINDSIGHT_NAMESPACE_END
