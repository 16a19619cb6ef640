// Tensors as state. Included by hindsight/torch.h.
//
// A tensor is two leaves: `<path>.layout` (what it is) and `<path>` (its elements, row-major, copied without autograd). A tensor that is
// met again, or that is a view of one met before, is stored once and is the same tensor, or a view of it, again after restoring. What cannot be
// captured exactly makes that capture fail with the leaf's name: a live graph, another device, sparse, quantised or overlapping memory.
#pragma once
#pragma GCC system_header

#include <torch/types.h>

#include <cstring>
#include <vector>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// Who may point a tensor variable at other memory.
enum class TensorOwner {
  kModule,    // others hold this very tensor (an optimiser its parameters): always in place
  kLibrary,   // a gradient, an optimiser's state: in place where it fits, else a new tensor
  kVariable   // the program's own variable: a new tensor if it fits not; refused if something outside the state holds it too
};

constexpr std::uint64_t kTensorKey = 0x746f7263682e5431ull;

// 0: not one that can be captured.
inline std::uint8_t dtype_of(at::ScalarType type) noexcept {
  switch (type) {
    case at::ScalarType::Bool: return kBool;
    case at::ScalarType::Char: return kI8;
    case at::ScalarType::Short: return kI16;
    case at::ScalarType::Int: return kI32;
    case at::ScalarType::Long: return kI64;
    case at::ScalarType::Byte: return kU8;
    case at::ScalarType::Half: return kF16;
    case at::ScalarType::BFloat16: return kBF16;
    case at::ScalarType::Float: return kF32;
    case at::ScalarType::Double: return kF64;
    case at::ScalarType::ComplexFloat: return kC64;
    case at::ScalarType::ComplexDouble: return kC128;
    default: return 0;
  }
}

// Two elements in one place: cannot be copied into.
inline bool overlaps_itself(const at::Tensor& tensor) {
  if (tensor.is_non_overlapping_and_dense()) return false;
  std::vector<std::pair<std::int64_t, std::int64_t>> dims;  // stride, size
  for (std::int64_t d = 0; d < tensor.dim(); ++d) {
    if (tensor.size(d) == 0) return false;
    if (tensor.size(d) > 1) dims.emplace_back(tensor.stride(d), tensor.size(d));
  }
  for (std::size_t i = 1; i < dims.size(); ++i) {
    for (std::size_t k = i; k > 0 && dims[k] < dims[k - 1]; --k) std::swap(dims[k], dims[k - 1]);
  }
  std::int64_t reach = 0;
  for (const auto& [stride, size] : dims) {
    if (stride <= reach) return true;
    reach += stride * (size - 1);
  }
  return false;
}

// Null: it can be captured.
inline const char* why_not_captured(const at::Tensor& tensor) {
  if (tensor.layout() != at::kStrided) return "is a sparse tensor, which is not supported";
  if (!tensor.device().is_cpu()) return "is on a device that has no adapter; only the CPU's memory is captured";
  if (tensor.is_quantized() || dtype_of(tensor.scalar_type()) == 0) return "has an element type that is not supported";
  if (tensor.grad_fn() != nullptr) return "has a live graph: detach() it, or keep it inside the iteration";
  if (tensor.is_conj() || tensor.is_neg()) return "is a lazy conjugate or negative: resolve it first";
  if (!tensor.has_storage()) return "has no memory of its own";
  if (overlaps_itself(tensor)) return "has elements that share memory (expand): clone() it";
  return nullptr;
}

// What the first leaf of a tensor says.
struct TensorLayout {
  enum Kind : std::int64_t { kUndefined = 0, kOwn = 1, kSame = 2, kView = 3 };
  std::int64_t kind = kUndefined;
  std::int64_t object = -1;  // its number, or that of the tensor that it is or is a view of
  std::int64_t requires_grad = 0;
  std::int64_t dtype = 0;
  std::int64_t offset = 0;   // a view: elements after the first one of the tensor it is a view of
  std::vector<std::int64_t> sizes, strides;

