// State adapters for std::stack, std::queue and std::priority_queue: the container inside, in its own order.
#pragma once
#pragma GCC system_header

#include <queue>
#include <stack>

#include "hindsight/std/sequence.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// Protected members, reached as a derived class may.
template <class Adaptor>
struct Inside : Adaptor {
  static typename Adaptor::container_type& container(Adaptor& adaptor) { return adaptor.*(&Inside::c); }
};
template <class Queue>
struct InsideOrdered : Queue {
  using Compare = typename std::remove_reference<decltype(std::declval<InsideOrdered&>().comp)>::type;
  static Compare& compare(Queue& queue) { return queue.*(&InsideOrdered::comp); }
};

}  // namespace detail

template <class T, class Container>
struct Adapter<std::stack<T, Container>> {
  static void visit(Archive& archive, std::stack<T, Container>& value) {
    archive.visit(detail::Inside<std::stack<T, Container>>::container(value));
  }
};
template <class T, class Container>
struct Adapter<std::queue<T, Container>> {
  static void visit(Archive& archive, std::queue<T, Container>& value) {
    archive.visit(detail::Inside<std::queue<T, Container>>::container(value));
  }
};

// A comparison without members, or one that cannot be assigned (a lambda that captures), is what it was constructed as.
template <class T, class Container, class Compare>
struct Adapter<std::priority_queue<T, Container, Compare>> {
  static void visit(Archive& archive, std::priority_queue<T, Container, Compare>& value) {
    using Queue = std::priority_queue<T, Container, Compare>;
    if constexpr (std::is_empty<Compare>::value || !std::is_copy_assignable<Compare>::value) {
      archive.visit(detail::Inside<Queue>::container(value));
    } else if constexpr (detail::is_serializable<Compare> || detail::HasMembers<Compare>::value) {
      archive.child("elements", detail::Inside<Queue>::container(value));
      archive.child("compare", detail::InsideOrdered<Queue>::compare(value));
    } else {
      archive.fail("is ordered by an object or a function that could be exchanged, which cannot be part of the state");
    }
  }
};

HINDSIGHT_NAMESPACE_END
