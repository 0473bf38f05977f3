/*
 * The kernel's functions for Node, through Node-API. Callers (native-kernel.ts) have checked shapes and row numbers;
 * here only the types of arguments are checked.
 */
#include <node_api.h>
#include <stddef.h>

#include "cpu_level.h"
#include "training_kernel.h"

#define MOST_ARGUMENTS 11

/* Arguments of a call; after a wrong one an exception is pending and `is_sound` is 0. */
typedef struct {
  napi_env env;
  napi_value values[MOST_ARGUMENTS];
  size_t count;
  int is_sound;
} arguments;

static arguments read_arguments(napi_env env, napi_callback_info info) {
  arguments given = {.env = env, .count = MOST_ARGUMENTS, .is_sound = 1};
  if (napi_get_cb_info(env, info, &given.count, given.values, NULL, NULL) != napi_ok) given.is_sound = 0;
  return given;
}

static void refuse(arguments *given, const char *message) {
  if (given->is_sound) napi_throw_type_error(given->env, NULL, message);
  given->is_sound = 0;
}

/* Memory of a typed array of the wanted type; NULL for null. */
static void *array_at(arguments *given, size_t index, napi_typedarray_type wanted) {
  napi_valuetype type = napi_undefined;
  void *data = NULL;
  napi_typedarray_type found;
  if (index < given->count) napi_typeof(given->env, given->values[index], &type);
  if (type == napi_null) return NULL;
  const napi_status status =
      index < given->count
          ? napi_get_typedarray_info(given->env, given->values[index], &found, NULL, &data, NULL, NULL)
          : napi_invalid_arg;
  if (status != napi_ok || found != wanted) {
    refuse(given, "training kernel: an argument is not the typed array it should be");
    return NULL;
  }
  return data;
}

static double number_at(arguments *given, size_t index) {
  double value = 0;
  if (index >= given->count || napi_get_value_double(given->env, given->values[index], &value) != napi_ok)
    refuse(given, "training kernel: an argument is not the number it should be");
  return value;
}

static napi_value number_value(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

/* Arguments 1 to 8: features, codes, labels, weights, order, count, class weight of 0 and of 1. */
static tk_rows rows_at(arguments *given) {
  tk_rows rows;
  rows.features = array_at(given, 1, napi_float32_array);
  rows.codes = array_at(given, 2, napi_uint16_array);
  rows.labels = array_at(given, 3, napi_uint8_array);
  rows.weights = array_at(given, 4, napi_float32_array);
  rows.order = array_at(given, 5, napi_uint32_array);
  rows.count = (size_t)number_at(given, 6);
  rows.class_weights[0] = (float)number_at(given, 7);
  rows.class_weights[1] = (float)number_at(given, 8);
  return rows;
}

static napi_value spec_fault(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  const double *spec = array_at(&given, 0, napi_float64_array);
  return given.is_sound ? number_value(env, tk_spec_fault(spec)) : NULL;
}

static napi_value network_bytes(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  const double *spec = array_at(&given, 0, napi_float64_array);
  return given.is_sound ? number_value(env, tk_network_bytes(spec)) : NULL;
}

/* Bytes from the array's start to the first address that the kernel can use. */
static napi_value misalignment(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  const uintptr_t address = (uintptr_t)array_at(&given, 0, napi_uint8_array);
  return given.is_sound ? number_value(env, (double)((TK_ALIGNMENT - address % TK_ALIGNMENT) % TK_ALIGNMENT)) : NULL;
}

static napi_value init(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  void *network = array_at(&given, 0, napi_uint8_array);
  const double *spec = array_at(&given, 1, napi_float64_array);
  if (given.is_sound) tk_init(network, spec);
  return NULL;
}

static napi_value layout(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  const void *network = array_at(&given, 0, napi_uint8_array);
  double *fields = array_at(&given, 1, napi_float64_array);
  if (given.is_sound) tk_layout(network, fields);
  return NULL;
}

static napi_value train(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  void *network = array_at(&given, 0, napi_uint8_array);
  const tk_rows rows = rows_at(&given);
  const double learning_rate = number_at(&given, 9);
  double *sums = array_at(&given, 10, napi_float64_array);
  if (given.is_sound) tk_train(network, &rows, learning_rate, sums);
  return NULL;
}

static napi_value sum_over_rows(napi_env env, napi_callback_info info,
                                void (*add)(void *network, const tk_rows *rows, double *sums)) {
  arguments given = read_arguments(env, info);
  void *network = array_at(&given, 0, napi_uint8_array);
  const tk_rows rows = rows_at(&given);
  double *sums = array_at(&given, 9, napi_float64_array);
  if (given.is_sound) add(network, &rows, sums);
  return NULL;
}

static napi_value gradients(napi_env env, napi_callback_info info) { return sum_over_rows(env, info, tk_gradients); }

static napi_value evaluate(napi_env env, napi_callback_info info) { return sum_over_rows(env, info, tk_evaluate); }

static napi_value predict(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  void *network = array_at(&given, 0, napi_uint8_array);
  const tk_rows rows = rows_at(&given);
  float *logits = array_at(&given, 9, napi_float32_array);
  if (given.is_sound) tk_predict(network, &rows, logits);
  return NULL;
}

static napi_value is_finite(napi_env env, napi_callback_info info) {
  arguments given = read_arguments(env, info);
  const void *network = array_at(&given, 0, napi_uint8_array);
  return given.is_sound ? number_value(env, tk_is_finite(network)) : NULL;
}

/* 2, 3 or 4 for x86-64-v2, v3 and v4; 0 on processors without such levels. */
static napi_value cpu_level_of_host(napi_env env, napi_callback_info info) {
  (void)info;
  return number_value(env, cpu_level());
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback function;
  } all[] = {
      {"specFault", spec_fault}, {"networkBytes", network_bytes}, {"misalignment", misalignment},
      {"init", init},            {"layout", layout},              {"train", train},
      {"gradients", gradients},  {"evaluate", evaluate},          {"predict", predict},
      {"isFinite", is_finite},   {"cpuLevel", cpu_level_of_host},
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    napi_value function = NULL;
    if (napi_create_function(env, all[i].name, NAPI_AUTO_LENGTH, all[i].function, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, all[i].name, function) != napi_ok)
      return NULL;
  }
  return exports;
}
