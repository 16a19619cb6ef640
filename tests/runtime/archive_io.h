// Saves, checks and restores one variable, without a host.
#pragma once

#include <gtest/gtest.h>
#include <hindsight/state.h>

#include <string>

#include "runtime/client/archive.h"

namespace hindsight::test {

inline std::string save(void (*visit)(hindsight_archive*, void*), void* object) {
  std::string room;
  for (;;) {
    hindsight_archive archive;
    client::begin(archive, HINDSIGHT_SAVE);
    archive.out = room.data();
    archive.capacity = room.size();
    hindsight_ar_push(&archive, "x", 1);
    visit(&archive, object);
    hindsight_ar_pop(&archive);
    client::resolve_pointers(archive);
    EXPECT_FALSE(archive.failed) << archive.reason;
    const std::uint64_t size = archive.size;
    client::finish(archive);
    if (archive.failed || size <= room.size()) return room.substr(0, size);
    room.assign(size, '\xee');
  }
}
template <class T>
std::string save(T& value) {
  return save(&detail::visit_object<T>, &value);
}

// The reason of the failure; empty if it worked.
template <class T>
std::string read(T& value, const std::string& stored, int mode) {
  hindsight_archive archive;
  client::begin(archive, mode);
  archive.in = stored.data();
  archive.in_size = stored.size();
  hindsight_ar_push(&archive, "x", 1);
  detail::visit_object<T>(&archive, &value);
  hindsight_ar_pop(&archive);
  client::resolve_pointers(archive);
  if (!archive.failed && archive.at != stored.size()) hindsight_ar_fail(&archive, "left something over");
  client::finish(archive);
  return archive.failed ? archive.reason : "";
}

template <class T>
std::uint64_t digest(T& value) {
  hindsight_archive archive;
  client::begin(archive, HINDSIGHT_SMALL);
  detail::visit_object<T>(&archive, &value);
  client::finish(archive);
  return archive.digest;
}

}  // namespace hindsight::test