  std::vector<std::int64_t> packed() const {
    std::vector<std::int64_t> all{kind, object, requires_grad, dtype, offset, static_cast<std::int64_t>(sizes.size())};
    all.insert(all.end(), sizes.begin(), sizes.end());
    all.insert(all.end(), strides.begin(), strides.end());
    return all;
  }
  // False: that is none.
  bool unpack(const std::int64_t* from, std::uint64_t count) {
    if (count < 6 || from[5] < 0 || count != 6 + 2 * static_cast<std::uint64_t>(from[5])) return false;
    kind = from[0], object = from[1], requires_grad = from[2], dtype = from[3], offset = from[4];
    sizes.assign(from + 6, from + 6 + from[5]);
    strides.assign(from + 6 + from[5], from + count);
    return kind >= kUndefined && kind <= kView;
  }
};

inline bool same_geometry(const at::Tensor& tensor, const TensorLayout& layout) {
  return tensor.defined() && dtype_of(tensor.scalar_type()) == layout.dtype && tensor.sizes() == at::IntArrayRef(layout.sizes) &&
         tensor.strides() == at::IntArrayRef(layout.strides);
}

// The tensors met so far in this pass, found by their memory too.
struct TensorHolder {
  at::Tensor tensor;
};
inline std::int64_t add_tensor(Archive& archive, const at::Tensor& tensor) {
  const std::int64_t number =
      hindsight_ar_add_object(archive.raw(), tensor.unsafeGetTensorImpl(), kTensorKey, new TensorHolder{tensor},
                              [](void* holder) { delete static_cast<TensorHolder*>(holder); });
  const void* const memory = tensor.storage().unsafeGetStorageImpl();
  if (number >= 0 && hindsight_ar_find_object(archive.raw(), memory, kTensorKey) < 0) {
    hindsight_ar_add_object(archive.raw(), memory, kTensorKey, new TensorHolder{tensor},
                            [](void* holder) { delete static_cast<TensorHolder*>(holder); });
  }
  return number;
}
inline const at::Tensor* held_tensor(Archive& archive, std::int64_t number) {
  void* const holder = hindsight_ar_object(archive.raw(), number, kTensorKey);
  return holder == nullptr ? nullptr : &static_cast<TensorHolder*>(holder)->tensor;
}

// Where `view` begins in `base`, in elements, if all of it lies in what is stored of `base`; else -1.
inline std::int64_t offset_within(const at::Tensor& base, const at::Tensor& view) {
  if (!base.is_contiguous() || base.scalar_type() != view.scalar_type()) return -1;
  const std::int64_t begin = view.storage_offset() - base.storage_offset();
  std::int64_t last = begin;
  for (std::int64_t d = 0; d < view.dim(); ++d) last += view.stride(d) * (view.size(d) - 1);
  return begin < 0 || last >= base.numel() ? -1 : begin;
}

inline void tensor_layout_leaf(Archive& archive, std::vector<std::int64_t>& packed) {
  hindsight_ar_push(archive.raw(), "layout", 6);
  const std::uint64_t count = packed.size();
  hindsight_ar_leaf(archive.raw(), kI64, 1, &count, packed.data(), count * sizeof(std::int64_t), 0);
  hindsight_ar_pop(archive.raw());
}

