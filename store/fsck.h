// Reads everything and checks every invariant of FORMAT.md.
#pragma once

#include "store/lmdb.h"
#include "store/store.h"

namespace hindsight::store {

Result<Store::Findings> check_everything(Environment& environment);

}  // namespace hindsight::store
