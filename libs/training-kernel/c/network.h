/* The layout of a network in the caller's memory, and the pointers to its parts during a call. */
#ifndef NETWORK_H
#define NETWORK_H

#include "random_masks.h"
#include "training_kernel.h"

/* Minimum number of rows that evaluation and prediction process at a time. */
#define FORWARD_ROWS 256
#define CACHE_LINE_FLOATS 16

/* The fixed part of the state. */
typedef struct {
  double spec[TK_SPEC_FIELDS];
  double steps;
  /* Products of the optimizer's decays over all steps. */
  double decay_1;
  double decay_2;
  double schedule;
  uint32_t streams[STREAMS];
} header;

typedef struct {
  size_t inputs;         /* rows of the kernel for dense inputs */
  size_t stride;         /* units, padded */
  size_t units;
  int activation;
  int batch_norm;
  int32_t drop_below;    /* of 2^24 */
  float keep_scale;
  float l2;
  float *kernel;         /* [inputs + coded, stride] */
  float *bias;
  float *gamma, *beta;
  float *moving_mean, *moving_variance;
  float *output;         /* [batch, stride], after activation and dropout */
  float *slopes;         /* [batch, stride], derivative of the loss by the sums before the activation (and batch norm) */
  float *passed;         /* [batch, stride], derivative of the output by the sum before the activation; NULL for relu, which needs none */
  float *normalised;     /* [batch, stride], batch norm only */
  float *inverse_deviation;
  float *transposed;     /* [units, padded inputs]; NULL for the first layer */
} layer;

typedef struct {
  header *head;
  size_t dense, dense_stride, coded, groups, batch_rows;
  int hidden;
  layer layers[TK_MAX_HIDDEN];
  size_t output_inputs;   /* floats of the output kernel */
  float *output_kernel, *output_bias;
  float output_l2;
  float *parameters;
  size_t parameter_count;
  float *moments[2];
  float *gradients;
  size_t state_floats, total_floats;
  float *batch;           /* [batch, dense_stride], gathered features */
  uint16_t *batch_codes;  /* [batch, groups] */
  float *labels, *weights, *logits, *errors;   /* [batch] */
} network;

INLINE size_t padded(size_t floats) { return (floats + PADDING - 1) / PADDING * PADDING; }

/* Allocates parts of the memory; without memory it only counts. */
typedef struct {
  float *base;
  size_t used;
} arena;

static float *take(arena *from, size_t floats) {
  float *part = from->base ? from->base + from->used : NULL;
  from->used += padded(floats);
  return part;
}

static const double *layer_spec(const double *spec, int index) {
  return spec + TK_FIRST_LAYER + index * TK_LAYER_FIELDS;
}

static void read_settings(network *n, const double *spec) {
  n->dense = (size_t)spec[TK_DENSE_INPUTS];
  n->dense_stride = padded(n->dense);
  n->coded = (size_t)spec[TK_CODED_INPUTS];
  n->groups = (size_t)spec[TK_CODE_GROUPS];
  n->hidden = (int)spec[TK_HIDDEN_LAYERS];
  n->batch_rows = (size_t)spec[TK_BATCH_ROWS];
  n->output_l2 = (float)spec[TK_OUTPUT_L2];
  size_t inputs = n->dense;
  for (int i = 0; i < n->hidden; i++) {
    layer *l = &n->layers[i];
    const double *from = layer_spec(spec, i);
    l->inputs = inputs;
    l->units = (size_t)from[TK_UNITS];
    l->stride = padded(l->units);
    l->activation = (int)from[TK_ACTIVATION];
    l->batch_norm = from[TK_BATCH_NORM] != 0;
    l->drop_below = (int32_t)(from[TK_DROPOUT] * 16777216.0);
    l->keep_scale = (float)(1.0 / (1.0 - from[TK_DROPOUT]));
    l->l2 = (float)from[TK_L2];
    inputs = l->units;
  }
  n->output_inputs = n->hidden ? n->layers[n->hidden - 1].stride : padded(n->dense + n->coded);
}

/* Points a view at its memory, or only counts when `memory` is NULL. */
static void open_network(network *n, void *memory, const double *spec) {
  read_settings(n, spec);
  arena from = {(float *)memory, 0};
  n->head = (header *)(void *)take(&from, sizeof(header) / sizeof(float));

  n->parameters = take(&from, 0);
  const size_t first = from.used;
  for (int i = 0; i < n->hidden; i++) {
    layer *l = &n->layers[i];
    l->kernel = take(&from, (l->inputs + (i == 0 ? n->coded : 0)) * l->stride);
    l->bias = take(&from, l->stride);
    l->gamma = l->batch_norm ? take(&from, l->stride) : NULL;
    l->beta = l->batch_norm ? take(&from, l->stride) : NULL;
  }
  n->output_kernel = take(&from, n->output_inputs);
  n->output_bias = take(&from, 1);
  n->parameter_count = from.used - first;
  n->moments[0] = take(&from, n->parameter_count);
  n->moments[1] = take(&from, n->parameter_count);
  for (int i = 0; i < n->hidden; i++) {
    layer *l = &n->layers[i];
    l->moving_mean = l->batch_norm ? take(&from, l->stride) : NULL;
    l->moving_variance = l->batch_norm ? take(&from, l->stride) : NULL;
  }
  n->state_floats = from.used;

  const size_t rows = padded(n->batch_rows > FORWARD_ROWS ? n->batch_rows : FORWARD_ROWS);
  n->gradients = take(&from, n->parameter_count);
  n->batch = take(&from, rows * n->dense_stride);
  n->batch_codes = (uint16_t *)(void *)take(&from, (rows * n->groups + 1) / 2);
  n->labels = take(&from, rows);
  n->weights = take(&from, rows);
  n->logits = take(&from, rows);
  n->errors = take(&from, rows);
  for (int i = 0; i < n->hidden; i++) {
    layer *l = &n->layers[i];
    l->output = take(&from, rows * l->stride);
    l->slopes = take(&from, rows * l->stride);
    l->passed = l->activation == TK_RELU ? NULL : take(&from, rows * l->stride);
    l->normalised = l->batch_norm ? take(&from, rows * l->stride) : NULL;
    l->inverse_deviation = l->batch_norm ? take(&from, l->stride) : NULL;
    l->transposed = i == 0 ? NULL : take(&from, l->units * padded(l->inputs));
  }
  n->total_floats = from.used;
}

/* Maximum number of rows of one forward pass. */
INLINE size_t forward_rows(const network *n) {
  return n->batch_rows > FORWARD_ROWS ? n->batch_rows : FORWARD_ROWS;
}

/* A parameter's position among the gradients. */
INLINE float *gradient_of(const network *n, const float *parameter) {
  return n->gradients + (parameter - n->parameters);
}

#endif
