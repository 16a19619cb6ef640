// The version of the library that these headers belong to.
#pragma once

#define HINDSIGHT_VERSION_MAJOR 0
#define HINDSIGHT_VERSION_MINOR 1
#define HINDSIGHT_VERSION_PATCH 0
#define HINDSIGHT_VERSION "0.1.0"
