// Versions and the contents of their files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/view.h"

namespace hindsight::store {

Result<Hash> put_blob(Writer& writer, std::string_view bytes);
// kNotFound: there is no such blob.
Result<std::string> read_blob(const Reader& reader, const Hash& hash);

Result<Version> put_version(Writer& writer, Version version);
// kNotFound: there is no such version.
// It is foreign no more.
Result<void> trust_version(Writer& writer, VersionId id);
Result<Version> read_version(const Reader& reader, VersionId id);
Result<std::vector<Version>> read_versions(const Reader& reader);

}  // namespace hindsight::store
