// Hashing files that may be larger than memory; the same hash as store::hash_bytes of the whole content.
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "replay/files.h"
#include "replay/snapshot.h"

namespace hindsight::replay {

Result<store::Hash> hash_file(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open " + file.string(), errno);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> buffer(1 << 20);
  int number = 0;
  while (true) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) number = errno;
    if (got <= 0) break;
    XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(got));
  }
  close(descriptor);
  if (number != 0) return system_error("read " + file.string(), number);
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return store::Hash{.high = hash.high64, .low = hash.low64};
}

}  // namespace hindsight::replay
