/* Backward pass: from the errors of the logits to the gradients of the batch's mean loss. */
#ifndef BACKWARD_H
#define BACKWARD_H

#include "forward.h"

/* Multiplies `slopes` by the derivative of a layer's output with respect to its sum. */
INLINE vec through_activation(const layer *l, size_t at, vec slopes) {
  if (l->passed) return slopes * load(l->passed + at);
  return keep(load(l->output + at) > 0, slopes * l->keep_scale);
}

/* Gradients of the output unit, and the slopes of the last hidden layer. */
static void backward_output(network *n, size_t count) {
  float *kernel_gradient = gradient_of(n, n->output_kernel);
  float bias_gradient = 0;
  for (size_t r = 0; r < count; r++) bias_gradient += n->errors[r];
  gradient_of(n, n->output_bias)[0] = bias_gradient;
  if (n->hidden == 0) {
    for (size_t j = 0; j < n->output_inputs; j++) kernel_gradient[j] = 0;
    for (size_t r = 0; r < count; r++) {
      const float error = n->errors[r];
      const float *row = n->batch + r * n->dense_stride;
      for (size_t j = 0; j < n->dense; j++) kernel_gradient[j] += error * row[j];
      for (size_t g = 0; g < n->groups; g++) {
        const uint16_t code = n->batch_codes[r * n->groups + g];
        if (code != TK_NO_COLUMN) kernel_gradient[n->dense + code] += error;
      }
    }
    return;
  }
  layer *last = &n->layers[n->hidden - 1];
  float *sum_gradient = gradient_of(n, last->bias);
  for (size_t j = 0; j < last->stride; j += LANES) {
    const vec kernel = load(n->output_kernel + j);
    vec by_kernel = fill(0.0f), by_sum = fill(0.0f);
    for (size_t r = 0; r < count; r++) {
      const size_t at = r * last->stride + j;
      const vec error = fill(n->errors[r]);
      by_kernel += error * load(last->output + at);
      const vec slopes = through_activation(last, at, error * kernel);
      store(last->slopes + at, slopes);
      by_sum += slopes;
    }
    store(kernel_gradient + j, by_kernel);
    store(sum_gradient + j, by_sum);
  }
}

/* Converts slopes after the scaling of batch norm to those before it (Ioffe and Szegedy 2015, section 3). */
static void backward_norm(network *n, layer *l, size_t count) {
  float *gamma = gradient_of(n, l->gamma), *beta = gradient_of(n, l->beta), *bias = gradient_of(n, l->bias);
  const float share = 1.0f / (float)count;
  for (size_t j = 0; j < l->stride; j += LANES) {
    vec by_gamma = fill(0.0f), by_beta = fill(0.0f), by_bias = fill(0.0f);
    for (size_t r = 0; r < count; r++) {
      const size_t at = r * l->stride + j;
      by_gamma += load(l->slopes + at) * load(l->normalised + at);
      by_beta += load(l->slopes + at);
    }
    const vec scale = load(l->gamma + j) * load(l->inverse_deviation + j);
    for (size_t r = 0; r < count; r++) {
      const size_t at = r * l->stride + j;
      const vec centred = load(l->slopes + at) - (by_beta + load(l->normalised + at) * by_gamma) * share;
      store(l->slopes + at, centred * scale);
      by_bias += centred * scale;
    }
    store(gamma + j, by_gamma);
    store(beta + j, by_beta);
    store(bias + j, by_bias);
  }
}

/* Transposes a block of 4 x 4 floats. */
INLINE void turn_4_by_4(float *to, size_t to_step, const float *from, size_t from_step) {
  UNROLL for (int i = 0; i < 4; i++)
    UNROLL for (int j = 0; j < 4; j++) to[(size_t)j * to_step + i] = from[(size_t)i * from_step + j];
}

static void transpose_kernel(layer *l) {
  const size_t inputs = padded(l->inputs);
  size_t i = 0;
  for (; i + 4 <= l->inputs; i += 4) {
    size_t j = 0;
    for (; j + 4 <= l->units; j += 4)
      turn_4_by_4(l->transposed + j * inputs + i, inputs, l->kernel + i * l->stride + j, l->stride);
    for (; j < l->units; j++)
      for (size_t k = i; k < i + 4; k++) l->transposed[j * inputs + k] = l->kernel[k * l->stride + j];
  }
  for (; i < l->inputs; i++)
    for (size_t j = 0; j < l->units; j++) l->transposed[j * inputs + i] = l->kernel[i * l->stride + j];
}

/* Slopes of the layer below, and its bias's gradient. */
static void backward_inputs(network *n, layer *l, layer *below, size_t count) {
  transpose_kernel(l);
  const product slopes = {.left = l->slopes, .row_step = l->stride, .k_step = 1,
                          .right = l->transposed, .right_step = padded(l->inputs),
                          .result = below->slopes, .result_step = below->stride,
                          .rows = count, .columns = below->stride, .inner = l->units};
  multiply(&slopes);
  float *sum_gradient = gradient_of(n, below->bias);
  for (size_t j = 0; j < below->stride; j += LANES) {
    vec by_sum = fill(0.0f);
    for (size_t r = 0; r < count; r++) {
      const size_t at = r * below->stride + j;
      const vec passed = through_activation(below, at, load(below->slopes + at));
      store(below->slopes + at, passed);
      by_sum += passed;
    }
    store(sum_gradient + j, by_sum);
  }
}

static void add_coded_gradients(network *n, const layer *l, size_t count) {
  float *gradient = gradient_of(n, l->kernel) + l->inputs * l->stride;
  for (size_t j = 0; j < n->coded * l->stride; j += LANES) store(gradient + j, fill(0.0f));
  for (size_t r = 0; r < count; r++) {
    const float *slopes = l->slopes + r * l->stride;
    for (size_t g = 0; g < n->groups; g++) {
      const uint16_t code = n->batch_codes[r * n->groups + g];
      if (code == TK_NO_COLUMN) continue;
      float *line = gradient + (size_t)code * l->stride;
      for (size_t j = 0; j < l->stride; j += LANES) store(line + j, load(line + j) + load(slopes + j));
    }
  }
}

INLINE void add_penalty(const network *n, const float *kernel, size_t floats, float l2) {
  if (l2 == 0) return;
  float *gradient = gradient_of(n, kernel);
  for (size_t j = 0; j < floats; j += LANES)
    store(gradient + j, load(gradient + j) + 2.0f * l2 * load(kernel + j));
}

/* Fills `gradients` from `errors`. */
static void backward(network *n, size_t count) {
  backward_output(n, count);
  add_penalty(n, n->output_kernel, n->output_inputs, n->output_l2);
  for (int i = n->hidden - 1; i >= 0; i--) {
    layer *l = &n->layers[i];
    if (l->batch_norm) backward_norm(n, l, count);
    const layer *below = i > 0 ? &n->layers[i - 1] : NULL;
    const product gradient = {.left = below ? below->output : n->batch,
                              .row_step = 1, .k_step = below ? below->stride : n->dense_stride,
                              .right = l->slopes, .right_step = l->stride,
                              .result = gradient_of(n, l->kernel), .result_step = l->stride,
                              .rows = l->inputs, .columns = l->stride, .inner = count};
    multiply(&gradient);
    if (i == 0 && n->groups > 0) add_coded_gradients(n, l, count);
    add_penalty(n, l->kernel, (l->inputs + (i == 0 ? n->coded : 0)) * l->stride, l->l2);
    if (i > 0) backward_inputs(n, l, &n->layers[i - 1], count);
  }
}

#endif
