#include "store/source_store.h"

#include "store/base/bytes.h"
#include "store/chunk_store.h"
#include "store/hash.h"
#include "store/run_store.h"
#include "store/store.h"

namespace hindsight::store {

VersionId version_id(const Version& version) {
  // Every text with its length in front, so that no two versions spell the same.
  std::string spelled;
  const auto add = [&](std::string_view text) {
    append_little(spelled, static_cast<std::uint64_t>(text.size()));
    spelled += text;
  };
  append_little(spelled, static_cast<std::uint64_t>(version.sources.size()));
  for (const FileEntry& file : version.sources) {
    add(file.path);
    append_little(spelled, file.mode);
    append_little(spelled, file.hash.high);
    append_little(spelled, file.hash.low);
  }
  add(version.recipe);
  append_little(spelled, static_cast<std::uint8_t>(version.as_built));
  return {hash_bytes(spelled)};
}

Result<Hash> put_blob(Writer& writer, std::string_view bytes) {
  const Hash hash = hash_bytes(bytes);
  const std::string key = hash_key(hash);
  Result<std::optional<std::string_view>> there = writer.find(Table::kBlobs, key);
  if (!there) return std::move(there).error();
  if (*there) return hash;
  Result<Chunked> chunked = put_chunks(writer, bytes);
  if (!chunked) return std::move(chunked).error();
  const Blob blob{.bytes = bytes.size(), .chunks = std::move(chunked->chunks)};
  if (Result<void> done = put_record(writer, Table::kBlobs, key, blob); !done) return std::move(done).error();
  return hash;
}

Result<std::string> read_blob(const Reader& reader, const Hash& hash) {
  Result<std::optional<Blob>> blob = find_record<Blob>(reader, Table::kBlobs, hash_key(hash));
  if (!blob) return std::move(blob).error();
  if (!*blob) return Error(ErrorKind::kNotFound, "the contents of file " + to_hex(hash) + " are not in the store");
  Result<std::string> bytes = read_chunks(reader, (*blob)->chunks, (*blob)->bytes, hash);
  if (!bytes) return std::move(bytes).error().context("blob " + to_hex(hash));
  return bytes;
}

Result<Version> put_version(Writer& writer, Version version) {
  if (version.id.hash.is_zero()) version.id = version_id(version);
  const std::string id_key = hash_key(version.id.hash);
  Result<std::optional<Number>> number = find_record<Number>(writer, Table::kVersionIds, id_key);
  if (!number) return std::move(number).error();
  if (*number) {
    Result<Version> stored = read_record<Version>(writer, Table::kVersions, make_key((*number)->number));
    if (!stored) return stored;
    stored->foreign = stored->foreign && version.foreign;  // what is recorded here is no longer somebody else's
    stored->unit_reports = std::move(version.unit_reports);
    stored->toolchains = std::move(version.toolchains);
    stored->build = version.build;
    stored->plan = std::move(version.plan);
    stored->outlines = std::move(version.outlines);
    version = std::move(*stored);
  } else {
    Result<Counts> counts = read_counts(writer);
    if (!counts) return std::move(counts).error();
    version.number = ++counts->versions;
    if (Result<void> done = put_counts(writer, *counts); !done) return std::move(done).error();
    const Number stored{.number = version.number};
    if (Result<void> done = put_record(writer, Table::kVersionIds, id_key, stored); !done) return std::move(done).error();
  }
  if (Result<void> done = put_record(writer, Table::kVersions, make_key(version.number), version); !done) {
    return std::move(done).error();
  }
  return version;
}

Result<void> trust_version(Writer& writer, VersionId id) {
  Result<Version> version = read_version(writer, id);
  if (!version) return std::move(version).error();
  version->foreign = false;
  return put_record(writer, Table::kVersions, make_key(version->number), *version);
}

Result<Version> read_version(const Reader& reader, VersionId id) {
  Result<std::optional<Number>> number = find_record<Number>(reader, Table::kVersionIds, hash_key(id.hash));
  if (!number) return std::move(number).error();
  if (!*number) return Error(ErrorKind::kNotFound, "no version " + to_hex(id.hash));
  Result<Version> version = read_record<Version>(reader, Table::kVersions, make_key((*number)->number));
  if (version && version->id != id) return Error(ErrorKind::kCorrupt, "version " + to_hex(id.hash) + " is another one (I8)");
  return version;
}

Result<std::vector<Version>> read_versions(const Reader& reader) {
  Result<Counts> counts = read_counts(reader);
  if (!counts) return std::move(counts).error();
  std::vector<Version> versions;
  for (std::uint64_t number = 1; number <= counts->versions; ++number) {
    Result<Version> version = read_record<Version>(reader, Table::kVersions, make_key(number));
    if (!version) return std::move(version).error();
    versions.push_back(std::move(*version));
  }
  return versions;
}

}  // namespace hindsight::store
