// Softmax regression on synthetic digits-like bitmaps.
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

typedef std::vector<double> Row;
typedef std::vector<Row> Matrix;

Row softmax(const Row& scores) {
    double top = scores[0]; //@1
    for (double s : scores) { //@-
        if (s > top) top = s; //@-
    }
    Row p(scores.size()); //@4
    double z = 0; //@5
    for (size_t c = 0; c < scores.size(); c++) { //@6
        p[c] = std::exp(scores[c] - top); //@7
        z += p[c]; //@8
    }
    for (double& v : p) v /= z; //@9
    return p; //@10
}

bool load(Matrix& images, std::vector<int>& labels, int count) {
    if (count <= 0) return false; //@11
    for (int n = 0; n < count; n++) { //@12
        int cls = n % 4; //@13
        Row img(16, 0.0); //@14
        for (int k = 0; k < 16; k++) { //@15
            bool on = cls == 0 ? k / 4 == 1 : cls == 1 ? k % 4 == 1 : cls == 2 ? k / 4 == k % 4 : k / 4 + k % 4 == 3; //@16
            img[k] = (on ? 1.0 : 0.0) + 0.4 * (rand() / double(RAND_MAX) - 0.5); //@17
        }
        images.push_back(img); //@18
        labels.push_back(cls); //@19
    }
    return true; //@20
}

int main() {
    Matrix images, test_images; //@21
    std::vector<int> labels, test_labels; //@22
    if (!load(images, labels, 400)) { //@23
        std::cerr << "cannot load train" << std::endl; //@-
        return 1; //@-
    }
    if (!load(test_images, test_labels, 80)) { //@26
        std::cerr << "cannot load test" << std::endl; //@-
        return 1; //@-
    }
    Matrix W(4, Row(16, 0.0)); //@29
    Row b(4, 0.0); //@30
    double lr = 0.2; //@-
    for (int epoch = 0; epoch < 15; epoch++) { //@32
        double loss = 0; //@33
        for (size_t n = 0; n < images.size(); n++) { //@34
            Row scores = b; //@35
            for (int c = 0; c < 4; c++) { //@36
                for (int k = 0; k < 16; k++) scores[c] += W[c][k] * images[n][k]; //@37
            }
            Row p = softmax(scores); //@38
            loss += -std::log(p[labels[n]]); //@39
            if (std::isnan(loss)) { //@40
                std::cerr << "loss is nan" << std::endl; //@-
                return 1; //@-
            }
            for (int c = 0; c < 4; c++) { //@43
                double g = p[c] - (c == labels[n] ? 1.0 : 0.0); //@44
                for (int k = 0; k < 16; k++) W[c][k] -= lr * g * images[n][k]; //@45
                b[c] -= lr * g; //@46
            }
        }
        std::cout << "epoch " << epoch << " loss " << loss / images.size() << std::endl; //@47
    }
    int right = 0; //@48
    for (size_t n = 0; n < test_images.size(); n++) { //@49
        Row scores = b; //@50
        for (int c = 0; c < 4; c++) { //@51
            for (int k = 0; k < 16; k++) scores[c] += W[c][k] * test_images[n][k]; //@52
        }
        Row p = softmax(scores); //@53
        int guess = 0; //@54
        for (int c = 1; c < 4; c++) { //@-
            if (p[c] > p[guess]) guess = c; //@-
        }
        if (guess == test_labels[n]) right++; //@57
    }
    std::cout << "accuracy " << double(right) / test_images.size() << std::endl; //@58
    return 0; //@59
}
