// what: a class template Matrix<T> of one's own with new[] inside
// standard: c++17
// loop: iteration
// probe: error after 'std::printf("error %a\n", static_cast<double>(error));'
// expect: exact
#include <cmath>
#include <cstdio>
#include <utility>

template <class T>
class Matrix {
 public:
  Matrix(int rows, int columns) : rows_(rows), columns_(columns), data_(new T[rows * columns]()) {}
  Matrix(const Matrix& other) : Matrix(other.rows_, other.columns_) {
    for (int i = 0; i < rows_ * columns_; ++i) data_[i] = other.data_[i];
  }
  Matrix& operator=(Matrix other) {
    std::swap(rows_, other.rows_), std::swap(columns_, other.columns_), std::swap(data_, other.data_);
    return *this;
  }
  ~Matrix() { delete[] data_; }
  T& operator()(int r, int c) { return data_[r * columns_ + c]; }
  const T& operator()(int r, int c) const { return data_[r * columns_ + c]; }
  int rows() const { return rows_; }
  int columns() const { return columns_; }

 private:
  int rows_, columns_;
  T* data_;
};

template <class T>
Matrix<T> operator*(const Matrix<T>& a, const Matrix<T>& b) {
  Matrix<T> c(a.rows(), b.columns());
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < b.columns(); ++j)
      for (int k = 0; k < a.columns(); ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}

// The inverse of a matrix by Newton's iteration.
int main() {
  const int n = 5;
  Matrix<float> a(n, n), inverse(n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = (i == j ? 3.f : 0.f) + 1.f / (1 + i + j), inverse(i, j) = i == j ? 0.02f : 0.f;
  for (int iteration = 0; iteration < 9; ++iteration) {
    const Matrix<float> product = a * inverse;
    Matrix<float> correction(n, n);
    float error = 0;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        correction(i, j) = (i == j ? 2.f : 0.f) - product(i, j);
        error += std::fabs((i == j ? 1.f : 0.f) - product(i, j));
      }
    inverse = inverse * correction;
    std::printf("error %a\n", static_cast<double>(error));
  }
  std::printf("corner %a\n", static_cast<double>(inverse(0, 0)));
}
