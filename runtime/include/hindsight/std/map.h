// State adapters for std::map, std::set, their multi and unordered forms.
//
// Elements that stay keep their addresses. The iteration order of an unordered container is part of the state: its number of buckets is
// stored, and the elements are put back so that they come in the stored order; before C++17 a restore that would have to move elements that
// stay is refused. Containers ordered by address are refused.
#pragma once
#pragma GCC system_header

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "hindsight/std/sequence.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class Container, class = void>
struct IsHashed : std::false_type {};
template <class Container>
struct IsHashed<Container, Void<typename Container::hasher>> : std::true_type {};

template <class Container, class = void>
struct IsMap : std::false_type {};
template <class Container>
struct IsMap<Container, Void<typename Container::mapped_type>> : std::true_type {};

template <class Container>
inline const typename Container::key_type& key_of(typename Container::const_iterator at) {
  if constexpr (IsMap<Container>::value) {
    return at->first;
  } else {
    return *at;
  }
}

// An element can be made of a key. A part of the key that is not restored would be that of another one.
template <class Container, bool = IsMap<Container>::value>
struct AllMade : std::integral_constant<bool, !HoldsPartial<typename Container::key_type>::value> {};
template <class Container>
struct AllMade<Container, true>
    : std::integral_constant<bool, !HoldsPartial<typename Container::key_type>::value && CanBeMade<typename Container::mapped_type>::value> {};

// The keys, in the order of iteration.
template <class Container>
struct Keys {
  using Key = typename Container::key_type;
  std::vector<Key> in_order;
  explicit Keys(const Container& container) {
    in_order.reserve(container.size());
    for (auto at = container.begin(); at != container.end(); ++at) in_order.push_back(key_of<Container>(at));
  }
};

// The same keys where they are. Only saved, and saved like `in_order`: copies would take memory from the program's heap.
template <class Container>
struct KeysInPlace {
  using Key = typename Container::key_type;
  struct Iterator {
    typename Container::const_iterator at;
    Key& operator*() const { return const_cast<Key&>(key_of<Container>(at)); }
    Iterator& operator++() {
      ++at;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };

