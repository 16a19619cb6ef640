// The parts that messages have in common.
#include "store/message_fields.h"

#include <limits>

namespace hindsight::store::fields {

DType dtype_of(std::uint8_t number) { return known<DType>(number, 1, 18, "dtype"); }

unsigned count_of(std::size_t size) {
  if (size > std::numeric_limits<std::int32_t>::max() / 4) throw Unknown("a list is too long");
  return static_cast<unsigned>(size);
}

void put(schema::Hash::Builder to, const Hash& from) {
  to.setHigh(from.high);
  to.setLow(from.low);
}
Hash get(schema::Hash::Reader from) { return Hash{.high = from.getHigh(), .low = from.getLow()}; }

std::vector<std::string> get_texts(capnp::List<capnp::Text>::Reader from) {
  std::vector<std::string> texts;
  texts.reserve(from.size());
  for (const auto item : from) texts.push_back(text(item));
  return texts;
}

void put(schema::FileEntry::Builder to, const FileEntry& from) {
  to.setPath(text(from.path));
  to.setMode(from.mode);
  to.setSize(from.size);
  put(to.initHash(), from.hash);
  to.setMtimeNs(from.mtime_ns);
  to.setKept(from.kept);
}
Tree get(capnp::List<schema::FileEntry>::Reader from) {
  Tree tree;
  tree.reserve(from.size());
  for (const auto file : from) {
    tree.push_back({.path = text(file.getPath()),
                    .mode = file.getMode(),
                    .size = file.getSize(),
                    .hash = get(file.getHash()),
                    .mtime_ns = file.getMtimeNs(),
                    .kept = file.getKept()});
  }
  return tree;
}

void put(schema::Level::Builder to, const Level& from) {
  to.setLoop(text(from.loop));
  to.setEntry(from.entry);
  to.setOrdinal(from.ordinal);
  to.setLabel(from.label.value_or(0));
  to.setHasLabel(from.label.has_value());
}
Position get(capnp::List<schema::Level>::Reader from) {
  Position position;
  position.reserve(from.size());
  for (const auto level : from) {
    position.push_back({.loop = text(level.getLoop()), .entry = level.getEntry(), .ordinal = level.getOrdinal(), .label = {}});
    if (level.getHasLabel()) position.back().label = level.getLabel();
  }
  return position;
}

void put(schema::Point::Builder to, const Point& from) {
  put_all(to.initEnclosing(count_of(from.enclosing.size())), from.enclosing);
  to.setLoop(text(from.loop));
  to.setEntry(from.entry);
  to.setOrdinal(from.ordinal);
  to.setKind(static_cast<std::uint8_t>(from.kind));
  to.setThread(from.thread);
}
Point get(schema::Point::Reader from) {
  return {.enclosing = get(from.getEnclosing()),
          .loop = text(from.getLoop()),
          .entry = from.getEntry(),
          .ordinal = from.getOrdinal(),
          .kind = known<PointKind>(from.getKind(), 0, 2, "kind of point"),
          .thread = from.getThread()};
}

void put(schema::Site::Builder to, const Site& from) {
  to.setFile(text(from.file));
  to.setLine(from.line);
}
Site get(schema::Site::Reader from) { return {.file = text(from.getFile()), .line = from.getLine()}; }

void put(schema::ChunkRef::Builder to, const ChunkRef& from) {
  put(to.initHash(), from.hash);
  to.setBytes(from.bytes);
}
std::vector<ChunkRef> get(capnp::List<schema::ChunkRef>::Reader from) {
  std::vector<ChunkRef> chunks;
  chunks.reserve(from.size());
  for (const auto chunk : from) chunks.push_back({.hash = get(chunk.getHash()), .bytes = chunk.getBytes()});
  return chunks;
}

void put(schema::Pair::Builder to, const std::pair<const std::string, std::string>& from) {
  to.setName(text(from.first));
  to.setValue(text(from.second));
}
void put(schema::Count::Builder to, const std::pair<const std::string, std::uint64_t>& from) {
  to.setName(text(from.first));
  to.setValue(from.second);
}
std::map<std::string, std::string> get(capnp::List<schema::Pair>::Reader from) {
  std::map<std::string, std::string> pairs;
  for (const auto pair : from) pairs[text(pair.getName())] = text(pair.getValue());
  return pairs;
}

}  // namespace hindsight::store::fields
