#include "runtime/host/decoder.h"

#include <cstring>
#include <limits>

#include "store/store.h"

namespace hindsight::host {
namespace {

constexpr std::size_t kMaxSites = 1 << 20;
constexpr std::size_t kRetiredPositions = 64;
constexpr std::size_t kFewCounters = 32;

// The kind's struct; none if the record is too short for it.
template <class T>
std::optional<T> read(const Record& record) {
  if (record.bytes.size() < sizeof(T)) return std::nullopt;
  T fields;
  std::memcpy(&fields, record.bytes.data(), sizeof fields);
  return fields;
}

// The bytes behind the kind's struct.
template <class T>
std::string_view rest(const Record& record) {
  return record.bytes.substr(sizeof(T));
}

Decoded problem(std::string sentence) {
  Decoded decoded;
  decoded.problem = std::move(sentence);
  return decoded;
}

Decoded too_short(const char* what) {
  return problem(std::string("a ") + what + " record is too short for what it says");
}

Decoded unknown_site(std::uint32_t site) {
  return problem("a record refers to place " + std::to_string(site) + ", which was never named");
}

Decoded unknown_position(std::uint64_t position) {
  return problem("a record refers to position " + std::to_string(position) + ", which is not open");
}

// 0: elements of this type have no fixed size.
std::size_t element_size(store::DType dtype) {
  using enum store::DType;
  switch (dtype) {
    case kBool:
    case kI8:
    case kU8:
      return 1;
    case kI16:
    case kU16:
    case kF16:
    case kBF16:
      return 2;
    case kI32:
    case kU32:
    case kF32:
      return 4;
    case kI64:
    case kU64:
    case kF64:
    case kC64:
      return 8;
    case kC128:
      return 16;
    case kText:
    case kBytes:
    case kError:
      return 0;
  }
  return 0;
}

bool is_known(std::uint8_t dtype) {
  return dtype >= static_cast<std::uint8_t>(store::DType::kBool) &&
         dtype <= static_cast<std::uint8_t>(store::DType::kError);
}

}  // namespace

std::uint64_t Decoder::Counters::next(std::uint32_t group, std::uint32_t thread) {
  if (many_.empty()) {
    for (Counter& counter : few_) {
      if (counter.group == group && counter.thread == thread) return counter.count++;
    }
    if (few_.size() < kFewCounters) {
      few_.push_back({group, thread, 1});
      return 0;
    }
    for (const Counter& counter : few_) many_[std::uint64_t{counter.group} << 32 | counter.thread] = counter.count;
  }
  return many_[std::uint64_t{group} << 32 | thread]++;
}

void Decoder::Counters::clear() {
  few_.clear();
  many_.clear();
}

Decoder::Decoder() : retired_(kRetiredPositions) {}

Decoded Decoder::decode(const Record& record) {
  switch (record.kind) {
    case wire::RecordKind::kSite:
      return site(record);
    case wire::RecordKind::kPosition:
      return position(record);
    case wire::RecordKind::kValue:
      return value(record);
    case wire::RecordKind::kCapture:
      return capture(record);
    case wire::RecordKind::kDigest:
      return digest(record);
    case wire::RecordKind::kSkipped:
      return skipped(record);
    case wire::RecordKind::kLoopEnd:
      return loop_end(record);
    case wire::RecordKind::kJump:
      return jump(record);
    case wire::RecordKind::kNote:
      return note(record);
    case wire::RecordKind::kEnd:
      return end(record);
    case wire::RecordKind::kNext:
      return next(record);
    case wire::RecordKind::kPad:
      return {};
  }
  return problem("a record is of a kind that this version does not know");
}

std::size_t Decoder::remembered_positions() const {
  std::size_t count = retired_.size();
  for (const auto& [thread, stack] : stacks_) count += stack.nodes.size();
  return count;
}

const Decoder::Site* Decoder::find_site(std::uint32_t number) const {
  if (number >= sites_.size() || !sites_[number]) return nullptr;
  return &*sites_[number];
}

Decoder::Node* Decoder::find_node(std::uint64_t position, std::uint32_t thread) {
  const auto in = [&](Stack& stack) -> Node* {
    for (std::size_t i = stack.depth; i-- > 0;) {
      if (stack.nodes[i].id == position) return &stack.nodes[i];
    }
    return nullptr;
  };
  const auto own = stacks_.find(thread);
  if (own != stacks_.end()) {
    if (Node* node = in(own->second)) return node;
  }
  for (Node& node : retired_) {
    if (node.id == position) return &node;
  }
  for (auto& [other, stack] : stacks_) {
    if (other == thread) continue;
    if (Node* node = in(stack)) return node;
  }
  return nullptr;
}

void Decoder::retire(Node& node) {
  std::swap(node, retired_[next_retired_]);
  next_retired_ = (next_retired_ + 1) % retired_.size();
}

bool Decoder::spell(std::uint64_t position, std::uint32_t thread, store::Position& into) {
  std::size_t depth = 0;
  for (std::uint64_t at = position; at != 0; ++depth) {
    const Node* node = find_node(at, thread);
    if (node == nullptr) return false;
    at = node->parent;
  }
  into.resize(depth);
  for (std::uint64_t at = position; at != 0;) {
    const Node* node = find_node(at, thread);
    store::Level& level = into[--depth];
    level.loop = find_site(node->site)->name;
    level.entry = node->entry;
    level.ordinal = node->ordinal;
    level.label = node->has_label ? std::optional(node->label) : std::nullopt;
    at = node->parent;
  }
  return true;
}

bool Decoder::spell(const wire::PointFields& fields, store::Point& into, std::string& why) {
  const Site* loop = find_site(fields.site);
  if (loop == nullptr || loop->kind != wire::SiteKind::kLoop) {
    why = unknown_site(fields.site).problem;
    return false;
  }
  if (!spell(fields.enclosing, fields.thread, into.enclosing)) {
    why = unknown_position(fields.enclosing).problem;
    return false;
  }
  into.loop = loop->name;
  into.entry = fields.entry;
  into.ordinal = fields.ordinal;
  into.kind = fields.kind == wire::PointKind::kExit    ? store::PointKind::kExit
              : fields.kind == wire::PointKind::kReads ? store::PointKind::kReads
                                                       : store::PointKind::kHead;
  into.thread = fields.thread;
  return true;
}

Decoded Decoder::site(const Record& record) {
  const auto fields = read<wire::SiteRecord>(record);
  if (!fields) return too_short("site");
  std::string_view text = rest<wire::SiteRecord>(record);
  const std::size_t probe_bytes = fields->kind == wire::SiteKind::kProbe ? 32 : 0;
  if (text.size() < std::size_t{fields->name_bytes} + fields->file_bytes + probe_bytes) return too_short("site");
  if (fields->site == 0 || fields->site >= kMaxSites)
    return problem("a site has the impossible number " + std::to_string(fields->site));
  Site site;
  site.name = text.substr(0, fields->name_bytes);
  site.file = text.substr(fields->name_bytes, fields->file_bytes);
  site.line = fields->line;
  site.kind = fields->kind;
  std::string key = site.name;
  if (probe_bytes > 0) {
    const std::string_view hex = text.substr(std::size_t{fields->name_bytes} + fields->file_bytes, probe_bytes);
    const auto hash = store::hash_from_hex(hex);
    if (!hash) return problem("the probe '" + site.name + "' has no readable id");
    site.probe = store::ProbeId{*hash};
    key += '\0';
    key += hex;
  }
  if (site.kind == wire::SiteKind::kDraw) key += std::string_view("\0draw", 5);  // counted apart from what is logged under its name
  site.group = groups_.try_emplace(std::move(key), static_cast<std::uint32_t>(groups_.size())).first->second;
  if (fields->site >= sites_.size()) sites_.resize(fields->site + std::size_t{1});
  std::optional<Site>& place = sites_[fields->site];
  if (place) return problem("two places have the number " + std::to_string(fields->site));
  place = std::move(site);
  return {};
}

Decoded Decoder::position(const Record& record) {
  const auto fields = read<wire::PositionRecord>(record);
  if (!fields) return too_short("position");
  const Site* loop = find_site(fields->site);
  if (loop == nullptr || loop->kind != wire::SiteKind::kLoop) return unknown_site(fields->site);
  if (fields->position <= last_position_)
    return problem("position " + std::to_string(fields->position) + " comes twice");

  // A new position under `parent` ends everything that was deeper than `parent` in this thread.
  Stack& stack = stacks_[fields->thread];
  std::size_t depth = stack.depth;
  while (depth > 0 && stack.nodes[depth - 1].id != fields->parent) --depth;
  if (depth == 0 && fields->parent != 0) {
    if (find_node(fields->parent, fields->thread) == nullptr) return unknown_position(fields->parent);
    depth = stack.depth;  // it lies under a position of another thread, or under one that was over
  }
  last_position_ = fields->position;
  while (stack.depth > depth) retire(stack.nodes[--stack.depth]);
  if (stack.nodes.size() == stack.depth) stack.nodes.emplace_back();
  Node& node = stack.nodes[stack.depth++];
  node.id = fields->position;
  node.parent = fields->parent;
  node.ordinal = fields->ordinal;
  node.label = fields->label;
  node.site = fields->site;
  node.entry = fields->entry;
  node.has_label = fields->has_label != 0;
  node.counters.clear();
  if (fields->has_state == 0) return {};

  IterationEvent event;
  event.thread = fields->thread;
  event.site = {loop->file, loop->line};
  event.clock_ns = fields->clock_ns;
  if (!spell(fields->position, fields->thread, event.position)) return unknown_position(fields->parent);
  event_ = std::move(event);
  return {.event = &event_};
}

Decoded Decoder::next(const Record& record) {
  const auto fields = read<wire::NextRecord>(record);
  if (!fields) return too_short("position");
  if (fields->back == 0 || fields->back > last_position_) return problem("a position follows one that never was");
  const std::uint64_t previous = last_position_ + 1 - fields->back;
  Stack& stack = stacks_[fields->thread];
  std::size_t depth = stack.depth;
  while (depth > 0 && stack.nodes[depth - 1].id != previous) --depth;
  if (depth == 0) return unknown_position(previous);
  Node following;
  const Node& node = stack.nodes[depth - 1];
  following.id = ++last_position_;
  following.parent = node.parent;
  following.ordinal = node.ordinal + 1;
  following.label = static_cast<std::int64_t>(static_cast<std::uint64_t>(node.label) + 1);
  following.site = node.site;
  following.entry = node.entry;
  following.has_label = node.has_label;
  // It ends the previous one, and all that was deeper.
  while (stack.depth >= depth) retire(stack.nodes[--stack.depth]);
  Node& place = stack.nodes[stack.depth++];
  std::swap(following.counters, place.counters);  // for its memory
  place = std::move(following);
  place.counters.clear();
  return {};
}

Decoded Decoder::value(const Record& record) {
  const auto fields = read<wire::ValueRecord>(record);
  if (!fields) return too_short("value");
  const Site* site = find_site(fields->site);
  if (site == nullptr || site->kind == wire::SiteKind::kLoop) return unknown_site(fields->site);
  if (!is_known(fields->dtype)) return problem("a value of '" + site->name + "' has an unknown type");
  Node* node = nullptr;
  if (fields->position != 0) {
    node = find_node(fields->position, fields->thread);
    if (node == nullptr) return unknown_position(fields->position);
  }
  // Counted before its content is looked at, so that a value which cannot be read does not shift those after it.
  const std::uint64_t seq = (node != nullptr ? node->counters : outside_).next(site->group, fields->thread);

  ValueEvent& event = std::get<ValueEvent>(value_event_);
  const auto dtype = static_cast<store::DType>(fields->dtype);
  const std::size_t element = element_size(dtype);
  const std::string_view behind = rest<wire::ValueRecord>(record);
  event.value.dtype = dtype;
  event.value.is_vector = fields->vector != 0 && element != 0;
  if (element == 0 || fields->vector != 0) {
    const std::size_t size = element == 0 ? 1 : element;
    if (fields->bits_or_count > behind.size() / size) return too_short("value");
    event.value.bytes.assign(behind.data(), static_cast<std::size_t>(fields->bits_or_count) * size);
  } else if (element <= sizeof fields->bits_or_count) {
    event.value.bytes.assign(reinterpret_cast<const char*>(&fields->bits_or_count), element);
  } else {  // too wide for the field: the one element follows
    if (behind.size() < element) return too_short("value");
    event.value.bytes.assign(behind.data(), element);
  }

  const std::pair<std::uint64_t, std::uint32_t> where{fields->position, fields->thread};
  if (spelled_ != where) {
    spelled_ = {0, std::numeric_limits<std::uint32_t>::max()};
    if (!spell(fields->position, fields->thread, event.position)) return unknown_position(fields->position);
    spelled_ = where;
  }
  if (value_site_ != fields->site) {
    event.name = site->name;
    event.site.file = site->file;
    event.site.line = site->line;
    event.is_argument = site->kind == wire::SiteKind::kArgument;
    event.is_draw = site->kind == wire::SiteKind::kDraw;
    event.probe = site->probe;
    value_site_ = fields->site;
  }
  event.thread = fields->thread;
  event.seq = seq;
  return {.event = &value_event_};
}

Decoded Decoder::capture(const Record& record) {
  const auto fields = read<wire::CaptureRecord>(record);
  if (!fields) return too_short("capture");
  CaptureEvent event;
  Decoded decoded;
  if (!spell(fields->point, event.point, decoded.problem)) return decoded;
  event.purpose = fields->purpose;
  event.digest = fields->digest;
  event.clock_ns = fields->clock_ns;
  event.cost_ns = fields->cost_ns;
  event_ = std::move(event);
  decoded.event = &event_;
  decoded.slot = SlotUse{fields->slot, fields->bytes};
  return decoded;
}

Decoded Decoder::digest(const Record& record) {
  const auto fields = read<wire::DigestRecord>(record);
  if (!fields) return too_short("digest");
  DigestEvent event;
  Decoded decoded;
  if (!spell(fields->point, event.point, decoded.problem)) return decoded;
  event.digest = fields->digest;
  event_ = std::move(event);
  decoded.event = &event_;
  return decoded;
}

Decoded Decoder::skipped(const Record& record) {
  const auto fields = read<wire::SkippedRecord>(record);
  if (!fields || rest<wire::SkippedRecord>(record).size() < fields->reason_bytes) return too_short("skipped");
  SkippedEvent event;
  Decoded decoded;
  if (!spell(fields->point, event.point, decoded.problem)) return decoded;
  event.reason = rest<wire::SkippedRecord>(record).substr(0, fields->reason_bytes);
  event_ = std::move(event);
  decoded.event = &event_;
  return decoded;
}

Decoded Decoder::loop_end(const Record& record) {
  const auto fields = read<wire::LoopEndRecord>(record);
  if (!fields) return too_short("loop end");
  LoopEndEvent event;
  Decoded decoded;
  if (!spell(fields->point, event.point, decoded.problem)) return decoded;
  event.how = fields->how;
  event.clock_ns = fields->clock_ns;
  event_ = std::move(event);
  decoded.event = &event_;
  return decoded;
}

Decoded Decoder::jump(const Record& record) {
  const auto fields = read<wire::JumpRecord>(record);
  if (!fields || rest<wire::JumpRecord>(record).size() < fields->reason_bytes) return too_short("jump");
  JumpEvent event;
  Decoded decoded;
  if (!spell(fields->point, event.point, decoded.problem)) return decoded;
  event.from_ordinal = fields->from_ordinal;
  event.bytes = fields->bytes;
  if (fields->failed != 0) {
    event.failure = rest<wire::JumpRecord>(record).substr(0, fields->reason_bytes);
    if (event.failure.empty()) event.failure = "the state did not fit the program";
  }
  event_ = std::move(event);
  decoded.event = &event_;
  return decoded;
}

Decoded Decoder::note(const Record& record) {
  const auto fields = read<wire::NoteRecord>(record);
  if (!fields || rest<wire::NoteRecord>(record).size() < fields->text_bytes) return too_short("note");
  event_ = NoteEvent{std::string(rest<wire::NoteRecord>(record).substr(0, fields->text_bytes))};
  return {.event = &event_};
}

Decoded Decoder::end(const Record& record) {
  const auto fields = read<wire::EndRecord>(record);
  if (!fields) return too_short("end");
  event_ = EndEvent{fields->values, fields->dropped};
  return {.event = &event_};
}

}  // namespace hindsight::host
