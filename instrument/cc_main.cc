#include "instrument/launcher/cc.h"

int main(int argc, char** argv) { return hindsight::instrument::hindsight_cc({argv, argv + argc}); }
