#include "autoencoder.h"

#include <cmath>
#include <iostream>

int main() {
    std::vector<std::vector<double>> data; //@44
    for (int k = 0; k < 200; ++k) { //@45
        double phase = 0.05 * k; //@46
        std::vector<double> row(10); //@47
        for (int i = 0; i < 10; ++i) { //@48
            row[i] = std::sin(phase + 0.6 * i); //@49
        }
        data.push_back(row); //@50
    }

    ae::Autoencoder net(10, 3, 0.05, 17); //@-
    for (int epoch = 0; epoch < 60; ++epoch) { //@52
        double total = 0.0; //@53
        for (const auto& x : data) { //@54
            total += net.trainOne(x); //@-
        }
        if (epoch % 10 == 9) { //@56
            net.decayRate(0.8); //@57
            std::cout << "epoch " << epoch << " loss " << total / data.size() << " rate " << net.rate() << "\n"; //@58
        }
    }
    std::cout << "code:"; //@59
    for (double c : net.encode(data[0])) { //@60
        std::cout << ' ' << c; //@61
    }
    std::cout << "\n"; //@62
    return 0; //@63
}
