#pragma once

extern "C" double next_rate();
