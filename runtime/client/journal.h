// Writes records into the journal. A record is complete in the file's pages when append returns: it survives a kill.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client::journal {

// REQUIRES: engine.journal_fd is open. False: it cannot be mapped or is not a journal of ours.
bool open();
// It will not be written after all: the host, which looks whether it is mapped, is not to wait for it.
void give_up();

// Serialises all writers; never held while something is waited for.
class Lock {
 public:
  Lock();
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  bool taken_ = false;
};

// A piece of a record. Pieces are joined and padded with zeros.
struct Piece {
  const void* data;
  size_t size;
};

// REQUIRES: the lock. `first` begins with room for a RecordHeader, which is filled in here. False: there is no room on the disk,
// and nothing was written.
bool append(wire::RecordKind kind, void* first, size_t first_size, const Piece* pieces = nullptr, size_t count = 0);

// The same for the kinds that there are many of.
bool append(const wire::ValueRecord& record);
bool append(const wire::PositionRecord& record);
bool append(const wire::NextRecord& record);

// REQUIRES: the lock. A value could not be written.
void count_dropped(uint64_t count = 1);
uint64_t dropped();
uint64_t end();
void close_in_order();
// Whether so much was written since the last call that the host should hear of it.
bool wants_ring();

}  // namespace hindsight::client::journal
