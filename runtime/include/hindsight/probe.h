// A log statement that was added after the fact; hindsight-cc writes it.
//
//   { HINDSIGHT_PROBE("0123456789abcdef0123456789abcdef", "grad_norm", hindsight::norm(w.grad())) }
//
// The expression is evaluated once, and only under a host. What it throws is caught, and its text is recorded in place of a value.
#pragma once
#pragma GCC system_header

#include "hindsight/macros_aside.h"

#include "hindsight/log.h"
#include "hindsight/stats.h"
// A unit that does not include hindsight itself can ask for hindsight::norm(tensor), too.
#if defined(TORCH_API)
#include "hindsight/torch.h"
#endif

#if HINDSIGHT_EXCEPTIONS
#include <exception>
#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif
#endif

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

inline void put_error(const hindsight_site& site, const char* what) noexcept {
  hindsight_put_array(&site, kError, what, text_size(what));
}

// While a probe's expression is evaluated.
struct Probing {
  Probing() noexcept : guarded(hindsight_probing(1) != 0) {}
  Probing(const Probing&) = delete;
  Probing& operator=(const Probing&) = delete;
  ~Probing() { hindsight_probing(0); }
  const bool guarded;  // the expression may change the program's state
};

template <class T>
inline void put_probe(const hindsight_site& site, const T& value) noexcept {
  put(site, value);
}

}  // namespace detail
HINDSIGHT_NAMESPACE_END

#if !HINDSIGHT_EXCEPTIONS
#define HINDSIGHT_TRY
#define HINDSIGHT_CATCH(site)
#elif defined(__GLIBCXX__)
// A thread that is being cancelled passes through as an exception that must not be held up.
#define HINDSIGHT_TRY try
#define HINDSIGHT_CATCH(site)                                                                                    \
  catch (const ::std::exception& hindsight_thrown) { ::hindsight::detail::put_error(site, hindsight_thrown.what()); } \
  catch (const ::abi::__forced_unwind&) { throw; }                                                               \
  catch (...) { ::hindsight::detail::put_error(site, "something that is no std::exception"); }
#else
#define HINDSIGHT_TRY try
#define HINDSIGHT_CATCH(site)                                                                                    \
  catch (const ::std::exception& hindsight_thrown) { ::hindsight::detail::put_error(site, hindsight_thrown.what()); } \
  catch (...) { ::hindsight::detail::put_error(site, "something that is no std::exception"); }
#endif

// What such an expression computes with tensors is no part of the program's graph.
#if defined(TORCH_API)
#define HINDSIGHT_APART(guarded) const ::c10::AutoGradMode hindsight_grad_mode(!(guarded) && ::c10::GradMode::is_enabled());
#else
#define HINDSIGHT_APART(guarded)
#endif

// A block: no semicolon is needed after it.
#define HINDSIGHT_PROBE(id, name, ...)                                                                           \
  {                                                                                                              \
    if (::hindsight::active()) {                                                                                 \
      const hindsight_site hindsight_probe_site =                                                                \
          ::hindsight::detail::site(::hindsight::At(name), ::hindsight::detail::kProbeSite, id);                 \
      const ::hindsight::detail::Probing hindsight_probing_here;                                                 \
      HINDSIGHT_APART(hindsight_probing_here.guarded)                                                            \
      HINDSIGHT_TRY { ::hindsight::detail::put_probe(hindsight_probe_site, (__VA_ARGS__)); }                     \
      HINDSIGHT_CATCH(hindsight_probe_site)                                                                      \
    }                                                                                                            \
  }

#include "hindsight/macros_back.h"
