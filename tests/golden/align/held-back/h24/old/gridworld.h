#ifndef GRIDWORLD_H
#define GRIDWORLD_H

enum Action { UP, DOWN, LEFT, RIGHT };

class GridWorld {
 public:
  explicit GridWorld(int size) : size_(size) {
    Reset(); //@-
  }

  int NumStates() const {
    return size_ * size_; //@-
  }

  int Reset() {
    row_ = size_ - 1; //@-
    col_ = 0; //@-
    return State(); //@-
  }

  int State() const {
    return row_ * size_ + col_; //@6
  }

  // Returns the reward.
  double Step(Action action, bool* done) {
    int row = row_; //@?
    int col = col_; //@?
    if (action == UP) { //@?
      row--; //@?
    } else if (action == DOWN) { //@?
      row++; //@?
    } else if (action == LEFT) { //@?
      col--; //@?
    } else {
      col++; //@?
    }
    const bool inside = row >= 0 && col >= 0 && row < size_ && col < size_; //@9
    const bool wall = row == size_ / 2 && col > 0 && col < size_ - 1; //@10
    if (inside && !wall) { //@11
      row_ = row; //@?
      col_ = col; //@?
    }
    *done = row_ == 0 && col_ == size_ - 1; //@14
    return *done ? 10.0 : -0.1; //@15
  }

 private:
  int size_;
  int row_;
  int col_;
};

#endif
