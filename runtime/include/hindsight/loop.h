// Loops that Hindsight knows: they give positions to what is logged in them, and with state of their own can be entered and skipped.
//
//   for (int epoch : hindsight::loop("epoch", 20, hindsight::named("net", net), rng)) { ... }    // a count, or any range
//
//   hindsight::Loop l("step", net, hindsight::var(i));       // any other loop: more() before its condition, finish() behind it
//   for (; l.more() && i < n; ++i) { ... }
//   l.finish();
//
// The arguments behind the count are the loop's state: every variable declared outside that the body may modify. Left by break, return
// or throw, a loop() has no end state; a Loop that reaches finish() has one, also after break. Without a host: a branch per iteration.
#pragma once
#pragma GCC system_header

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// Reads a loop variable through its address.
template <class T>
inline std::int64_t read_label(const void* value) noexcept {
  return static_cast<std::int64_t>(*static_cast<const T*>(value));
}

struct Label {
  const void* value;
  std::int64_t (*read)(const void*);
};
template <class T>
inline void find_label(Label&, const T&) noexcept {}
template <class T>
inline void find_label(Label& label, const Var<T>& loop_variable) noexcept {
  label = {&loop_variable.value, &read_label<T>};
}

// The name of a type, to be looked into while compiling.
template <class T>
constexpr const char* type_text() noexcept {
  return __PRETTY_FUNCTION__;
}
constexpr bool begins_with(const char* text, const char* word) noexcept {
  return *word == 0 || (*text == *word && begins_with(text + 1, word + 1));
}
// Where `word` comes first in `size` characters, or null. By halves: the depth of a recursion in a constant is limited.
constexpr const char* find_text(const char* text, std::size_t size, const char* word, const char* found = nullptr) noexcept {
  return found != nullptr ? found
         : size > 1       ? find_text(text + size / 2, size - size / 2, word, find_text(text, size / 2, word))
                          : (begins_with(text, word) ? text : nullptr);
}
constexpr const char* find_text(const char* text, const char* word) noexcept { return find_text(text, __builtin_strlen(text), word); }

// Whether an iterator can be made again and advanced: forward and better. By the name of its category, since to name the standard's
// tags would take their header; a category of another name counts as an input iterator's, which is never wrong, only slower.
template <class It, class = void>
struct IsForward : std::is_pointer<It> {};
template <class It>
struct IsForward<It, EnableIf<std::is_class<typename It::iterator_category>::value>> {
  using Category = typename It::iterator_category;
  static constexpr bool value = find_text(type_text<Category>(), "forward_iterator_tag") != nullptr ||
                                find_text(type_text<Category>(), "bidirectional_iterator_tag") != nullptr ||
                                find_text(type_text<Category>(), "random_access_iterator_tag") != nullptr;
};
template <class It, class = void>
struct IsRandom : std::is_pointer<It> {};
template <class It>
struct IsRandom<It, EnableIf<std::is_class<typename It::iterator_category>::value>> {
  static constexpr bool value = find_text(type_text<typename It::iterator_category>(), "random_access_iterator_tag") != nullptr;
};

// begin() and end() as a range-for finds them: an array's, the class's own, or those beside it.
template <class R, class = void>
struct HasBegin : std::false_type {};
template <class R>
struct HasBegin<R, decltype(void(std::declval<R&>().begin()), void(std::declval<R&>().end()))> : std::true_type {};
template <class T, std::size_t N>
inline T* range_begin(T (&array)[N]) noexcept {
  return array;
}
template <class T, std::size_t N>
inline T* range_end(T (&array)[N]) noexcept {
  return array + N;
}
template <class R, EnableIf<HasBegin<R>::value, int> = 0>
inline auto range_begin(R& range) -> decltype(range.begin()) {
  return range.begin();
}
template <class R, EnableIf<HasBegin<R>::value, int> = 0>
inline auto range_end(R& range) -> decltype(range.end()) {
  return range.end();
}
template <class R, EnableIf<!HasBegin<R>::value && !std::is_array<R>::value, int> = 0>
inline auto range_begin(R& range) -> decltype(begin(range)) {
  return begin(range);
}
template <class R, EnableIf<!HasBegin<R>::value && !std::is_array<R>::value, int> = 0>
inline auto range_end(R& range) -> decltype(end(range)) {
  return end(range);
}

// What loops share: the frame while there is a host, the roots of the state.
template <std::size_t N>
class LoopState {
 public:
  LoopState(const LoopState&) = delete;
  LoopState& operator=(const LoopState&) = delete;

 protected:
  LoopState() noexcept {}
  ~LoopState() {
    if (live_) hindsight_loop_leave(&frame_);
  }