  const Container& container;
  Iterator begin() const { return {container.begin()}; }
  Iterator end() const { return {container.end()}; }
};

template <class Container>
inline bool same_keys(const Container& container, const std::vector<typename Container::key_type>& keys) {
  if (container.size() != keys.size()) return false;
  std::size_t i = 0;
  for (auto at = container.begin(); at != container.end(); ++at, ++i) {
    const auto& key = key_of<Container>(at);
    if constexpr (IsHashed<Container>::value) {
      if (!container.key_eq()(key, keys[i])) return false;
    } else {
      if (container.key_comp()(key, keys[i]) || container.key_comp()(keys[i], key)) return false;
    }
  }
  return true;
}

// Puts an element with this key and an empty value in.
template <class Container>
inline void put_key(Container& container, typename Container::const_iterator hint, const typename Container::key_type& key) {
  if constexpr (IsMap<Container>::value) {
    container.emplace_hint(hint, std::piecewise_construct, std::forward_as_tuple(key), std::forward_as_tuple());
  } else {
    container.emplace_hint(hint, key);
  }
}

// Makes the container hold these keys in this order; an element with a key that was there stays that element, at its address.
#if defined(__cpp_lib_node_extract)
template <class Container>
inline void rebuild(Archive& archive, Container& container, const std::vector<typename Container::key_type>& keys, std::size_t buckets,
                    float load) {
  Container made = [&] {
    if constexpr (IsHashed<Container>::value) {
      return Container(0, container.hash_function(), container.key_eq(), container.get_allocator());
    } else {
      return Container(container.key_comp(), container.get_allocator());
    }
  }();
  if constexpr (IsHashed<Container>::value) {
    made.max_load_factor(load);
    if (buckets > made.bucket_count()) made.rehash(buckets);
  }
  const auto put = [&](const typename Container::key_type& key) {
    auto node = container.extract(key);
    if (!node.empty()) {
      if constexpr (IsHashed<Container>::value) {
        made.insert(std::move(node));
      } else {
        made.insert(made.end(), std::move(node));
      }
    } else {
      put_key(made, made.end(), key);
    }
  };
  if constexpr (IsHashed<Container>::value) {
    // A new element comes first in its bucket, and a new bucket first of all: from the last to the first gives the stored order.
    for (std::size_t i = keys.size(); i-- > 0;) put(keys[i]);
    if (made.bucket_count() != buckets) archive.fail("cannot be given the number of buckets that it had");
  } else {
    for (const auto& key : keys) put(key);
  }
  if (!same_keys(made, keys)) archive.fail("cannot be brought into the order that it had");
  container.swap(made);
}
#else
// Before C++17 no element can be moved from one container to another: those that stay are not touched, the rest goes and comes around them.
// A hashed container may then come out in another order, which is refused.
template <class Container>
inline void rebuild(Archive& archive, Container& container, const std::vector<typename Container::key_type>& keys, std::size_t buckets,
                    float load) {
  using Key = typename Container::key_type;
  if constexpr (IsHashed<Container>::value) {
    std::unordered_map<Key, std::size_t, typename Container::hasher, typename Container::key_equal> missing(
        keys.size(), container.hash_function(), container.key_eq());
    for (const Key& key : keys) ++missing[key];
    for (auto at = container.begin(); at != container.end();) {
      const auto found = missing.find(key_of<Container>(at));
      if (found == missing.end() || found->second == 0) {
        at = container.erase(at);
      } else {
        --found->second;
        ++at;
      }
    }
    // Its buckets may be too many, but an empty one can be given few again.
    if (container.empty()) Container(0, container.hash_function(), container.key_eq(), container.get_allocator()).swap(container);
    container.max_load_factor(load);
    if (buckets != container.bucket_count()) container.rehash(buckets);
    // A new element comes first in its bucket, and a new bucket first of all: from the last to the first gives the stored order.
    for (std::size_t i = keys.size(); i-- > 0;) {
      std::size_t& wanted = missing[keys[i]];
      if (wanted == 0) continue;
      put_key(container, container.end(), keys[i]);
      --wanted;
    }
    if (container.bucket_count() != buckets) return archive.fail("cannot be given the number of buckets that it had");
  } else {
    const auto before = container.key_comp();
    auto at = container.begin();
    for (const Key& key : keys) {
      while (at != container.end() && before(key_of<Container>(at), key)) at = container.erase(at);
      if (at != container.end() && !before(key, key_of<Container>(at))) {
        ++at;
      } else {
        put_key(container, at, key);
      }
    }
    container.erase(at, container.end());
  }
  if (same_keys(container, keys)) return;
  archive.fail(IsHashed<Container>::value ? "cannot be brought into the order that it had: that takes a program compiled as C++17 or later"
                                          : "cannot be brought into the order that it had");
}
#endif

// The leaves that say which elements there are, in which order: `keys` is what is visited for them.
template <class Container, class Keys>
inline void visit_keys(Archive& archive, const Container& container, Keys& keys, std::int64_t& buckets, double& load) {
  archive.child("keys", keys);
  if constexpr (IsHashed<Container>::value) {
    buckets = archive.number("buckets", static_cast<std::int64_t>(container.bucket_count()));
    load = static_cast<double>(container.max_load_factor());
    archive.child("max_load_factor", load);
  }
}

// Brings the container to the keys that are stored.
template <class Container>
inline void exchange_keys(Archive& archive, Container& container) {
  std::int64_t buckets = 0;
  double load = 0;
  if (archive.saving()) {
    KeysInPlace<Container> keys = {container};
    return visit_keys(archive, container, keys, buckets, load);
  }
  Keys<Container> keys(container);
  visit_keys(archive, container, keys.in_order, buckets, load);
  if (!archive.loading() || archive.failed()) return;
  bool as_it_is = same_keys(container, keys.in_order);
  if constexpr (IsHashed<Container>::value) {
    as_it_is = as_it_is && container.bucket_count() == static_cast<std::size_t>(buckets) && container.max_load_factor() == static_cast<float>(load);
  }
  if constexpr (AllMade<Container>::value) {
    if (!as_it_is) rebuild(archive, container, keys.in_order, static_cast<std::size_t>(buckets), static_cast<float>(load));
  } else if (!as_it_is) {
    archive.fail("has other elements now than when it was stored, or in another order, and they cannot be made: their class has no default constructor, "
                 "or members that are not restored");
  }
}

template <class Container>
inline void visit_associative(Archive& archive, Container& container) {
  using Key = typename Container::key_type;
  static_assert(!std::is_pointer<Key>::value,
                "hindsight: a container ordered or hashed by address cannot be part of the state: addresses differ from run to run. Key it "
                "by something that stays, such as a name or an index.");
  if (hindsight_ar_enter_many(archive.raw()) == 0) return;
  exchange_keys(archive, container);  // before the first value is visited
  if constexpr (IsMap<Container>::value) {
    using Value = typename Container::mapped_type;
    static_assert(MayRefuse<Value>::value, "hindsight: values of a map that is part of the state must be default constructible");
    hindsight_ar_push(archive.raw(), "values", 6);
    if constexpr (Packed<Value>::value) {
      if (archive.saving()) {
        const std::uint64_t count = container.size();
        void* const place = hindsight_ar_reserve(archive.raw(), Packed<Value>::dtype(), 1, &count, count * sizeof(Value), 0);
        char* out = static_cast<char*>(place);
        for (auto at = container.begin(); place != nullptr && at != container.end(); ++at, out += sizeof(Value)) {
          __builtin_memcpy(out, static_cast<const void*>(&at->second), sizeof(Value));
        }
      } else {
        std::uint64_t count = 0;
        const char* const stored = stored_packed<Value>(archive, count);
        if (archive.loading() && stored != nullptr && count == container.size()) {
          std::uint64_t i = 0;
          for (auto at = container.begin(); at != container.end(); ++at) at->second = packed_at<Value>(stored, i++);
        } else if (archive.loading()) {
          archive.fail("has another number of values than of keys in what is stored");
        }
        hindsight_ar_consume(archive.raw());
      }
    } else if (archive.checking()) {
      hindsight_ar_skip(archive.raw());  // they belong to the stored keys, and are compared when those are in place
    } else {
      std::uint64_t i = 0;
      for (auto at = container.begin(); at != container.end() && !archive.failed(); ++at) archive.child(i++, at->second);
    }
    hindsight_ar_pop(archive.raw());
  }
  hindsight_ar_leave_many(archive.raw());
}

}  // namespace detail

