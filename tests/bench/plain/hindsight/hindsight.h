// The calls of hindsight/hindsight.h that the samples use, doing nothing at all: what a training costs that never heard of
// hindsight. tools/bench compiles the samples against it.
#pragma once

namespace hindsight {

template <class T>
struct Named {};
template <class T>
Named<T> named(const char*, T&) {
  return {};
}

struct Counter {
  struct Iterator {
    int value;
    int operator*() const { return value; }
    Iterator& operator++() {
      ++value;
      return *this;
    }
    bool operator!=(Iterator other) const { return value != other.value; }
  };
  int count;
  Iterator begin() const { return {0}; }
  Iterator end() const { return {count}; }
};
template <class... State>
Counter loop(const char*, int count, State&&...) {
  return {count};
}

template <class T>
void log(const char*, const T&) {}
template <class T>
T arg(const char*, T value) {
  return value;
}

}  // namespace hindsight
