// Places in memory, as far as they can be told apart by name: what is modified, and what a state covers.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/Decl.h>
#include <llvm/ADT/SmallVector.h>

namespace hindsight::instrument {

// What a place is reached from.
struct Root {
  enum class Kind { kVariable, kThis, kTemporary, kUnknown };
  Kind kind = Kind::kUnknown;
  const void* key = nullptr;  // the VarDecl, or the expression that makes the temporary
  std::string what;           // of an unknown: what to call it
  friend auto operator<=>(const Root&, const Root&) = default;

  const clang::VarDecl* variable() const {
    return kind == Kind::kVariable ? static_cast<const clang::VarDecl*>(key) : nullptr;
  }
};

// Members, and steps through a pointer, reference member or handle (null). Elements of arrays and containers are not
// told apart from the whole.
struct Place {
  // A longer path is cut: the shorter one stands for more, which is the safe side.
  static constexpr std::size_t kLongest = 6;
  using Path = llvm::SmallVector<const clang::FieldDecl*, kLongest>;

  Root root;
  Path path;
  friend bool operator==(const Place&, const Place&) = default;
  friend std::strong_ordering operator<=>(const Place& a, const Place& b) {
    const std::strong_ordering by_root = a.root <=> b.root;
    return by_root != 0 ? by_root : std::lexicographical_compare_three_way(a.path.begin(), a.path.end(), b.path.begin(), b.path.end());
  }

  Place then(const clang::FieldDecl* step) const {
    Place out = *this;
    if (out.path.size() < kLongest) out.path.push_back(step);
    return out;
  }
  Place then(Path::const_iterator from, Path::const_iterator to) const {
    Place out = *this;
    for (; from != to && out.path.size() < kLongest; ++from) out.path.push_back(*from);
    return out;
  }
  // Is `other` this place or a part of it?
  bool holds(const Place& other) const {
    return root == other.root && path.size() <= other.path.size() && std::equal(path.begin(), path.end(), other.path.begin());
  }
  bool passes_pointer() const {
    for (const clang::FieldDecl* step : path) {
      if (!step) return true;
    }
    return false;
  }
};
using Places = std::set<Place>;

// In the order in which their variables and members are declared, so that every parse goes through them alike.
inline std::vector<Place> as_declared(const Places& places) {
  const auto at = [](const clang::Decl* d) { return d ? d->getLocation().getRawEncoding() : 0; };
  const auto order = [&](const Place& p) {
    const clang::VarDecl* v = p.root.variable();
    std::vector<std::uint64_t> out = {v ? at(v) : ~std::uint64_t{0}};
    for (const clang::FieldDecl* step : p.path) out.push_back(at(step));
    return out;
  };
  std::vector<Place> out(places.begin(), places.end());
  std::stable_sort(out.begin(), out.end(), [&](const Place& a, const Place& b) { return order(a) < order(b); });
  return out;
}

// More places than `most` are of no use to anybody: each then stands for the whole of what it is a part of.
inline void coarsen(Places& places, std::size_t most) {
  if (places.size() <= most) return;
  Places out;
  for (const Place& p : places) {
    Place whole{p.root, {}};
    if (p.passes_pointer()) whole.path.push_back(nullptr);
    out.insert(std::move(whole));
  }
  places = std::move(out);
}

// Where a thread stands that goes on beside a loop: in no variable, so that no state can hold it.
inline constexpr char kThread[] = "(a thread)";

// What a value may refer to.
struct Reach {
  Places places;
  bool own = false;  // or to something that nothing else is known to refer to
  void add(const Reach& other) {
    places.insert(other.places.begin(), other.places.end());
    own = own || other.own;
  }
  friend bool operator==(const Reach&, const Reach&) = default;
};

}  // namespace hindsight::instrument