inline void save_tensor(Archive& archive, const at::Tensor& tensor) {
  TensorLayout layout;
  if (tensor.defined()) {
    layout.object = hindsight_ar_find_object(archive.raw(), tensor.unsafeGetTensorImpl(), kTensorKey);
    if (layout.object >= 0) {
      layout.kind = TensorLayout::kSame;
    } else {
      if (const char* const reason = why_not_captured(tensor)) return archive.fail(reason);
      layout.kind = TensorLayout::kOwn;
      layout.requires_grad = tensor.requires_grad();
      layout.dtype = dtype_of(tensor.scalar_type());
      layout.sizes = tensor.sizes().vec();
      layout.strides = tensor.strides().vec();
      const std::int64_t memory = hindsight_ar_find_object(archive.raw(), tensor.storage().unsafeGetStorageImpl(), kTensorKey);
      if (memory >= 0 && tensor.numel() > 0) {
        const at::Tensor base = *held_tensor(archive, memory);
        layout.kind = TensorLayout::kView;
        layout.object = hindsight_ar_find_object(archive.raw(), base.unsafeGetTensorImpl(), kTensorKey);
        layout.offset = offset_within(base, tensor);
        if (layout.offset < 0) return archive.fail("shares memory with a tensor of the state that does not hold all of it");
        if (layout.requires_grad != 0) return archive.fail("shares memory with a tensor of the state and wants a gradient of its own");
        add_tensor(archive, tensor);
      } else {
        layout.object = add_tensor(archive, tensor);
      }
    }
  }
  std::vector<std::int64_t> packed = layout.packed();
  tensor_layout_leaf(archive, packed);
  if (layout.kind != TensorLayout::kOwn) return;
  const torch::NoGradGuard no_grad;
  const at::Tensor dense = tensor.contiguous();
  std::vector<std::uint64_t> shape(layout.sizes.begin(), layout.sizes.end());
  hindsight_ar_leaf(archive.raw(), static_cast<std::uint8_t>(layout.dtype), static_cast<std::uint8_t>(shape.size()), shape.data(),
                    dense.data_ptr(), static_cast<std::uint64_t>(dense.nbytes()), 0);
}

// Puts the stored elements into `tensor`, which has their type and sizes. What is equal already is not written.
inline void fill_tensor(const at::Tensor& tensor, const void* stored, std::uint64_t bytes) {
  if (tensor.is_contiguous()) {
    if (bytes != 0) std::memcpy(tensor.data_ptr(), stored, bytes);
    return;
  }
  const torch::NoGradGuard no_grad;
  tensor.detach().copy_(at::from_blob(const_cast<void*>(stored), tensor.sizes(), tensor.options().requires_grad(false)));
}

inline bool holds_already(const at::Tensor& tensor, const void* stored, std::uint64_t bytes) {
  const torch::NoGradGuard no_grad;
  const at::Tensor dense = tensor.contiguous();
  return bytes == 0 || std::memcmp(dense.data_ptr(), stored, bytes) == 0;
}

// Nothing but this variable can see its memory. A view keeps the tensor that it was made from, which counts only if another holds it too.
inline bool is_sole_owner(const at::Tensor& tensor) {
  if (tensor.use_count() != 1) return false;
  if (tensor.storage().use_count() == 1) return true;
  if (!tensor.is_view() || tensor.storage().use_count() != 2) return false;
  const auto base = tensor._base();
  return base.use_count() == 2;  // the view's and ours
}

// `tensor` gets the elements of a tensor of its own. REQUIRES: the archive is loading.
inline void load_own_tensor(Archive& archive, at::Tensor& tensor, const TensorLayout& layout, const void* stored, std::uint64_t bytes,
                            TensorOwner owner) {
  bool in_place = same_geometry(tensor, layout) && tensor.grad_fn() == nullptr &&
                  // not the one that another tensor of the state has been restored into
                  hindsight_ar_find_object(archive.raw(), tensor.storage().unsafeGetStorageImpl(), kTensorKey) < 0;
  if (!in_place && owner == TensorOwner::kModule) {
    return archive.fail("is not of the type, sizes and strides that it had, or shares memory that it did not share");
  }
  if (in_place && owner == TensorOwner::kVariable && !is_sole_owner(tensor) && !holds_already(tensor, stored, bytes)) {
    return archive.fail("is also held by something outside the state, which may be meant to change with it or to stay: "
                        "declare that as state too, or clone() it");
  }
  const torch::NoGradGuard no_grad;
  if (!in_place) {
    tensor = at::empty_strided(layout.sizes, layout.strides, at::TensorOptions().dtype([&layout] {
      for (int type = 0; type < static_cast<int>(at::ScalarType::NumOptions); ++type) {
        const auto candidate = static_cast<at::ScalarType>(type);
        if (dtype_of(candidate) == layout.dtype) return candidate;
      }
      return at::ScalarType::Undefined;
    }()));
  }
  fill_tensor(tensor, stored, bytes);
  if (tensor.requires_grad() != (layout.requires_grad != 0)) tensor.set_requires_grad(layout.requires_grad != 0);
  if (add_tensor(archive, tensor) != layout.object) archive.fail("is not the tensor that was stored in its place");
}

