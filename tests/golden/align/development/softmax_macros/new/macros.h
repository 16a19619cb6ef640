#ifndef MACROS_H_
#define MACROS_H_
#include <cstdlib>
#include <iostream>

#define LOG(msg) (std::cout << __FILE__ << ":" << __LINE__ << " " << msg << std::endl)

#define CHECK(cond, msg)                                        \
    do {                                                        \
        if (!(cond)) {                                          \
            std::cerr << "check " #cond " failed: " << msg << std::endl; \
            std::exit(1);                                       \
        }                                                       \
    } while (0)

#define NUM_CLASSES 4
#define SIDE 4
#define NUM_PIXELS (SIDE * SIDE)
#define NUM_EPOCHS 15
#define LEARNING_RATE 0.2
#endif
