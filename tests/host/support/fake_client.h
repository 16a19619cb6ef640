// The client's side of the wire, small and straight, so that the host is tested without the real one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/wire.h"
#include "tests/host/support/journal_builder.h"

namespace hindsight::host::testing {

class FakeClient {
 public:
  // Attaches through HINDSIGHT_HOST; ends the process with 120 if that does not work.
  FakeClient();

  JournalBuilder journal{0};
  const std::string& settings() const { return settings_; }
  const wire::Welcome& welcome() const { return welcome_; }

  // Puts a state into a new slot, returns its number.
  std::uint32_t fill_slot(std::string_view state);
  std::string read_slot(std::uint32_t slot, std::uint64_t bytes);
  wire::Slot& slot(std::uint32_t number) { return pool_->slots[number]; }
  void set_slot_count(std::uint32_t count) { pool_->slot_count = count; }
  bool slot_is_free(std::uint32_t number);
  int pool_descriptor() const { return pool_fd_; }

  void ring();
  // False: the host closed the session.
  bool ask(wire::Directive& directive);
  void close_session();
  // Without the descriptors: the journal stays mapped.
  void close_descriptors();

 private:
  void append(std::string_view record, std::uint64_t offset);

  int session_ = -1;
  int journal_fd_ = -1;
  int pool_fd_ = -1;
  char* map_ = nullptr;  // of the whole journal
  wire::PoolHeader* pool_ = nullptr;
  wire::Welcome welcome_;
  std::string settings_;
};

}  // namespace hindsight::host::testing