inline void load_tensor(Archive& archive, at::Tensor& tensor, TensorOwner owner) {
  hindsight_ar_push(archive.raw(), "layout", 6);
  std::uint64_t count = 0, bytes = 0;
  TensorLayout layout;
  const void* const packed = hindsight_ar_peek(archive.raw(), kI64, 1, &count, &bytes);
  const bool readable = packed != nullptr && bytes == count * sizeof(std::int64_t) && layout.unpack(static_cast<const std::int64_t*>(packed), count);
  if (!readable) archive.fail("is not readable");
  hindsight_ar_consume(archive.raw());
  hindsight_ar_pop(archive.raw());
  if (!readable) return;
  if (layout.kind == TensorLayout::kOwn) {
    std::vector<std::uint64_t> shape(layout.sizes.size() + 1);
    const void* const stored = hindsight_ar_peek(archive.raw(), static_cast<std::uint8_t>(layout.dtype),
                                                 static_cast<std::uint8_t>(layout.sizes.size()), shape.data(), &bytes);
    if (stored == nullptr) return;
    if (archive.loading()) {
      load_own_tensor(archive, tensor, layout, stored, bytes, owner);
    } else if (owner == TensorOwner::kModule && !same_geometry(tensor, layout)) {
      archive.fail("is not of the type, sizes and strides that it had");
    }
    return hindsight_ar_consume(archive.raw());
  }
  if (archive.checking()) return;
  if (layout.kind == TensorLayout::kUndefined) {
    if (tensor.defined() && owner == TensorOwner::kModule) return archive.fail("was undefined");
    tensor = at::Tensor();
    return;
  }
  const at::Tensor* const found = held_tensor(archive, layout.object);
  if (found == nullptr) return archive.fail("is a view of a tensor that is not there");
  const at::Tensor base = *found;
  if (layout.kind == TensorLayout::kSame) {
    if (tensor.defined() && tensor.unsafeGetTensorImpl() == base.unsafeGetTensorImpl()) return;
    if (owner == TensorOwner::kModule) return archive.fail("was the same tensor as another one");
    tensor = base;
    return;
  }
  const bool is_that_view = tensor.defined() && tensor.storage().unsafeGetStorageImpl() == base.storage().unsafeGetStorageImpl() &&
                            same_geometry(tensor, layout) && offset_within(base, tensor) == layout.offset;
  if (!is_that_view) {
    if (owner == TensorOwner::kModule) return archive.fail("was a view of another tensor");
    const torch::NoGradGuard no_grad;
    tensor = base.detach().as_strided(layout.sizes, layout.strides, base.storage_offset() + layout.offset);
  }
  add_tensor(archive, tensor);
}

inline void visit_tensor(Archive& archive, at::Tensor& tensor, TensorOwner owner) {
  if (archive.digesting()) return;
  if (archive.saving()) {
    save_tensor(archive, tensor);
  } else {
    load_tensor(archive, tensor, owner);
  }
}

}  // namespace detail

template <>
struct Adapter<at::Tensor> {
  static void visit(Archive& archive, at::Tensor& value) {
    detail::visit_tensor(archive, value, detail::TensorOwner::kVariable);
    // A leaf of a graph that is not a module's parameter: its gradient belongs to it.
    if (archive.digesting()) return;
    const bool has = value.defined() && value.is_leaf() && value.requires_grad();
    if (archive.number("has_grad_slot", has) != 0 && has) {
      at::Tensor gradient = value.grad();
      hindsight_ar_push(archive.raw(), "grad", 4);
      detail::visit_tensor(archive, gradient, detail::TensorOwner::kLibrary);
      hindsight_ar_pop(archive.raw());
      if (archive.loading() && !archive.failed()) value.mutable_grad() = gradient;
    } else if (archive.checking()) {
      hindsight_ar_push(archive.raw(), "grad", 4);
      hindsight_ar_skip(archive.raw());
      hindsight_ar_pop(archive.raw());
    }
  }
};

HINDSIGHT_NAMESPACE_END