template <class Container>
struct Adapter<detail::KeysInPlace<Container>> {
  static void visit(Archive& archive, detail::KeysInPlace<Container>& keys) {
    using Key = typename Container::key_type;
    const std::uint64_t size = keys.container.size();
    if constexpr (detail::Packed<Key>::value) {
      detail::save_packed<Key>(archive, keys.begin(), size);
    } else {
      detail::visit_elements<false>(archive, keys, size, [](std::size_t) {});
    }
  }
};

#define HINDSIGHT_ASSOCIATIVE(...)                                                                            \
  static void visit(Archive& archive, __VA_ARGS__& value) { detail::visit_associative(archive, value); }

template <class K, class V, class C, class A>
struct Adapter<std::map<K, V, C, A>> {
  HINDSIGHT_ASSOCIATIVE(std::map<K, V, C, A>)
};
template <class K, class V, class C, class A>
struct Adapter<std::multimap<K, V, C, A>> {
  HINDSIGHT_ASSOCIATIVE(std::multimap<K, V, C, A>)
};
template <class K, class C, class A>
struct Adapter<std::set<K, C, A>> {
  HINDSIGHT_ASSOCIATIVE(std::set<K, C, A>)
};
template <class K, class C, class A>
struct Adapter<std::multiset<K, C, A>> {
  HINDSIGHT_ASSOCIATIVE(std::multiset<K, C, A>)
};
template <class K, class V, class H, class E, class A>
struct Adapter<std::unordered_map<K, V, H, E, A>> {
  HINDSIGHT_ASSOCIATIVE(std::unordered_map<K, V, H, E, A>)
};
template <class K, class V, class H, class E, class A>
struct Adapter<std::unordered_multimap<K, V, H, E, A>> {
  HINDSIGHT_ASSOCIATIVE(std::unordered_multimap<K, V, H, E, A>)
};
template <class K, class H, class E, class A>
struct Adapter<std::unordered_set<K, H, E, A>> {
  HINDSIGHT_ASSOCIATIVE(std::unordered_set<K, H, E, A>)
};
template <class K, class H, class E, class A>
struct Adapter<std::unordered_multiset<K, H, E, A>> {
  HINDSIGHT_ASSOCIATIVE(std::unordered_multiset<K, H, E, A>)
};
#undef HINDSIGHT_ASSOCIATIVE

HINDSIGHT_NAMESPACE_END
