#pragma once

#include <cmath>

namespace cv {

constexpr double kTau = 6.283185307;

struct State {
  double pos, vel;
  double ppp, ppv, pvv;  // covariance, symmetric
};

inline State prior() {
  State st; //@-
  st.pos = 0; //@2
  st.vel = 0; //@3
  st.ppp = 10; //@4
  st.ppv = 0; //@5
  st.pvv = 10; //@6
  return st; //@-
}

inline void predict(State &st, double q, double dt) {
  st.pos += dt * st.vel; //@8
  const double a = st.ppp + dt * 2 * st.ppv + dt * dt * st.pvv; //@9
  const double b = st.ppv + dt * st.pvv; //@10
  st.ppp = a + q * dt * dt * dt / 3; //@11
  st.ppv = b + q * dt * dt / 2; //@12
  st.pvv += q * dt; //@13
}

// Returns the negative log likelihood of the measurement.
inline double update(State &st, double r, double z) {
  const double s = st.ppp + r; //@15
  const double innov = z - st.pos; //@14
  const double gain_p = st.ppp / s; //@16
  const double gain_v = st.ppv / s; //@17
  st.pos += gain_p * innov; //@18
  st.vel += gain_v * innov; //@19
  st.pvv -= gain_v * st.ppv; //@20
  st.ppv *= 1 - gain_p; //@21
  st.ppp *= 1 - gain_p; //@22
  return 0.5 * (std::log(kTau * s) + innov * innov / s); //@23
}

}  // namespace cv
