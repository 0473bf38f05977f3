/*
 * Training kernel: one small dense network, trained and evaluated inside single calls.
 *
 * The network is Dense - [BatchNorm] - activation - dropout, zero to four times, then one unit whose output is a
 * logit; the loss is binary cross-entropy. All functions work on memory of the caller: they allocate nothing, keep
 * no global state and call no library, so the same source is a native library and a WebAssembly module.
 *
 * A specification is TK_SPEC_FIELDS doubles (see `enum`). A network's memory starts with its state (settings,
 * parameters, optimizer state, random streams), which may be copied byte by byte to continue elsewhere on the same
 * build; scratch space follows. Memory must be aligned to TK_ALIGNMENT bytes.
 */
#ifndef TRAINING_KERNEL_H
#define TRAINING_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define TK_ALIGNMENT 64
#define TK_MAX_HIDDEN 4
#define TK_MAX_UNITS 1024
#define TK_MAX_INPUTS 65535
#define TK_MAX_BATCH 65536
/* The code of a row in which all columns of a group are 0. */
#define TK_NO_COLUMN 0xffff

enum {
  TK_DENSE_INPUTS,      /* columns of the feature matrix */
  TK_CODED_INPUTS,      /* one-hot columns kept as codes; they follow the dense ones in the first kernel */
  TK_CODE_GROUPS,       /* codes in a row */
  TK_HIDDEN_LAYERS,     /* 0 to TK_MAX_HIDDEN */
  TK_OPTIMIZER,         /* TK_ADAM ... */
  TK_MOMENTUM,          /* of sgd, [0, 1) */
  TK_BATCH_ROWS,        /* rows of a full batch */
  TK_SEED,              /* of the dropout masks, unsigned 32 bits */
  TK_NORM_MOMENTUM,     /* of batch norm's moving statistics, [0, 1) */
  TK_NORM_EPSILON,      /* added to batch norm's variances, > 0 */
  TK_OUTPUT_L2,         /* weight of the sum of squares of the output kernel, >= 0 */
  TK_FIRST_LAYER,       /* TK_LAYER_FIELDS fields for each of TK_MAX_HIDDEN layers */
  TK_UNITS = 0,         /* 1 to TK_MAX_UNITS */
  TK_ACTIVATION,        /* TK_RELU ... */
  TK_DROPOUT,           /* share of outputs dropped in training, [0, 1) */
  TK_L2,                /* as TK_OUTPUT_L2 */
  TK_BATCH_NORM,        /* 0 or 1 */
  TK_LAYER_FIELDS,
  TK_SPEC_FIELDS = TK_FIRST_LAYER + TK_MAX_HIDDEN * TK_LAYER_FIELDS
};

enum { TK_ADAM, TK_NADAM, TK_RMSPROP, TK_SGD };
enum { TK_RELU, TK_TANH, TK_ELU, TK_SELU };

/* Positions of a network's numbers: float indices from its memory's start, see tk_layout. */
enum {
  TK_STATE_BYTES,
  TK_PARAMETERS,        /* all parameters are contiguous; padding between them is 0 and stays 0 */
  TK_PARAMETER_COUNT,
  TK_GRADIENTS,         /* of the last batch, at the same offsets as the parameters */
  TK_FIRST_PLACE,       /* TK_PLACE_FIELDS fields for each hidden layer, then for the output */
  TK_KERNEL = 0,        /* [inputs, stride], row-major; the output's: [inputs] */
  TK_STRIDE,            /* floats between rows of the kernel; 1 for the output */
  TK_BIAS,              /* [units] */
  TK_GAMMA,             /* [units], batch norm only; beta follows at + stride */
  TK_MOVING_MEAN,       /* [units], batch norm only; the moving variance follows at + stride */
  TK_PLACE_FIELDS,
  TK_LAYOUT_FIELDS = TK_FIRST_PLACE + (TK_MAX_HIDDEN + 1) * TK_PLACE_FIELDS
};

/* Sums over rows, so that the sums of parts of any size can be added. */
enum {
  TK_ROWS,
  TK_WEIGHT,            /* sum of the rows' weights; without weights the number of rows */
  TK_LOSS,              /* weighted binary cross-entropies, nats; NaN or infinite once the network diverged */
  TK_CORRECT,           /* correctly classified rows at probability .5, unweighted */
  TK_SUMS
};

/* Input rows. Arrays that do not apply are NULL. */
typedef struct {
  const float *features;    /* [rows, dense inputs], row-major */
  const uint16_t *codes;    /* [rows, code groups], row-major: coded column or TK_NO_COLUMN */
  const uint8_t *labels;    /* [rows], 1 = goal */
  const float *weights;     /* [rows]; NULL = 1 */
  const uint32_t *order;    /* [count]; NULL = rows 0 to count - 1 */
  size_t count;
  float class_weights[2];   /* factor on the weight of rows with label 0 and 1 */
} tk_rows;

/* Index of the first field of a specification that is out of range, or -1. */
int32_t tk_spec_fault(const double *spec);
/* Bytes of a network's memory; state first. `spec` must be valid. */
double tk_network_bytes(const double *spec);
/* Initialises a network: parameters 0 (gamma and moving variance 1), empty optimizer state. */
void tk_init(void *network, const double *spec);
/* Fills TK_LAYOUT_FIELDS doubles. */
void tk_layout(const void *network, double *layout);
/* One update for each batch of `rows`, the last one may be shorter. Adds to TK_SUMS doubles. */
void tk_train(void *network, const tk_rows *rows, double learning_rate, double *sums);
/* The gradients of `rows` as one batch (at most TK_BATCH_ROWS), without an update. Adds to TK_SUMS doubles. */
void tk_gradients(void *network, const tk_rows *rows, double *sums);
/* Loss without dropout, with batch norm's moving statistics. Adds to TK_SUMS doubles. */
void tk_evaluate(void *network, const tk_rows *rows, double *sums);
/* Logits of `rows`, in their order. */
void tk_predict(void *network, const tk_rows *rows, float *logits);
/* 1 when every parameter is a finite number. */
int32_t tk_is_finite(const void *network);

#endif
