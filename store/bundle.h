// Carries runs from one store into another: into an empty one, which is then packed into a file, or out of such a file.
//
//   store::write_bundle(store, runs, "experiment.bundle");
//   store::read_bundle("experiment.bundle", other, folder_for_what_it_unpacks);
//
// A bundle from elsewhere is data. Everything in it is checked before anything is taken in: all of fsck's rules, that the paths of sources stay inside
// their project, and, where this store holds something of the same hash, that the bytes are the same. Its versions are marked as foreign.
#pragma once

#include <filesystem>
#include <span>

#include "store/store.h"

namespace hindsight::store {

// A file that holds these runs, with their versions, sources, values, states, probes and replays; by rename, so that it is all there or not at all.
// `scratch`: a folder that does not exist; made and removed. kInvalid: a run that is being recorded, or `file` is there and is no bundle.
Result<Carried> write_bundle(const Store& from, std::span<const RunId> runs, const std::filesystem::path& file, const std::filesystem::path& scratch);

// Takes in what a bundle holds; all of it or nothing. kCorrupt: it is damaged, or its contents contradict themselves or this store.
Result<Carried> read_bundle(const std::filesystem::path& file, Store& to, const std::filesystem::path& scratch);

}  // namespace hindsight::store