  template <class... S>
  void enter(const At& at, std::uint32_t flags, S&&... state) noexcept {
    (add(static_cast<S&&>(state)), ...);
    const hindsight_site where = site(at, kLoopSite);
    live_ = hindsight_loop_enter(&frame_, &where, roots_, state_, flags) != 0;
    if (live_ && state_ != N) hindsight_loop_watch(&frame_, roots_ + state_, static_cast<std::uint32_t>(N) - state_);
  }

 private:
  // The state from the front, what is only looked at from the back.
  template <class S>
  void add(S&& state) noexcept {
    roots_[state_++] = make_root(static_cast<S&&>(state));
  }
  template <class T>
  void add(Watched<T>&& watched) noexcept {
    roots_[N - ++watched_] = root_of<T>(watched.name, watched.value);
  }

 protected:
  bool live_ = false;
  std::uint64_t ordinal_ = 0;  // of the iteration that is under way or comes next
  hindsight_frame frame_;
  hindsight_root roots_[N == 0 ? 1 : N];

 private:
  std::uint32_t state_ = 0;
  std::uint32_t watched_ = 0;
};

// Counts from 0 up.
template <class Count, std::size_t N>
class CountedLoop : LoopState<N> {
  using Base = LoopState<N>;

 public:
  template <class... S>
  CountedLoop(const At& at, Count count, S&&... state) noexcept : count_(count) {
    if (active()) Base::enter(at, 0, static_cast<S&&>(state)...);
  }

  class Iterator {
   public:
    explicit Iterator(CountedLoop& loop) noexcept : loop_(loop) {}
    Count operator*() const noexcept { return loop_.next_; }
    Iterator& operator++() noexcept {
      ++loop_.next_;
      return *this;
    }
    bool operator!=(const Iterator&) const noexcept { return loop_.more(); }  // the other is the end

   private:
    CountedLoop& loop_;
  };
  Iterator begin() noexcept { return Iterator(*this); }
  Iterator end() noexcept { return Iterator(*this); }

 private:
  bool more() noexcept { return __builtin_expect(this->live_, false) ? more_recorded() : next_ < count_; }
  __attribute__((noinline)) bool more_recorded() noexcept {
    this->ordinal_ = next_ < 0 ? 0 : static_cast<std::uint64_t>(next_);
    // The first head comes before anything is known of the range, as for all loops.
    if (this->ordinal_ == 0 || next_ < count_) {
      const int what = hindsight_loop_head(&this->frame_, &this->ordinal_);
      if (what == HINDSIGHT_SKIPPED) return false;
      if (what == HINDSIGHT_JUMPED) next_ = static_cast<Count>(this->ordinal_);
    }
    if (!(next_ < count_)) {
      hindsight_loop_exit(&this->frame_, this->ordinal_);
      return false;
    }
    hindsight_loop_begin(&this->frame_, this->ordinal_, 1, static_cast<std::int64_t>(next_), 0);
    return true;
  }

  Count next_ = 0;
  Count count_;
};

// Goes over a range. Its begin() is not called before it is known that the loop runs: a data loader's draws random numbers.
template <class R, std::size_t N>
class RangeLoop : LoopState<N> {
  using Base = LoopState<N>;
  using Range = RemoveReference<R>;
  using It = Decay<decltype(range_begin(std::declval<Range&>()))>;
  using End = Decay<decltype(range_end(std::declval<Range&>()))>;
  static constexpr bool kForward = IsForward<It>::value;

 public:
  template <class... S>
  RangeLoop(const At& at, R&& range, S&&... state) noexcept(std::is_reference<R>::value) : range_(static_cast<R&&>(range)) {
    if (active()) Base::enter(at, kForward ? 0u : static_cast<std::uint32_t>(HINDSIGHT_LOOP_NO_JUMP), static_cast<S&&>(state)...);
  }
  ~RangeLoop() { forget(); }

  class Iterator {
   public:
    explicit Iterator(RangeLoop& loop) noexcept : loop_(loop) {}
    auto operator*() const -> decltype(*std::declval<It&>()) { return *loop_.cursor_.live.at; }
    Iterator& operator++() {
      ++loop_.cursor_.live.at;
      ++loop_.ordinal_;
      return *this;
    }
    bool operator!=(const Iterator&) const { return loop_.more(); }  // the other is the end

   private:
    RangeLoop& loop_;
  };
  Iterator begin() noexcept { return Iterator(*this); }
  Iterator end() noexcept { return Iterator(*this); }

 private:
  struct Cursor {
    It at;
    End end;
    // <new> without the header.
    struct Here {};
    static void* operator new(std::size_t, void* place, Here) noexcept { return place; }
    static void operator delete(void*, void*, Here) noexcept {}
    Cursor(It first, End last) : at(static_cast<It&&>(first)), end(static_cast<End&&>(last)) {}
  };
  // Not there until begin() has been called.
  union Place {
    Place() noexcept {}
    ~Place() {}
    Cursor live;
  };

