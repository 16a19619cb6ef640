// See hindsight.h beside this file.
#pragma once

#include <hindsight/hindsight.h>
