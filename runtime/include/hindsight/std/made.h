// Which objects a restore may make where none is. For adapters.
#pragma once
#pragma GCC system_header

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// An object of T would have a part that is not restored, where T itself holds it. The adapters of what holds others add to it.
template <class T>
struct HoldsPartial : IsPartial<T> {};
template <class T>
struct HoldsPartial<const T> : HoldsPartial<T> {};

template <bool... each>
struct Any : std::false_type {};
template <bool... rest>
struct Any<true, rest...> : std::true_type {};
template <bool... rest>
struct Any<false, rest...> : Any<rest...> {};

// T, or something among its template arguments, is a class that the tool has written hindsight_members() for. What cannot be made then is refused
// while the program runs, since nobody could mend what is inserted; elsewhere it does not compile. Where the tool has inserted the loops, that is
// so of every type.
#if defined(HINDSIGHT_INSERTED_H)
template <class T>
struct HoldsMembers : std::true_type {};
#else
template <class T>
struct HoldsMembers : HasMembers<T> {};
template <template <class...> class Of, class... T>
struct HoldsMembers<Of<T...>> : Any<HasMembers<Of<T...>>::value, HoldsMembers<T>::value...> {};
template <template <class, std::size_t> class Of, class T, std::size_t N>
struct HoldsMembers<Of<T, N>> : HoldsMembers<T> {};
#endif

template <class T>
struct CanBeMade
    : std::integral_constant<bool, std::is_default_constructible<T>::value && !std::is_abstract<T>::value && !HoldsPartial<T>::value> {};

// To be asserted where a T may have to be made.
template <class T, bool can = CanBeMade<T>::value>
struct MayRefuse : std::true_type {};
template <class T>
struct MayRefuse<T, false> : Any<HoldsPartial<T>::value, HoldsMembers<T>::value> {};

constexpr const char* kNoElement =
    "has fewer elements now than when it was stored, and no more can be made: their class has no default constructor, or members that are not "
    "restored";
constexpr const char* kNoValue =
    "holds nothing (or something else) now but did when it was stored, and that cannot be made: its class has no default constructor, or members "
    "that are not restored";

}  // namespace detail
HINDSIGHT_NAMESPACE_END
