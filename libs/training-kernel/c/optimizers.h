/* Weight updates with the formulas and defaults of Keras 3. */
#ifndef OPTIMIZERS_H
#define OPTIMIZERS_H

#include "network.h"

#define BETA_1 0.9
#define BETA_2 0.999
#define RHO 0.9
#define EPSILON 1e-7f

/*
 * Moments that decay forever become subnormal numbers, which are slow; where the call cannot switch them off
 * (WebAssembly), they are set to 0.
 */
INLINE vec settle(vec moment) {
#if defined(__wasm__)
  return keep((moment > 1e-30f) | (moment < -1e-30f) | (moment != moment), moment);
#else
  return moment;
#endif
}

/* Coefficients of a step of adam or nadam: parameter -= (of_moment m + of_gradient g) / (sqrt(v / correction) + e). */
typedef struct {
  float of_moment, of_gradient, root_scale;
} pace;

/* Kingma and Ba 2015, with epsilon outside the bias correction: m and v uncorrected, the rate corrected. */
static pace adam_pace(header *head, double rate) {
  head->decay_1 *= BETA_1;
  head->decay_2 *= BETA_2;
  const double corrected = rate * __builtin_sqrt(1 - head->decay_2) / (1 - head->decay_1);
  return (pace){(float)corrected, 0, 1};
}

/* Dozat 2016: Nesterov momentum with a momentum schedule. */
static pace nadam_pace(header *head, double rate) {
  head->decay_1 *= 0.96;
  head->decay_2 *= BETA_2;
  const double now = BETA_1 * (1 - 0.5 * head->decay_1);
  const double next = BETA_1 * (1 - 0.5 * head->decay_1 * 0.96);
  head->schedule *= now;
  return (pace){(float)(rate * next / (1 - head->schedule * next)),
                (float)(rate * (1 - now) / (1 - head->schedule)),
                (float)(1 / __builtin_sqrt(1 - head->decay_2))};
}

INLINE void step_by_moments(network *n, pace by, const int looks_ahead) {
  float *values = n->parameters, *first = n->moments[0], *second = n->moments[1];
  const float *gradients = n->gradients;
  for (size_t i = 0; i < n->parameter_count; i += LANES) {
    const vec g = load(gradients + i);
    const vec m = settle(load(first + i) + (g - load(first + i)) * (float)(1 - BETA_1));
    const vec v = settle(load(second + i) + (g * g - load(second + i)) * (float)(1 - BETA_2));
    store(first + i, m);
    store(second + i, v);
    const vec ahead = looks_ahead ? m * by.of_moment + g * by.of_gradient : m * by.of_moment;
    const vec root = looks_ahead ? sqrt_of(v) * by.root_scale : sqrt_of(v);
    store(values + i, load(values + i) - ahead / (root + EPSILON));
  }
}

/* Tieleman and Hinton 2012, not centred; epsilon inside the root as in Keras. */
static void step_rmsprop(network *n, float rate) {
  float *values = n->parameters, *second = n->moments[1];
  for (size_t i = 0; i < n->parameter_count; i += LANES) {
    const vec g = load(n->gradients + i);
    const vec v = settle(load(second + i) * (float)RHO + g * g * (float)(1 - RHO));
    store(second + i, v);
    store(values + i, load(values + i) - rate * g / sqrt_of(v + EPSILON));
  }
}

static void step_sgd(network *n, float rate, float momentum) {
  float *values = n->parameters, *first = n->moments[0];
  for (size_t i = 0; i < n->parameter_count; i += LANES) {
    const vec m = settle(load(first + i) * momentum - load(n->gradients + i) * rate);
    store(first + i, m);
    store(values + i, load(values + i) + m);
  }
}

static void update(network *n, double rate) {
  header *head = n->head;
  head->steps++;
  switch ((int)head->spec[TK_OPTIMIZER]) {
    case TK_ADAM:
      step_by_moments(n, adam_pace(head, rate), 0);
      break;
    case TK_NADAM:
      step_by_moments(n, nadam_pace(head, rate), 1);
      break;
    case TK_RMSPROP:
      step_rmsprop(n, (float)rate);
      break;
    case TK_SGD:
      step_sgd(n, (float)rate, (float)head->spec[TK_MOMENTUM]);
      break;
  }
}

#endif
