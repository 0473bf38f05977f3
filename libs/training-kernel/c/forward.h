/* Forward pass: from rows to logits. */
#ifndef FORWARD_H
#define FORWARD_H

#include "matrix_product.h"
#include "network.h"

#define PREFETCH_ROWS 12

INLINE size_t row_at(const tk_rows *rows, size_t at) { return rows->order ? rows->order[at] : at; }

/* Copies whole vectors, and the rest as one overlapping vector, so that nothing beyond the row is read. */
INLINE void copy_row(float *to, const float *from, size_t floats) {
  if (floats < LANES) {
    for (size_t j = 0; j < floats; j++) to[j] = from[j];
    return;
  }
  size_t j = 0;
  for (; j + LANES <= floats; j += LANES) store(to + j, load_loose(from + j));
  store_loose(to + floats - LANES, load_loose(from + floats - LANES));
}

/* Gathers rows [from, from + count) of `rows` contiguously. */
static void gather_batch(network *n, const tk_rows *rows, size_t from, size_t count) {
  const size_t dense = n->dense, groups = n->groups, line_floats = CACHE_LINE_FLOATS;
  for (size_t r = 0; r < count; r++) {
    if (from + r + PREFETCH_ROWS < rows->count && dense > 0) {
      const float *ahead = rows->features + row_at(rows, from + r + PREFETCH_ROWS) * dense;
      for (size_t j = 0; j < dense; j += line_floats) __builtin_prefetch(ahead + j);
    }
    const size_t row = row_at(rows, from + r);
    if (dense > 0) copy_row(n->batch + r * n->dense_stride, rows->features + row * dense, dense);
    for (size_t g = 0; g < groups; g++) n->batch_codes[r * groups + g] = rows->codes[row * groups + g];
  }
}

/* Labels and weights of the same rows; rows that pad the last vector have weight 0. */
static void gather_labels(network *n, const tk_rows *rows, size_t from, size_t count) {
  for (size_t r = 0; r < count; r++) {
    const size_t row = row_at(rows, from + r);
    const int is_goal = rows->labels[row] != 0;
    n->labels[r] = (float)is_goal;
    n->weights[r] = rows->class_weights[is_goal] * (rows->weights ? rows->weights[row] : 1.0f);
  }
  for (size_t r = count; r < padded(count); r++) n->labels[r] = n->weights[r] = n->logits[r] = 0;
}

/* Adds the kernel rows of the columns that are 1. */
static void add_coded_inputs(const network *n, const layer *l, size_t count) {
  const float *coded = l->kernel + l->inputs * l->stride;
  for (size_t r = 0; r < count; r++) {
    float *sums = l->output + r * l->stride;
    for (size_t g = 0; g < n->groups; g++) {
      const uint16_t code = n->batch_codes[r * n->groups + g];
      if (code == TK_NO_COLUMN) continue;
      const float *line = coded + (size_t)code * l->stride;
      for (size_t j = 0; j < l->stride; j += LANES) store(sums + j, load(sums + j) + load(line + j));
    }
  }
}

#define SELU_SCALE 1.05070098735548049342f
#define SELU_ALPHA 1.67326324235437728482f

/* Value of an activation and, into `slope`, its derivative. NaN stays NaN. */
INLINE vec activate(const int activation, vec x, vec *slope) {
  const vec one = fill(1.0f);
  if (activation == TK_RELU) return keep(~(x <= 0), x);
  if (activation == TK_TANH) {
    /* From e^-2|x|, which does not overflow. */
    const vec size = choose(x < 0, -x, x);
    const vec e = exp_of(-2.0f * size);
    const vec far = (1.0f - e) / (1.0f + e);
    /* Near 0 the quotient would suffer from cancellation: the odd series to x^9. */
    const vec x2 = x * x;
    vec p = x2 * (62.0f / 2835) - (17.0f / 315);
    p = p * x2 + (2.0f / 15);
    p = p * x2 - (1.0f / 3);
    const vec near = x + x * x2 * p;
    const vec value = choose(size < 0.25f, near, choose(x < 0, -far, far));
    *slope = one - value * value;
    return value;
  }
  const float scale = activation == TK_SELU ? SELU_SCALE : 1.0f;
  const float alpha = activation == TK_SELU ? SELU_SCALE * SELU_ALPHA : 1.0f;
  const ivec below = x <= 0;
  const vec e = exp_of(choose(below, x, fill(0.0f)));
  *slope = choose(below, e * alpha, fill(scale));
  return choose(below, (e - 1.0f) * alpha, x * scale);
}

/*
 * Bias, [batch norm's scaling,] activation and dropout of a layer whose sums are in `output`. All flags are
 * constants at the inlined call sites.
 */
INLINE void finish_layer(network *n, layer *l, size_t count, const int activation, const int drops, const int norms) {
  random_streams streams = load_streams(n->head->streams);
  const ivec drop_below = l->drop_below - (ivec){0};
  for (size_t j = 0; j < l->stride; j += PADDING) {
    for (size_t r = 0; r < count; r++) {
      UNROLL for (int i = 0; i < VECTORS_OF_STREAMS; i++) {
        const size_t column = j + (size_t)i * LANES, at = r * l->stride + column;
        vec x;
        if (norms)
          x = load(l->normalised + at) * load(l->gamma + column) + load(l->beta + column);
        else
          x = load(l->output + at) + load(l->bias + column);
        vec slope = fill(1.0f);
        vec value = activate(activation, x, &slope);
        if (drops) {
          const ivec kept = next_24_bits(&streams, i) >= drop_below;
          value = keep(kept, value * l->keep_scale);
          slope = keep(kept, slope * l->keep_scale);
        }
        store(l->output + at, value);
        if (activation != TK_RELU && l->passed) store(l->passed + at, slope);
      }
    }
  }
  if (drops) save_streams(n->head->streams, &streams);
}

