// Softmax regression on synthetic digits-like bitmaps.
#include "macros.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

typedef std::vector<double> Row;
typedef std::vector<Row> Matrix;

Row softmax(const Row& scores) {
    CHECK(!scores.empty(), "no classes"); //@-
    double top = *std::max_element(scores.begin(), scores.end()); //@1
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
        int cls = n % NUM_CLASSES; //@13
        Row img(NUM_PIXELS, 0.0); //@14
        for (int k = 0; k < NUM_PIXELS; k++) { //@15
            int r = k / SIDE; //@-
            int q = k % SIDE; //@-
            bool on = cls == 0 ? r == 1 : cls == 1 ? q == 1 : cls == 2 ? r == q : r + q == SIDE - 1; //@16
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
    CHECK(load(images, labels, 400), "cannot load train"); //@23
    CHECK(load(test_images, test_labels, 80), "cannot load test"); //@26
    CHECK(images[0].size() == test_images[0].size(), "train and test differ"); //@-
    Matrix W(NUM_CLASSES, Row(NUM_PIXELS, 0.0)); //@29
    Row b(NUM_CLASSES, 0.0); //@30
    for (int epoch = 0; epoch < NUM_EPOCHS; epoch++) { //@32
        double loss = 0; //@33
        int right = 0; //@-
        for (size_t n = 0; n < images.size(); n++) { //@34
            Row scores = b; //@35
            for (int c = 0; c < NUM_CLASSES; c++) { //@36
                for (int k = 0; k < NUM_PIXELS; k++) scores[c] += W[c][k] * images[n][k]; //@37
            }
            Row p = softmax(scores); //@38
            loss -= std::log(p[labels[n]]); //@39
            CHECK(!std::isnan(loss), "loss is nan"); //@40
            int guess = std::max_element(p.begin(), p.end()) - p.begin(); //@-
            if (guess == labels[n]) right++; //@-
            for (int c = 0; c < NUM_CLASSES; c++) { //@43
                double g = p[c] - (c == labels[n] ? 1.0 : 0.0); //@44
                for (int k = 0; k < NUM_PIXELS; k++) W[c][k] -= LEARNING_RATE * g * images[n][k]; //@45
                b[c] -= LEARNING_RATE * g; //@46
            }
        }
        LOG("epoch " << epoch << " loss " << loss / images.size()); //@47
        LOG("train accuracy " << double(right) / images.size()); //@-
    }
    int right = 0; //@48
    for (size_t n = 0; n < test_images.size(); n++) { //@49
        Row scores = b; //@50
        for (int c = 0; c < NUM_CLASSES; c++) { //@51
            for (int k = 0; k < NUM_PIXELS; k++) scores[c] += W[c][k] * test_images[n][k]; //@52
        }
        Row p = softmax(scores); //@53
        int guess = std::max_element(p.begin(), p.end()) - p.begin(); //@54
        if (guess == test_labels[n]) right++; //@57
    }
    LOG("accuracy " << double(right) / test_images.size()); //@58
    return 0; //@59
}