  void start() {
    forget();
    new (static_cast<void*>(&cursor_.live), typename Cursor::Here{}) Cursor(range_begin(range_), range_end(range_));
    started_ = true;
  }
  void forget() noexcept {
    if (started_) cursor_.live.~Cursor();
    started_ = false;
  }

  bool more() {
    if (__builtin_expect(this->live_, false)) return more_recorded();
    if (!started_) start();
    return cursor_.live.at != cursor_.live.end;
  }

  bool more_recorded() {
    if (this->ordinal_ == 0 || cursor_.live.at != cursor_.live.end) {
      const int what = hindsight_loop_head(&this->frame_, &this->ordinal_);
      if (what == HINDSIGHT_SKIPPED) return false;
      // What was restored may be the range itself.
      if (what == HINDSIGHT_JUMPED || !started_) {
        start();
        if (this->ordinal_ != 0) advance();
      }
    }
    if (!(cursor_.live.at != cursor_.live.end)) {
      hindsight_loop_exit(&this->frame_, this->ordinal_);
      return false;
    }
    tell_begin();
    return true;
  }

  void advance() {
    if constexpr (IsRandom<It>::value) {
      const auto left = cursor_.live.end - cursor_.live.at;
      if (left >= 0 && static_cast<std::uint64_t>(left) > this->ordinal_) {
        cursor_.live.at += static_cast<decltype(left)>(this->ordinal_);
        return;
      }
    } else if constexpr (kForward) {
      std::uint64_t left = this->ordinal_;
      while (left > 0 && cursor_.live.at != cursor_.live.end) ++cursor_.live.at, --left;
      if (left == 0 && cursor_.live.at != cursor_.live.end) return;
    }
    hindsight_loop_refuse(&this->frame_, "the range has fewer elements than when it was recorded");
  }

  void tell_begin() {
    using Element = RemoveCv<RemoveReference<decltype(*cursor_.live.at)>>;
    if constexpr (kForward && std::is_integral<Element>::value) {
      hindsight_loop_begin(&this->frame_, this->ordinal_, 1, static_cast<std::int64_t>(*cursor_.live.at), 0);
    } else {
      hindsight_loop_begin(&this->frame_, this->ordinal_, 0, 0, 0);
    }
  }

  R range_;  // a reference, or the range itself if it was a temporary
  bool started_ = false;
  Place cursor_;
};

template <class R, std::size_t N>
using LoopOver = typename std::conditional<std::is_integral<Decay<R>>::value, CountedLoop<Decay<R>, N>, RangeLoop<R, N>>::type;

}  // namespace detail

// A count, or a range (a temporary one is kept for the loop's life), and the loop's state.
template <class R, class... S>
[[nodiscard]] inline detail::LoopOver<R, sizeof...(S)> loop(const At& at, R&& range, S&&... state) {
  return {at, static_cast<R&&>(range), static_cast<S&&>(state)...};  // made where it is used: it cannot be copied
}

namespace detail {

// What the loops without a cursor of their own share: they count their iterations.
template <std::size_t N>
class SteppedLoop : protected LoopState<N> {
 public:
  // After the loop, also when it was left by break.
  void finish() noexcept {
    if (__builtin_expect(this->live_, false)) hindsight_loop_exit(&this->frame_, next_ == 0 ? 0 : next_ - 1);
  }

 protected:
  __attribute__((noinline)) bool step() noexcept {
    this->ordinal_ = next_;
    if (hindsight_loop_head(&this->frame_, &this->ordinal_) == HINDSIGHT_SKIPPED) return false;
    const bool has_label = label_.read != nullptr;
    hindsight_loop_begin(&this->frame_, this->ordinal_, has_label, has_label ? label_.read(label_.value) : 0, 1);
    next_ = this->ordinal_ + 1;
    return true;
  }

  Label label_ = {nullptr, nullptr};
  std::uint64_t next_ = 0;
};

}  // namespace detail

// Any loop. more() comes before the condition (in a do loop behind it); where it returns false the condition is not to be evaluated.
// Not copied, not moved; used by the thread that made it.
template <class... S>
class Loop : public detail::SteppedLoop<sizeof...(S)> {
  using Base = detail::SteppedLoop<sizeof...(S)>;

 public:
  explicit Loop(const At& at, S... state) noexcept {
    if (!active()) return;
    (detail::find_label(this->label_, state), ...);
    Base::enter(at, 0, static_cast<S&&>(state)...);
  }

  // Before each iteration. False: the loop is to be left at once; finish() follows.
  bool more() noexcept { return __builtin_expect(this->live_, false) ? this->step() : true; }
};
#if defined(__cpp_deduction_guides)
template <class... S>
Loop(const At&, S&&...) -> Loop<S...>;
#endif

HINDSIGHT_NAMESPACE_END