static void finish(network *n, layer *l, size_t count, int drops) {
#define FINISH(activation)                                                    \
  case activation:                                                            \
    if (drops && l->batch_norm) finish_layer(n, l, count, activation, 1, 1);  \
    else if (drops) finish_layer(n, l, count, activation, 1, 0);              \
    else if (l->batch_norm) finish_layer(n, l, count, activation, 0, 1);      \
    else finish_layer(n, l, count, activation, 0, 0);                         \
    break;
  switch (l->activation) {
    FINISH(TK_RELU)
    FINISH(TK_TANH)
    FINISH(TK_ELU)
    FINISH(TK_SELU)
  }
#undef FINISH
}

/*
 * Batch norm (Ioffe and Szegedy 2015) as in Keras: biased variance; in training the batch's own statistics,
 * which also update the moving ones, otherwise the moving ones.
 */
static void normalise(network *n, layer *l, size_t count, int training) {
  const double *spec = n->head->spec;
  const float momentum = (float)spec[TK_NORM_MOMENTUM], epsilon = (float)spec[TK_NORM_EPSILON];
  const float share = 1.0f / (float)count;
  for (size_t j = 0; j < l->stride; j += LANES) {
    const vec bias = load(l->bias + j);
    vec mean = load(l->moving_mean + j), variance = load(l->moving_variance + j);
    if (training) {
      vec sum = fill(0.0f), squares = fill(0.0f);
      for (size_t r = 0; r < count; r++) sum += load(l->output + r * l->stride + j);
      const vec centre = sum * share;
      for (size_t r = 0; r < count; r++) {
        const vec distance = load(l->output + r * l->stride + j) - centre;
        squares += distance * distance;
      }
      const vec batch_mean = centre + bias, batch_variance = squares * share;
      store(l->moving_mean + j, mean * momentum + batch_mean * (1.0f - momentum));
      store(l->moving_variance + j, variance * momentum + batch_variance * (1.0f - momentum));
      mean = batch_mean;
      variance = batch_variance;
    }
    const vec inverse = 1.0f / sqrt_of(variance + epsilon);
    store(l->inverse_deviation + j, inverse);
    for (size_t r = 0; r < count; r++) {
      const size_t at = r * l->stride + j;
      store(l->normalised + at, (load(l->output + at) + bias - mean) * inverse);
    }
  }
}

/* Logits without hidden layers: the rows themselves times the output kernel. */
static void logits_of_inputs(network *n, size_t count) {
  for (size_t r = 0; r < count; r++) {
    const float *row = n->batch + r * n->dense_stride;
    float sum = n->output_bias[0];
    for (size_t j = 0; j < n->dense; j++) sum += row[j] * n->output_kernel[j];
    for (size_t g = 0; g < n->groups; g++) {
      const uint16_t code = n->batch_codes[r * n->groups + g];
      if (code != TK_NO_COLUMN) sum += n->output_kernel[n->dense + code];
    }
    n->logits[r] = sum;
  }
}

static void logits_of_hidden(network *n, const layer *last, size_t count) {
  for (size_t r = 0; r < count; r++) {
    const float *row = last->output + r * last->stride;
    vec sum = fill(0.0f);
    for (size_t j = 0; j < last->stride; j += LANES) sum += load(row + j) * load(n->output_kernel + j);
    n->logits[r] = n->output_bias[0] + sum_of(sum);
  }
}

/* Logits of the gathered batch. */
static void forward(network *n, size_t count, int training) {
  const float *input = n->batch;
  size_t input_stride = n->dense_stride;
  for (int i = 0; i < n->hidden; i++) {
    layer *l = &n->layers[i];
    const product sums = {.left = input, .row_step = input_stride, .k_step = 1,
                          .right = l->kernel, .right_step = l->stride,
                          .result = l->output, .result_step = l->stride,
                          .rows = count, .columns = l->stride, .inner = l->inputs};
    multiply(&sums);
    if (i == 0 && n->groups > 0) add_coded_inputs(n, l, count);
    if (l->batch_norm) normalise(n, l, count, training);
    finish(n, l, count, training && l->drop_below > 0);
    input = l->output;
    input_stride = l->stride;
  }
  if (n->hidden == 0)
    logits_of_inputs(n, count);
  else
    logits_of_hidden(n, &n->layers[n->hidden - 1], count);
}

/*
 * Adds to the sums, and stores in `errors` the derivative of the batch's mean loss with respect to each logit.
 * Source of the stable form: TensorFlow, sigmoid_cross_entropy_with_logits.
 */
static void measure_loss(network *n, size_t count, double *sums) {
  const float share = 1.0f / (float)count;
  double loss = 0, weight = 0, correct = 0;
  for (size_t r = 0; r < count; r += LANES) {
    const vec z = load(n->logits + r), label = load(n->labels + r), w = load(n->weights + r);
    const ivec below = z < 0;
    const vec u = exp_of(choose(below, z, -z));
    const vec p = choose(below, u, fill(1.0f)) / (1.0f + u);
    store(n->errors + r, (p - label) * w * share);
    const vec losses = (keep(~below, z) - z * label + log1p_of(u)) * w;
    UNROLL for (int lane = 0; lane < LANES; lane++) {
      loss += losses[lane];
      weight += w[lane];
    }
  }
  for (size_t r = 0; r < count; r++) correct += (n->logits[r] > 0) == (n->labels[r] > 0);
  sums[TK_ROWS] += (double)count;
  sums[TK_WEIGHT] += weight;
  sums[TK_LOSS] += loss;
  sums[TK_CORRECT] += correct;
}

#endif
