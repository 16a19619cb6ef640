// State adapter for std::atomic of numbers.
#pragma once

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

HINDSIGHT_NAMESPACE_END
